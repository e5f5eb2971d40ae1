import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type GroundedStage, openGround } from './ground.ts';
import { closeStages, handOver, type StepResult } from './stage.ts';

afterAll(closeStages);

const SERVICE = { cluster: 'shop', service: 'web' };
const FIVE = [1, 2, 3, 4, 5];

async function openThree(): Promise<GroundedStage> {
  const stage = await openGround([], { 'web:x': { startsAfterMs: 120_000 } });
  await stage.ship('2');
  await stage.clock.sleep(3_600_000);
  await stage.ship('3');
  return stage;
}

async function tagsOf(stage: GroundedStage, taskDefinition: string) {
  const command = new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] });
  return (await stage.client.send(command)).tags ?? [];
}

/** Five steps begin in the same moment; their calls interleave as their promises do, the same way each time. */
const atOnce = (stage: GroundedStage, inputs: Record<string, string>): Promise<StepResult[]> =>
  Promise.all(FIVE.map(() => stage.rollback(inputs)));

/** Five at once, whose reads show a service and its deployments as they were so long ago. */
const underLag =
  (ms: number): typeof atOnce =>
  async (stage, inputs) => {
    stage.faults.add([{ operation: 'Describe*', fault: { kind: 'stale', ms } }], 1);
    stage.faults.add([{ operation: 'List*', fault: { kind: 'stale', ms } }], 1);
    const results = await atOnce(stage, inputs);
    for (const { struck } of stage.faults.list()) expect(struck).toBeGreaterThan(0);
    stage.faults.clear();
    return results;
  };

/** One after the other, as a queue of workflow runs has them. */
async function inQueue(stage: GroundedStage, inputs: Record<string, string>): Promise<StepResult[]> {
  const results = [];
  for (const _ of FIVE) results.push(await stage.rollback(inputs));
  return results;
}

describe.each([
  ['at once', atOnce],
  ['one after the other', inQueue],
  ['at once under a read lag of 2 s', underLag(2_000)],
  ['at once under a read lag of 15 s', underLag(15_000)],
])('the same rollback started five times %s', (_how, five) => {
  test('ends in one deployment and one record, and each says so', async () => {
    const stage = await openThree();
    const before = await stage.history('web');
    const results = await five(stage, { ...SERVICE, 'mark-known-bad': 'wrong totals' });
    expect(await stage.running('web')).toBe('web:2');
    expect(await stage.history('web')).toHaveLength(before.length + 1);
    expect(results.every(({ failure }) => failure === undefined)).toBe(true);
    for (const { verdicts } of results) expect(verdicts).toMatchObject([{ service: 'web', green: true }]);
    const marks = (await tagsOf(stage, 'web:3')).filter(({ key }) => key === 'known-bad');
    expect(marks).toEqual([{ key: 'known-bad', value: 'rolled back: wrong totals' }]);
  });

  test('deploys one copy where the target is INACTIVE', async () => {
    const stage = await openThree();
    await stage.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
    const before = await stage.history('web');
    await five(stage, SERVICE);
    expect(await stage.running('web')).toBe('web:4');
    expect(await stage.history('web')).toHaveLength(before.length + 1);
  });

  test('undoes a run once', async () => {
    const stage = await openThree();
    const deployed = await stage.deploy('web', 'x');
    await stage.wait(handOver(deployed));
    const before = await stage.history('web');
    await five(stage, handOver(deployed));
    expect(await stage.running('web')).toBe('web:3');
    expect(await stage.history('web')).toHaveLength(before.length + 1);
  });

  test('turns one deployment under way back', async () => {
    const stage = await openThree();
    const deployed = await stage.deploy('web', 'x');
    const before = await stage.history('web');
    const results = await five(stage, handOver(deployed));
    expect(await stage.history('web')).toHaveLength(before.length);
    for (const { verdicts } of results)
      expect(verdicts).toMatchObject([{ verdict: 'rolled-back', green: true }]);
  });
});

test('copies that five register at once are few, and all but one stay unused', async () => {
  const stage = await openThree();
  await stage.client.send(new DeregisterTaskDefinitionCommand({ taskDefinition: 'web:2' }));
  await atOnce(stage, SERVICE);
  const { taskDefinitionArns = [] } = await stage.client.send(
    new ListTaskDefinitionsCommand({ familyPrefix: 'web' }),
  );
  expect(taskDefinitionArns.length).toBeLessThanOrEqual(2 + FIVE.length);
  await stage.clock.sleep(2 * 3_600_000);
  await stage.ship('9');
  await stage.rollback(SERVICE);
  expect(await stage.running('web')).toBe('web:4');
});

describe('from the harmful verdict to the stopping call', () => {
  /** Each call takes a quarter of a second, also those that would go side by side: the longest it can be. */
  function slowDown(stage: GroundedStage): { at(operation: string): number | undefined } {
    const times = new Map<string, number>();
    const { access } = stage.deps;
    Object.assign(stage.deps, {
      access: (who: Parameters<typeof access>[0]) => {
        const given = access(who);
        const handler = given.requestHandler as GroundedStage['requestHandler'];
        const handle: typeof handler.handle = async (request, options) => {
          await stage.clock.sleep(250);
          const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
          if (!times.has(operation)) times.set(operation, stage.clock.now());
          return handler.handle(request, options);
        };
        return { ...given, requestHandler: { ...handler, handle } };
      },
    });
    return { at: (operation) => times.get(operation) };
  }

  test('pass at most 5 seconds, asked for by a run', async () => {
    const stage = await openThree();
    const deployed = await stage.deploy('web', 'x');
    const times = slowDown(stage);
    const from = stage.clock.now();
    await stage.rollback(handOver(deployed));
    expect((times.at('StopServiceDeployment') ?? Number.NaN) - from).toBeLessThanOrEqual(5_000);
  });

  test('pass at most 5 seconds, asked for by a person', async () => {
    const stage = await openThree();
    await stage.client.send(new UpdateServiceCommand({ ...SERVICE, taskDefinition: 'web:1' }));
    const times = slowDown(stage);
    const from = stage.clock.now();
    await stage.rollback(SERVICE);
    expect((times.at('StopServiceDeployment') ?? Number.NaN) - from).toBeLessThanOrEqual(5_000);
  });
});
