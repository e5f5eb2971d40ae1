import { afterAll, describe, expect, test } from '@jest/globals';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import { closeStages, handOver, openStage } from './stage.ts';

afterAll(closeStages);

/** Rollouts of very different length, each with its own jitter; figures of all of them, sorted. */
async function measureLateness(runs: number) {
  const random = createSeededRandom(7);
  const lateMs: number[] = [];
  const callsOverBudget: number[] = [];
  for (let run = 0; run < runs; run++) {
    const stage = await openStage({ 'web:2': { startsAfterMs: Math.round(random() ** 2 * 1_200_000) } });
    Object.assign(stage.deps, { random });
    await stage.open('web', '1');
    const waited = await stage.wait(handOver(await stage.deploy('web', '2')));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    lateMs.push(stage.clock.now() - (await stage.finishedAt('web')));
    callsOverBudget.push(waited.calls.length - waited.tookMs / 1_000);
  }
  return { lateMs: lateMs.sort((a, b) => a - b), callsOverBudget };
}

describe('the verdict on rollouts of seconds to twenty minutes', () => {
  test('falls at most 1.5 s late in the median and 5 s at most, with one call a second', async () => {
    const { lateMs, callsOverBudget } = await measureLateness(21);
    expect(lateMs[10]).toBeLessThanOrEqual(1_500);
    expect(lateMs.at(-1)).toBeLessThanOrEqual(5_000);
    // Six calls of burst to begin with, a reading that ends the wait, and the proof's.
    expect(Math.max(...callsOverBudget)).toBeLessThanOrEqual(16);
  }, 60_000);
});
