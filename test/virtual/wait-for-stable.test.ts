import {
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopServiceDeploymentCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import {
  closeStages,
  handOver,
  openStage,
  type Stage,
  type StepResult,
  targetGroupOf,
  taskDefinition,
} from './stage.ts';

afterAll(closeStages);

const CRASH = 'pulls in 1 s, runs, dies with 3 at 1.1 s';
const UNHEALTHY = {
  target: [
    {
      afterMs: 10_000,
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [500]',
    },
  ],
} as const;

async function deployAndWait(stage: Stage): Promise<{ waited: StepResult; lateMs: number }> {
  const waited = await stage.wait(handOver(await stage.deploy('web', '2')));
  return { waited, lateMs: stage.clock.now() - (await stage.finishedAt('web')) };
}

/** The address of a task that the deployment has replaced. */
async function formerAddressOf({ client }: Stage): Promise<string> {
  const stopped = { cluster: 'shop', serviceName: 'web', desiredStatus: 'STOPPED' } as const;
  const { taskArns: tasks } = await client.send(new ListTasksCommand(stopped));
  const described = await client.send(new DescribeTasksCommand({ cluster: 'shop', tasks }));
  const details = described.tasks?.[0]?.attachments?.[0]?.details ?? [];
  return details.find(({ name }) => name === 'privateIPv4Address')?.value ?? 'none';
}

/** At most one call a second on average, beside a small burst. */
function expectModest({ calls, tookMs }: StepResult): void {
  expect(calls.length).toBeLessThanOrEqual(tookMs / 1_000 + 6);
}

describe('wait-for-stable beside a whole ECS', () => {
  test('says succeeded for a rollout of two tasks, less than 2 s after ECS', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const { waited, lateMs } = await deployAndWait(stage);
    expect(waited.verdicts).toMatchObject([{ service: 'web', verdict: 'succeeded', green: true }]);
    expect(waited.outputs.verdict).toBe('succeeded');
    expect(waited.failure).toBeUndefined();
    expect(waited.tookMs).toBe(23_000);
    expect(waited.calls).toHaveLength(32);
    expect(lateMs).toBeLessThan(2_000);
  });

  test('proves a success by the tasks that run and the targets that get requests', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const { waited } = await deployAndWait(stage);
    expect(waited.verdicts).toMatchObject([
      { verdict: 'succeeded', proof: '2 tasks of this revision, 2 healthy targets, no other' },
    ]);
    expect(stage.deps.summaries.join()).toContain('2 healthy targets, no other');
  });

  test('does not believe a success that the load balancer contradicts', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    await stage.clock.sleep(60_000);
    await stage.describe('web');
    const former = await formerAddressOf(stage);
    stage.targetGroups.setHealth(targetGroupOf('web'), { id: former, port: 8000 }, { state: 'healthy' });
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([
      { verdict: 'unknown', green: false, reason: expect.stringContaining(former) },
    ]);
  });

  test('believes a success beside targets that others have put into the same target group', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    await stage.clock.sleep(60_000);
    stage.targetGroups.setHealth(targetGroupOf('web'), { id: '10.9.9.9', port: 8000 }, { state: 'healthy' });
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([
      { verdict: 'succeeded', proof: '2 tasks of this revision, 2 healthy targets' },
    ]);
  });

  test('believes a success after which scaling wants tasks that do not run yet', async () => {
    const stage = await openStage({ 'web:2': 'pulls in 45 s, runs' });
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    const waiting = stage.wait(handOver(deployed));
    while ((await stage.finishedAt('web')) === 0) await stage.clock.sleep(200);
    const more = { cluster: 'shop', service: 'web', desiredCount: 4 };
    await stage.client.send(new UpdateServiceCommand(more));
    const { verdicts } = await waiting;
    expect(verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(await stage.describe('web')).toMatchObject([{ desiredCount: 4, runningCount: 2 }]);
  });

  test('tells one line a change', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const { waited } = await deployAndWait(stage);
    const told = stage.deps.log.lines
      .filter((line) => /^ +\d+s/.test(line))
      .map((line) => line.replace(/^ +\d+s {2}web {2}/, ''));
    expect(told).toEqual([
      'PENDING, 0 of 2 running, 2 old',
      'IN_PROGRESS, 0 of 2 running, 2 pending, 2 old',
      'IN_PROGRESS, 2 of 2 running, 2 old',
      'IN_PROGRESS, 2 of 2 running',
      'SUCCESSFUL, 2 of 2 running',
    ]);
    expect(new Set(told).size).toBeLessThan(waited.calls.length);
  });

  test('says rolled-back when the breaker trips, shows the cause at once and ends with the rollback', async () => {
    const stage = await openStage({ 'web:2': CRASH }, ['Error: no token', '    at main']);
    await stage.open('web', '1');
    const { waited, lateMs } = await deployAndWait(stage);
    expect(waited.verdicts).toMatchObject([
      {
        verdict: 'rolled-back',
        green: false,
        by: { kind: 'breaker', threshold: 3 },
        cause: 'container web: exit code 3 (a code of the program itself)',
      },
    ]);
    expect(waited.failure).toMatch(/^web \(web:2\) rolled-back by the circuit breaker/);
    expect(lateMs).toBeLessThan(3_000);
    expectModest(waited);
    const [annotation] = stage.deps.log.annotations;
    expect(annotation?.message).toMatch(/container: +web, exit code 3/);
    expect(annotation?.message).toContain('  | Error: no token');
    const lines = stage.deps.log.lines;
    const causeAt = lines.findIndex((line) => line.startsWith('error: decided by'));
    expect(causeAt).toBeLessThan(lines.findIndex((line) => line.includes('ROLLBACK_SUCCESSFUL')));
    expect(stage.deps.summaries.join()).toContain('### web: rolled-back');
  });

  test('shows the cause of a crash less than 3 s after the deciding stop', async () => {
    const stage = await openStage({ 'web:2': CRASH });
    await stage.open('web', '1');
    let annotatedAt = 0;
    const { error } = stage.deps.log;
    stage.deps.log.error = (message, at) => {
      annotatedAt ||= stage.clock.now();
      error(message, at);
    };
    await deployAndWait(stage);
    const stoppedAt = await lastFailureAt(stage);
    expect(annotatedAt - stoppedAt).toBeLessThan(3_000);
  });

  test('says failed when the breaker trips without a rollback', async () => {
    const stage = await openStage({ 'web:2': CRASH });
    await stage.open('web', '1', {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
    });
    const { waited } = await deployAndWait(stage);
    expect(waited.verdicts).toMatchObject([
      { verdict: 'failed', by: { kind: 'breaker' }, cause: expect.stringContaining('exit code 3') },
    ]);
  });

  test.each([
    [
      'an image that is not there',
      { failsToStart: 'CannotPullContainerError: manifest unknown' },
      /manifest unknown/,
    ],
    [
      'a missing secret',
      {
        failsToStart:
          'ResourceInitializationError: unable to pull secrets or registry auth: invalid parameters: /x',
      },
      /invalid parameters/,
    ],
    [
      'too little memory',
      { exits: { afterMs: 50, code: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' } },
      /137.*OutOfMemoryError/,
    ],
    ['a failed health check', UNHEALTHY, /codes: \[500\]|ELB health checks/],
  ])('names the cause of %s', async (_title, behaviour, cause) => {
    const stage = await openStage({ 'web:2': behaviour });
    await stage.open('web', '1');
    const { waited } = await deployAndWait(stage);
    expect(waited.verdicts).toMatchObject([{ verdict: 'rolled-back', cause: expect.stringMatching(cause) }]);
  });

  test('says superseded, not failed, for a deployment that a newer one replaced', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const older = await stage.deploy('web', '2');
    await stage.clock.sleep(3_000);
    await stage.client.send(new RegisterTaskDefinitionCommand(taskDefinition('web', '3') as never));
    await stage.client.send(
      new UpdateServiceCommand({ cluster: 'shop', service: 'web', taskDefinition: 'web:3' }),
    );
    const newer = await stage.newestArn('web');
    const waited = await stage.wait(handOver(older));
    expect(waited.verdicts).toMatchObject([
      { verdict: 'superseded', green: false, by: { kind: 'deployment', serviceDeploymentArn: newer } },
    ]);
    expect(waited.tookMs).toBeLessThan(3_000);
    expect(waited.calls.length).toBeLessThanOrEqual(7);
    expect(stage.deps.log.annotations).toEqual([]);
  });

  test('follows the newest deployment of a service that is only named', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    await stage.deploy('web', '2');
    const waited = await stage.wait({ cluster: 'shop', service: 'web' });
    expect(waited.verdicts).toMatchObject([
      { verdict: 'succeeded', taskDefinitionArn: expect.stringMatching(/web:2$/) },
    ]);
  });

  test('follows a deployment by its ARN alone', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const [deployed] = (await stage.deploy('web', '2')).deployments;
    const waited = await stage.wait({ 'service-deployment-arn': deployed?.serviceDeploymentArn ?? '' });
    expect(waited.verdicts).toMatchObject([{ service: 'web', verdict: 'succeeded' }]);
  });

  test('follows several services with one call a reading', async () => {
    const stage = await openStage({ 'api:2': CRASH });
    const names = ['web', 'api', 'jobs'];
    for (const name of names) await stage.open(name, '1');
    const deployments = [];
    for (const name of names) deployments.push(...(await stage.deploy(name, '2')).deployments);
    const waited = await stage.wait({ deployments: JSON.stringify(deployments) });
    expect(waited.verdicts.map(({ service, verdict }) => `${service} ${verdict}`)).toEqual([
      'web succeeded',
      'api rolled-back',
      'jobs succeeded',
    ]);
    expect(waited.outputs.verdict).toBe('rolled-back');
    expect(waited.calls.length).toBeLessThanOrEqual((2 * waited.tookMs) / 1_000);
  });

  test('is unknown and red when the time is up, and ECS goes on', async () => {
    const stage = await openStage({ 'web:2': { startsAfterMs: 600_000 } });
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    const waited = await stage.wait({ ...handOver(deployed), 'timeout-minutes': '2' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'unknown', green: false, by: { kind: 'deadline' } }]);
    expect(waited.tookMs).toBe(120_000);
    expectModest(waited);
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
  });

  test('says unchanged for a service that had nothing to deploy, without a call', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const waited = await stage.wait(handOver(await stage.deploy('web', '1')));
    expect(waited.verdicts).toMatchObject([
      { verdict: 'unchanged', green: true, serviceDeploymentArn: null },
    ]);
    expect([waited.calls, waited.failure]).toEqual([[], undefined]);
  });

  test('says rolled-back by a person who stopped it', async () => {
    const stage = await openStage({ 'web:2': { startsAfterMs: 60_000 } });
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    const arn = deployed.deployments[0]?.serviceDeploymentArn ?? '';
    await stage.clock.sleep(5_000);
    await stage.client.send(
      new StopServiceDeploymentCommand({ serviceDeploymentArn: arn, stopType: 'ROLLBACK' }),
    );
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'rolled-back', by: { kind: 'person' } }]);
    expect(stage.deps.log.annotations).toEqual([]);
  });

  test('says scaled-to-zero for a service at desired count 0, red unless it was 0 before', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    await stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 0 }));
    const deployed = await stage.deploy('web', '2');
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'scaled-to-zero', green: true }]);
    const forgotten = deployed.deployments.map((item) => ({ ...item, desiredCountBefore: 2 }));
    const again = await stage.wait({ deployments: JSON.stringify(forgotten) });
    expect(again.verdicts).toMatchObject([{ verdict: 'scaled-to-zero', green: false }]);
  });

  test('ends as unknown when the step is cancelled', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    const deps = { ...stage.deps, signal: AbortSignal.abort() };
    const waited = await (await import('../../actions/wait-for-stable/src/run.ts')).run(
      { ...emptyInputs, deployments: deployed.deployments },
      deps,
    );
    expect(waited.outputs.verdict).toBe('unknown');
    expect(waited.failure).toContain('cancelled');
  });
});

const emptyInputs = {
  manifest: 'berth.yaml',
  environment: undefined,
  services: [],
  'role-to-assume': undefined,
  region: undefined,
  cluster: undefined,
  service: undefined,
  'service-deployment-arn': undefined,
  'timeout-minutes': 30,
  'log-lines': 12,
  'wait-until': 'done',
  'hopeless-after': {},
  'on-failure': 'rollback',
  'on-cancel': 'leave',
  'github-token': undefined,
} as const;

/** When the last task stopped that failed, by ECS's own clock. */
async function lastFailureAt(stage: Stage): Promise<number> {
  const { ListTasksCommand, DescribeTasksCommand } = await import('@aws-sdk/client-ecs');
  const listed = await stage.client.send(
    new ListTasksCommand({ cluster: 'shop', serviceName: 'web', desiredStatus: 'STOPPED' }),
  );
  const { tasks = [] } = await stage.client.send(
    new DescribeTasksCommand({ cluster: 'shop', tasks: listed.taskArns ?? [] }),
  );
  const failed = tasks.filter(({ stopCode }) => stopCode === 'EssentialContainerExited');
  return Math.max(...failed.map(({ stoppedAt }) => stoppedAt?.getTime() ?? 0));
}
