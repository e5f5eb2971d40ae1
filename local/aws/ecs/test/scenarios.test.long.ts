import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { assertSameAfterLoad, playScenario } from './random/play.ts';
import { anyScenario } from './random/scenario.ts';

/** The same scenarios in each run; others, and far more of them: `npm run soak`. */
const SEED = 1;
const PATIENCE_MS = 600_000;

describe('in any scenario through the SDK', () => {
  it(
    'bounds, counts, weights, the one PRIMARY and the end of every deployment hold',
    async () => {
      const play = async (scenario: Parameters<typeof playScenario>[0]) =>
        void (await playScenario(scenario, { way: 'sdk' }));
      await fc.assert(fc.asyncProperty(anyScenario, play), { numRuns: 500, seed: SEED });
    },
    PATIENCE_MS,
  );

  it(
    'saving and loading at any moment changes nothing of what follows',
    async () => {
      await fc.assert(fc.asyncProperty(anyScenario, fc.nat(60), assertSameAfterLoad), {
        numRuns: 100,
        seed: SEED,
      });
    },
    PATIENCE_MS,
  );
});
