import {
  DescribeServiceDeploymentsCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Behaviour } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { closeStages, handOver, openStage, type Stage, type StepResult } from './stage.ts';

afterAll(closeStages);

/** Without a breaker ECS tries for ever: only the wait itself can end it. */
const NO_BREAKER = {
  deploymentConfiguration: { deploymentCircuitBreaker: { enable: false, rollback: false } },
};
const CRASH = 'pulls in 1 s, runs, dies with 3 at 4 s';
const UNHEALTHY: Behaviour = {
  target: [{ afterMs: 5_000, state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'no' }],
};

async function deployBad(behaviour: Behaviour | string, inputs: Record<string, string> = {}) {
  const stage = await openStage({ 'web:2': behaviour });
  await stage.open('web', '1', NO_BREAKER);
  const deployed = await stage.deploy('web', '2');
  const waited = await stage.wait({ ...handOver(deployed), ...inputs });
  return { stage, deployed, waited };
}

/** When ECS was asked to go back, from the start of the wait, in milliseconds. */
async function stopAskedAfterMs(stage: Stage, { tookMs }: StepResult): Promise<number> {
  const arn = await stage.newestArn('web');
  const { serviceDeployments } = await stage.client.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
  );
  const startedAt = serviceDeployments?.[0]?.rollback?.startedAt?.getTime() ?? Number.NaN;
  return startedAt - (stage.clock.now() - tookMs);
}

/** When tasks of the new revision stopped, oldest first. */
async function failedStops({ client }: Stage): Promise<number[]> {
  const where = { cluster: 'shop', serviceName: 'web', desiredStatus: 'STOPPED' } as const;
  const { taskArns } = await client.send(new ListTasksCommand(where));
  const { tasks = [] } = await client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: taskArns }));
  return tasks
    .filter(({ taskDefinitionArn }) => taskDefinitionArn?.endsWith('web:2'))
    .flatMap(({ stoppedAt }) => stoppedAt?.getTime() ?? [])
    .sort((a, b) => a - b);
}

describe('a deployment that cannot succeed, without a circuit breaker', () => {
  test.each<[string, Behaviour | string, string]>([
    [
      'an image that is not there',
      { failsToStart: 'CannotPullContainerError: manifest unknown' },
      'image-not-found',
    ],
    [
      'an image for another processor',
      { failsToStart: 'CannotStartContainerError: exec format error' },
      'image-wrong-platform',
    ],
    [
      'a missing parameter',
      {
        failsToStart:
          'ResourceInitializationError: unable to pull secrets or registry auth: invalid parameters: /x',
      },
      'secret-missing',
    ],
    [
      'a role that cannot be assumed',
      { failsToStart: "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/x'" },
      'role-not-assumable',
    ],
    ['the same exit code three times', CRASH, 'same-exit'],
    ['the same failed health check three times', UNHEALTHY, 'same-health-check'],
  ])('is rolled back early for %s', async (_title, behaviour, rule) => {
    const { stage, waited } = await deployBad(behaviour);
    expect(waited.verdicts).toMatchObject([
      { verdict: 'rolled-back', green: false, by: { kind: 'hopeless', rule }, cause: expect.any(String) },
    ]);
    expect(waited.failure).toContain(`because no further try could succeed (${rule}`);
    expect(waited.calls.filter((call) => call === 'StopServiceDeployment')).toHaveLength(1);
    expect((await stage.history('web'))[0]).toBe('ROLLBACK_SUCCESSFUL');
    expect(await stage.running('web')).toBe('web:1');
    expect(waited.calls.length).toBeLessThanOrEqual(waited.tookMs / 1_000 + 12);
  });

  test('is stopped within 10 s of the first task that could not start', async () => {
    const { stage, waited } = await deployBad({ failsToStart: 'CannotPullContainerError: manifest unknown' });
    // A task takes a second to fail here.
    expect(await stopAskedAfterMs(stage, waited)).toBeLessThan(11_000);
  });

  test.each<[string, Behaviour | string, number]>([
    [
      'the first stop, of an image that is not there',
      { failsToStart: 'CannotPullContainerError: manifest unknown' },
      1,
    ],
    ['the third equal exit', CRASH, 3],
    ['the third failed health check', UNHEALTHY, 3],
  ])('is turned back at most 10 s after %s', async (_title, behaviour, deciding) => {
    const { stage, waited } = await deployBad(behaviour);
    const stops = await failedStops(stage);
    const askedAt = (await stopAskedAfterMs(stage, waited)) + stage.clock.now() - waited.tookMs;
    expect(stops.length).toBeGreaterThanOrEqual(deciding);
    expect(askedAt - (stops[deciding - 1] ?? 0)).toBeLessThanOrEqual(10_000);
    expect(askedAt).toBeGreaterThanOrEqual(stops[deciding - 1] ?? Number.NaN);
  });

  test('is left as it is where that was asked for, and the wait ends red', async () => {
    const { stage, waited } = await deployBad(
      { failsToStart: 'CannotPullContainerError: manifest unknown' },
      { 'on-failure': 'leave' },
    );
    expect(waited.verdicts).toMatchObject([{ verdict: 'failed', by: { kind: 'hopeless' } }]);
    expect(waited.failure).toContain('stop-service-deployment --stop-type ROLLBACK');
    expect(waited.calls).not.toContain('StopServiceDeployment');
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
    expect(waited.tookMs).toBeLessThan(11_000);
  });

  test('is waited for where the rule is off', async () => {
    const { waited } = await deployBad(CRASH, { 'hopeless-after': 'same-exit=off', 'timeout-minutes': '2' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'unknown', by: { kind: 'deadline' } }]);
  });

  test('is not looked for where all rules are off', async () => {
    const { waited, stage } = await deployBad(CRASH, { 'hopeless-after': 'off', 'timeout-minutes': '2' });
    // One look at the end of the time, for the cause.
    expect(waited.calls.filter((call) => call === 'ListTasks').length).toBeLessThanOrEqual(1);
    expect(stage.deps.log.lines.join()).not.toContain('no further try');
  });
});

