import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { playScenario } from '../random/play.ts';
import { anyRollingScenario, type Scenario } from '../random/scenario.ts';

/** The same in each run; others, and more of them: `npm run soak`. The other half is shifting deployments. */
const RUNS = { numRuns: 5000, seed: 1 };
const PATIENCE_MS = 600_000;

describe('in five thousand scenarios of rolling deployments', () => {
  it(
    'bounds hold, weights add up, and each deployment ends or waits for a reason it tells',
    async () => {
      const seen = new Set<string>();
      const play = async (scenario: Scenario) => {
        const { status, hasEnded } = await playScenario(scenario, { way: 'operations' });
        seen.add(hasEnded ? status : 'goes on');
      };
      await fc.assert(fc.asyncProperty(anyRollingScenario, play), RUNS);
      const ends = ['ROLLBACK_FAILED', 'ROLLBACK_SUCCESSFUL', 'STOPPED', 'SUCCESSFUL', 'goes on'];
      expect([...seen].sort()).toEqual(ends);
    },
    PATIENCE_MS,
  );
});
