import { RegisterScalableTargetCommand } from '@aws-sdk/client-application-auto-scaling';
import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deployService } from '../../actions/deploy-service/src/run.ts';
import { cancelAfterFirstWait } from './cancelled-step.ts';
import { type DeployStage, openDeployStage, WRITE } from './deploy-stage.ts';
import { closeStages, handOver } from './stage.ts';

afterAll(closeStages);

const IN = 'DynamicScalingInSuspended';
const OUT = 'DynamicScalingOutSuspended';
const SCHEDULED = 'ScheduledScalingSuspended';
const CRASH = { exits: { afterMs: 100, code: 3 } };

/** A scaled service, and a job: what a step keeps for its end, and that end. */
async function openScaled(suspended = {}) {
  const stage = await openDeployStage(({ taskDefinition }) =>
    taskDefinition.containerDefinitions?.some(({ image }) => image === 'web:bad') ? CRASH : {},
  );
  await stage.open('web', '1');
  await stage.scale('web', suspended);
  stage.manifest({ web: {} });
  const kept = new Map<string, string>();
  Object.assign(stage.deps, { saveState: (name: string, value: string) => void kept.set(name, value) });
  const endJob = (): Promise<string[]> =>
    deployService.after?.((name) => kept.get(name) ?? '', stage.deps) ?? Promise.resolve([]);
  return { stage, kept, endJob };
}

const hold = (stage: DeployStage, wish: string, inputs = {}) =>
  stage.deployAll(['web'], { 'hold-autoscaling': wish, ...inputs });
const suspendedOf = async (stage: DeployStage) => (await stage.scaling('web')).suspended;
const scalingCalls = (calls: string[]) => calls.filter((call) => /Scalable|Tag(s|Resource)/.test(call));