describe('a cancelled wait', () => {
  const cancelAt = async (after: number, inputs: Record<string, string>) => {
    const stage = await openStage({ 'web:2': { startsAfterMs: 60_000 } });
    await stage.open('web', '1');
    const deployed = await stage.deploy('web', '2');
    const controller = new AbortController();
    const { sleep } = stage.deps.clock;
    const startedAt = stage.clock.now();
    stage.deps.clock.sleep = async (ms, signal) => {
      if (stage.clock.now() - startedAt >= after) controller.abort();
      return sleep(ms, signal);
    };
    Object.assign(stage.deps, { signal: controller.signal });
    return { stage, waited: await stage.wait({ ...handOver(deployed), ...inputs }) };
  };

  test('asks ECS to go back, within 5 s, and ends as stopped', async () => {
    const { stage, waited } = await cancelAt(10_000, {});
    expect(waited.verdicts).toMatchObject([{ verdict: 'stopped', green: false, by: { kind: 'cancel' } }]);
    expect(waited.tookMs).toBeLessThan(15_000);
    expect(waited.calls.filter((call) => call === 'StopServiceDeployment')).toHaveLength(1);
    expect((await stage.history('web'))[0]).toMatch(/^ROLLBACK_/);
  });

  test('leaves the deployment alone where that was asked for', async () => {
    const { stage, waited } = await cancelAt(10_000, { 'on-cancel': 'leave' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'unknown', green: false }]);
    expect(waited.tookMs).toBeLessThan(15_000);
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
  });

  test('watches on where that was asked for', async () => {
    const { waited } = await cancelAt(10_000, { 'on-cancel': 'continue' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
  });
});

describe('wait-until', () => {
  test('serving ends when no old task takes traffic, before the deployment has ended', async () => {
    const stage = await openStage();
    await stage.open('web', '1');
    const waited = await stage.wait({ ...handOver(await stage.deploy('web', '2')), 'wait-until': 'serving' });
    expect(waited.verdicts).toMatchObject([
      { verdict: 'succeeded', green: true, by: { kind: 'stage', stage: 'serving' } },
    ]);
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
  });
});
