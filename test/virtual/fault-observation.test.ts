import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyObservation, assertJudgedRight } from './fault-observation.ts';

const RUNS = 10_000;

test('10,000 deployments seen lost, repeated, old and out of order: no green on a wrong end, no second deployment, nothing left suspended', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(anyObservation, (observation) => {
      const { word } = assertJudgedRight(observation);
      seen.set(word, (seen.get(word) ?? 0) + 1);
    }),
    { numRuns: RUNS, seed: 20261121 },
  );
  expect([...seen.values()].reduce((a, b) => a + b)).toBe(RUNS);
  for (const word of [
    'succeeded',
    'scaled-to-zero',
    'rolled-back',
    'failed',
    'superseded',
    'stopped',
    'unknown',
  ])
    expect(seen.get(word)).toBeGreaterThan(100);
}, 60_000);
