import { DeleteServiceCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import type { FaultRule } from '../../local/aws/faults/fault-rule.ts';
import { closeStages, handOver, openStage, type Stage } from './stage.ts';

afterAll(closeStages);

const SLOW = { 'web:2': 'pulls in 2 min' };
const seconds = (n: number): number => n * 1_000;

/** Does something once, so long after now. */
function later(stage: Stage, ms: number, act: () => unknown): void {
  const { clock } = stage.deps;
  const { sleep } = clock;
  const at = clock.now() + ms;
  clock.sleep = async (duration, signal) => {
    await sleep(duration, signal);
    if (clock.now() < at) return;
    clock.sleep = sleep;
    await act();
  };
}

/** A rollout of two minutes of which the first `forMs` are disturbed. */
async function waitThrough(rules: readonly FaultRule[], forMs: number) {
  const stage = await openStage(SLOW);
  Object.assign(stage.deps, { random: createSeededRandom(5) });
  await stage.open('web', '1');
  const deployed = await stage.deploy('web', '2');
  stage.faults.add(rules, 11);
  later(stage, forMs, () => stage.faults.clear());
  const waited = await stage.wait(handOver(deployed));
  const struck = stage.deps.log.lines.filter((line) => line.includes('AWS gives no answer'));
  stage.faults.clear();
  return { stage, waited, struck, lateMs: stage.clock.now() - (await stage.finishedAt('web')) };
}

/** Rows of the fault table, by their numbers. */
describe('a wait', () => {
  test.each<[string, FaultRule]>([
    ['1: three of ten calls throttled', { probability: 0.3, fault: { kind: 'throttle' } }],
    ['3: three of ten calls answered 503', { probability: 0.3, fault: { kind: 'error', status: 503 } }],
    ['3: three of ten calls answered 500', { probability: 0.3, fault: { kind: 'error', status: 500 } }],
    ['19: three of ten connections reset', { probability: 0.3, fault: { kind: 'reset', when: 'before' } }],
    ['32: reads that are 4 s old', { fault: { kind: 'stale', ms: 4_000 } }],
    ['35: a clock that is ten minutes behind', { fault: { kind: 'clock-offset', ms: 600_000 } }],
    ['35: a clock that is ten minutes ahead', { fault: { kind: 'clock-offset', ms: -600_000 } }],
  ])('%s, for the whole time, is green and hardly later', async (_title, rule) => {
    const { waited, lateMs } = await waitThrough([rule], seconds(3_600));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(lateMs).toBeLessThanOrEqual(seconds(10));
    // What is tried again counts too; without faults it is one call a second.
    expect(waited.calls.length).toBeLessThanOrEqual((1.5 * waited.tookMs) / 1_000 + 16);
  });

  test.each<[string, FaultRule['fault'], number]>([
    ['2: all calls throttled for a minute', { kind: 'throttle' }, 60],
    ['19: no network for ninety seconds', { kind: 'reset', when: 'before' }, 90],
    ['3: nothing but 503 for a minute', { kind: 'error', status: 503 }, 60],
  ])('%s goes on and says so a few times', async (_title, fault, lasts) => {
    const { waited, struck, lateMs } = await waitThrough([{ fault }], seconds(lasts));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(struck.length).toBeGreaterThanOrEqual(1);
    expect(struck.length).toBeLessThanOrEqual(lasts / 15 + 1);
    expect(lateMs).toBeLessThanOrEqual(seconds(5));
  });

  test('19: no network until the time is up is unknown, and red', async () => {
    const stage = await openStage(SLOW);
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    stage.faults.add([{ fault: { kind: 'reset', when: 'before' } }]);
    const waited = await stage.wait({ ...handOver(deployed), 'timeout-minutes': '2' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'unknown', green: false, by: { kind: 'deadline' } }]);
    expect(waited.tookMs).toBeLessThanOrEqual(seconds(130));
  });

  test('39: a service deleted meanwhile is a failure with that cause', async () => {
    const stage = await openStage(SLOW);
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    later(stage, seconds(30), () =>
      stage.client.send(new DeleteServiceCommand({ cluster: 'shop', service: 'web', force: true })),
    );
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'failed', green: false, by: { kind: 'service' } }]);
    expect(waited.tookMs).toBeLessThanOrEqual(seconds(45));
  });

  test('40: a desired count that autoscaling changes meanwhile is no instability', async () => {
    const stage = await openStage(SLOW);
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    later(stage, seconds(30), () =>
      stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 4 })),
    );
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(waited.verdicts[0]?.proof).toContain('4 tasks of this revision');
  });

  test('a lost answer to the stopping call makes one rollback, and one verdict', async () => {
    const stage = await openStage({
      'web:2': { failsToStart: 'CannotPullContainerError: manifest unknown' },
    });
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    stage.faults.add([
      { operation: 'StopServiceDeployment', count: 1, fault: { kind: 'reset', when: 'after' } },
    ]);
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'rolled-back', green: false }]);
    expect(await stage.running('web')).toBe('web:1');
    expect(await stage.history('web')).toHaveLength(2);
  });
});
