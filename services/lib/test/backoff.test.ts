import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { backoffMs } from '../backoff.ts';

const limits = { baseMs: 2_000, maxMs: 900_000 };

test.each([
  [0, 2_000],
  [1, 4_000],
  [5, 64_000],
  [9, 900_000],
  [5_000, 900_000],
])('waits at most the doubled base after attempt %i', (attempt, mostMs) => {
  expect(backoffMs(attempt, limits, () => 0.999999)).toBeLessThanOrEqual(mostMs);
  expect(backoffMs(attempt, limits, () => 0.5)).toBe(mostMs / 2);
});

test('never waits less than nothing nor more than the limit', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const ms = backoffMs(attempt, limits, () => chance);
      return ms >= 0 && ms <= limits.maxMs;
    }),
  );
});
