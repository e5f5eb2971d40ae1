import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyFaultSequence, playFaultSequence } from './fault-sequence.ts';
import { closeStages } from './stage.ts';

afterAll(closeStages);

/** Side by side, because the SDK's own waits between two tries are of the wall clock. */
const LANES = 10;
const RUNS_A_LANE = 50;
const ENDS = [
  'waited succeeded',
  'waited rolled-back',
  'waited superseded',
  'waited failed',
  'waited none',
  'back succeeded',
  'back rolled-back',
  'left true',
  'left false',
];

describe('five hundred jobs with random faults in calls, tasks and by others', () => {
  test('are never green on a wrong end, never deploy twice in a step, and leave no autoscaling suspended', async () => {
    const ends = new Map<string, number>();
    let runs = 0;
    const lane = (index: number) =>
      fc.assert(
        fc.asyncProperty(anyFaultSequence, async (sequence) => {
          const { waited, rolledBack, isHoldLeft } = await playFaultSequence(sequence);
          runs += 1;
          for (const end of [`waited ${waited}`, `back ${rolledBack}`, `left ${isHoldLeft}`])
            ends.set(end, (ends.get(end) ?? 0) + 1);
        }),
        { numRuns: RUNS_A_LANE, seed: 20261121 + index },
      );
    await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)));
    expect(runs).toBe(LANES * RUNS_A_LANE);
    // Each kind of end occurs, so that each has been looked at.
    for (const end of ENDS) expect(ends.get(end)).toBeGreaterThan(0);
  }, 600_000);
});