describe('holding autoscaling', () => {
  test('is not done, nor even looked at, unless it is asked for', async () => {
    const { stage, endJob } = await openScaled();
    const deployed = await stage.deployAll(['web']);
    expect(scalingCalls(deployed.calls)).toEqual([]);
    const before = stage.calls.length;
    expect(await endJob()).toEqual([]);
    expect(stage.calls.length).toBe(before);
  });

  test.each([
    ['scale-in', [IN]],
    ['dynamic', [IN, OUT]],
    ['all', [IN, OUT, SCHEDULED]],
  ])('%s suspends %j just before the update, and remembers it first', async (wish, expected) => {
    const { stage, kept } = await openScaled();
    const deployed = await hold(stage, wish);
    expect(await suspendedOf(stage)).toEqual(expected);
    expect(deployed.calls.filter((call) => WRITE.test(call))).toEqual([
      'RegisterTaskDefinition',
      'TagResource',
      'RegisterScalableTarget',
      'UpdateService',
    ]);
    expect(JSON.parse(kept.get('heldAutoscaling') ?? '')).toMatchObject({
      resourceIds: ['service/shop/web'],
    });
    // Capacities are the business of others.
    expect(Object.keys(stage.sent('RegisterScalableTarget')[0] ?? {}).sort()).toEqual([
      'ResourceId',
      'ScalableDimension',
      'ServiceNamespace',
      'SuspendedState',
    ]);
  });

  test('ends with the job, after the verdict', async () => {
    const { stage, endJob } = await openScaled();
    const deployed = await hold(stage, 'all');
    await stage.wait(handOver(deployed));
    expect(await suspendedOf(stage)).toEqual([IN, OUT, SCHEDULED]);
    expect(await endJob()).toEqual([]);
    expect(await stage.scaling('web')).toEqual({ suspended: [], tags: {} });
    expect(stage.deps.log.lines).toContain(
      'autoscaling of service/shop/web is resumed: scale-in, scale-out, scheduled',
    );
  });

  test('ends with the job after a rollback, too, and once is enough', async () => {
    const { stage, endJob } = await openScaled();
    const deployed = await hold(stage, 'dynamic');
    await stage.wait(handOver(deployed));
    await stage.rollback(handOver(deployed));
    await endJob();
    const before = stage.calls.length;
    expect(await endJob()).toEqual([]);
    expect(stage.calls.slice(before)).toEqual(['DescribeScalableTargets']);
    expect(await suspendedOf(stage)).toEqual([]);
  });

  test('leaves suspended what was suspended before', async () => {
    const { stage, endJob } = await openScaled({ [SCHEDULED]: true });
    await hold(stage, 'all');
    await endJob();
    expect(await suspendedOf(stage)).toEqual([SCHEDULED]);
  });

  test('does nothing where that was suspended before, or nothing scales', async () => {
    const { stage } = await openScaled({ [IN]: true });
    const calls = scalingCalls((await hold(stage, 'scale-in')).calls);
    expect(new Set(calls)).toEqual(new Set(['DescribeScalableTargets', 'ListTagsForResource']));
    await stage.open('api', '1');
    stage.manifest({ api: {} });
    const deployed = await stage.deployAll(['api'], { 'hold-autoscaling': 'all' });
    expect(scalingCalls(deployed.calls)).toEqual(['DescribeScalableTargets']);
  });

  test('ends at once where the deployment could not begin', async () => {
    const { stage } = await openScaled();
    stage.faults.add([
      { operation: 'UpdateService', fault: { kind: 'error', status: 500, code: 'ServerException' } },
    ]);
    await expect(hold(stage, 'all')).rejects.toThrow();
    expect(await stage.scaling('web')).toEqual({ suspended: [], tags: {} });
  });

  test('ends at once when the step is cancelled', async () => {
    const { stage } = await openScaled();
    await stage.open('api', '1');
    stage.manifest({ web: {}, api: { needs: ['web'] } });
    cancelAfterFirstWait(stage);
    const deployed = await stage.deployAll(['web', 'api'], { 'hold-autoscaling': 'all' });
    expect(deployed.failure).toMatch(/Not deployed, because they come after it: api/);
    expect(deployed.calls).toContain('StopServiceDeployment');
    expect(await suspendedOf(stage)).toEqual([]);
  });

  test('lasts in a shell until the deployments have ended, for there is no job to end it', async () => {
    const { stage } = await openScaled();
    Object.assign(stage.deps, { saveState: undefined });
    const deployed = await hold(stage, 'all');
    expect((await stage.history('web'))[0]).toBe('SUCCESSFUL');
    expect(deployed.failure).toBeUndefined();
    expect(await suspendedOf(stage)).toEqual([]);
  });

  test('lasts in a shell through a deployment that fails, and the failure is told', async () => {
    const { stage } = await openScaled();
    Object.assign(stage.deps, { saveState: undefined });
    const deployed = await stage.deploy('web', 'bad', { 'hold-autoscaling': 'all' });
    expect(deployed.failure).toMatch(/web \(web:2\) rolled-back/);
    expect(await suspendedOf(stage)).toEqual([]);
  });

  test('is part of the plan of a dry run, which suspends nothing', async () => {
    const { stage } = await openScaled();
    const { outputs, calls } = await hold(stage, 'dynamic', { 'dry-run': 'true' });
    expect(outputs.plan).toMatchObject([
      {
        steps: [
          { kind: 'register' },
          { kind: 'hold', scaling: ['scale-in', 'scale-out'] },
          { kind: 'update' },
        ],
      },
    ]);
    expect(calls.filter((call) => WRITE.test(call))).toEqual([]);
  });

  test.each(['TagResource', 'RegisterScalableTarget', 'UpdateService'])(
    'that a process killed after %s left is ended by the next run',
    async (operation) => {
      const { stage, kept, endJob } = await openScaled({ [SCHEDULED]: true });
      await stage.killAfter(operation, () => hold(stage, 'dynamic'));
      kept.clear();
      const again = await hold(stage, 'dynamic');
      await stage.wait(handOver(again));
      await endJob();
      expect(await suspendedOf(stage)).toEqual([SCHEDULED]);
    },
  );

  test('that was left is ended at once by a run that has nothing to deploy', async () => {
    const { stage, kept } = await openScaled();
    await stage.killAfter('UpdateService', () => hold(stage, 'all'));
    kept.clear();
    await stage.clock.sleep(300_000);
    const again = await hold(stage, 'scale-in');
    expect(again.outputs.changed).toBe(false);
    expect(await stage.scaling('web')).toEqual({ suspended: [], tags: {} });
  });

  test('that was left stays for a run that is refused, and for a dry run', async () => {
    const { stage, kept, endJob } = await openScaled();
    await stage.killAfter('RegisterScalableTarget', () => hold(stage, 'all'));
    kept.clear();
    await hold(stage, 'all', { 'dry-run': 'true' });
    await endJob();
    stage.manifest({ web: { strategy: 'canary' } });
    await expect(hold(stage, 'all')).rejects.toThrow(/strategy canary needs/);
    await endJob();
    expect(await suspendedOf(stage)).toEqual([IN, OUT, SCHEDULED]);
  });

  test('begins anew where the run before ended its own while this one waited', async () => {
    const { stage, kept, endJob } = await openScaled();
    await hold(stage, 'dynamic');
    const first = kept.get('heldAutoscaling') ?? '';
    const { sleep } = stage.clock;
    let isOver = false;
    Object.assign(stage.clock, {
      sleep: async (ms: number) => {
        await sleep(ms);
        if (isOver) return;
        isOver = true;
        await deployService.after?.(() => first, stage.deps);
      },
    });
    await stage.deploy('web', '3', { 'hold-autoscaling': 'dynamic' });
    expect(isOver).toBe(true);
    expect(await suspendedOf(stage)).toEqual([IN, OUT]);
    await endJob();
    expect(await stage.scaling('web')).toEqual({ suspended: [], tags: {} });
  });

  test('that cannot be ended makes the job red, with the command that ends it', async () => {
    const { stage, endJob } = await openScaled();
    await hold(stage, 'all');
    stage.faults.add([
      {
        operation: 'RegisterScalableTarget',
        fault: { kind: 'error', status: 500, code: 'InternalServiceException' },
      },
    ]);
    expect(await endJob()).toEqual([
      expect.stringMatching(
        /^Autoscaling of service\/shop\/web is still suspended: .*aws application-autoscaling register-scalable-target .*service\/shop\/web/,
      ),
    ]);
  });

  test('never outlives the run that ends it, wherever those before it were killed', async () => {
    const operations = [
      'RegisterTaskDefinition',
      'TagResource',
      'RegisterScalableTarget',
      'UpdateService',
      'UntagResource',
    ];
    const anyRun = fc.record({
      wish: fc.constantFrom('scale-in', 'dynamic', 'all'),
      killedAfter: fc.constantFrom(...operations),
    });
    const before = fc.subarray([IN, OUT, SCHEDULED]);
    await fc.assert(
      fc.asyncProperty(before, fc.array(anyRun, { maxLength: 3 }), async (suspended, runs) => {
        const { stage, kept, endJob } = await openScaled(
          Object.fromEntries(suspended.map((key) => [key, true])),
        );
        for (const { wish, killedAfter } of runs) {
          await stage.killAfter(killedAfter, async () => {
            await hold(stage, wish);
            await endJob();
          });
          kept.clear();
        }
        await hold(stage, 'scale-in');
        await endJob();
        expect((await suspendedOf(stage)).sort()).toEqual(suspended.sort());
      }),
      { numRuns: 15 },
    );
  });
});

test('a capacity that somebody sets meanwhile stays', async () => {
  const { stage, endJob } = await openScaled();
  await hold(stage, 'all');
  await stage.scalingClient.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceId: 'service/shop/web',
      MaxCapacity: 20,
    }),
  );
  await endJob();
  expect(stage.sent('RegisterScalableTarget').every((input) => !('MaxCapacity' in input))).toBe(true);
});
