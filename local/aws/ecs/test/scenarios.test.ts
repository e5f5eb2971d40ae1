import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { anyScenario, playScenario } from './random-rollout.ts';

/** Longer runs: `npm run soak`. */
const RUNS = 500;

describe('in any scenario through the SDK', () => {
  it('bounds, counts, the one PRIMARY and the end of every deployment hold', async () => {
    await fc.assert(fc.asyncProperty(anyScenario, playScenario), { numRuns: RUNS });
  });
});
