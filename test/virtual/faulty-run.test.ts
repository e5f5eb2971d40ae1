import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { anyFaultyRun, playFaultyRun } from './faulty-run.ts';

/** Five hundred of them in `npm run soak`. */
test('whatever goes wrong with calls, tasks and by others: no green on a wrong end, no second deployment', async () => {
  let runs = 0;
  const property = fc.asyncProperty(anyFaultyRun, async (run) => {
    runs += 1;
    await playFaultyRun(run);
  });
  await fc.assert(property, { numRuns: 40, seed: 20261121 });
  expect(runs).toBe(40);
}, 120_000);
