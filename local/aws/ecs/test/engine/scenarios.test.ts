import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { playScenario } from '../random/play.ts';
import { anyScenario } from '../random/scenario.ts';

const PATIENCE_MS = 300_000;

describe('in ten thousand scenarios of any strategy', () => {
  it(
    'bounds hold, weights add up, and each deployment ends or waits for a reason it tells',
    async () => {
      const seen = new Set<string>();
      const play = async (scenario: Parameters<typeof playScenario>[0]) => {
        const { status, hasEnded } = await playScenario(scenario, { way: 'operations' });
        seen.add(hasEnded ? status : 'goes on');
      };
      await fc.assert(fc.asyncProperty(anyScenario, play), { numRuns: 10_000, seed: 1 });
      const ends = ['ROLLBACK_FAILED', 'ROLLBACK_SUCCESSFUL', 'STOPPED', 'SUCCESSFUL', 'goes on'];
      expect([...seen].sort()).toEqual(ends);
    },
    PATIENCE_MS,
  );
});
