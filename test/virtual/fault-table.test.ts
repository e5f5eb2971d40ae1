import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListTasksCommand, StopTaskCommand, UpdateServiceCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { interruptionsRoom } from '../../local/aws/ecs/interruptions.ts';
import { createSeededRandom } from '../../local/aws/ecs/virtual-ecs.ts';
import type { FaultRule } from '../../local/aws/faults/fault-rule.ts';
import { openDeployStage } from './deploy-stage.ts';
import { FAULT_ROWS } from './fault-rows.ts';
import { closeStages, handOver, openStage, type Stage } from './stage.ts';

afterAll(closeStages);

const SEED = 20261121;
const LOST_ANSWER = { kind: 'reset', when: 'after' } as const;
const SLOW = { 'web:2': { startsAfterMs: 60_000 } };

const once = (operation: string, fault: FaultRule['fault']): FaultRule => ({ operation, count: 1, fault });
const countOf = (calls: readonly string[], operation: string) =>
  calls.filter((call) => call === operation).length;

/** Each who comes waits until so many have come. */
function meetingOf(wanted: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let come = 0;
  return () => {
    come += 1;
    if (come === wanted) resolve();
    return promise;
  };
}

async function openWeb(
  rules: readonly FaultRule[] = [],
  ...[behaviours = {}, logs = [], options]: Parameters<typeof openStage>
): Promise<Stage> {
  const stage = await openStage(behaviours, logs, options);
  Object.assign(stage.deps, { random: createSeededRandom(SEED) });
  await stage.open('web', '1');
  stage.faults.add(rules, SEED);
  return stage;
}

/** One deployment of image 2 that succeeds, whatever became of the calls. */
async function deploysOnce(stage: Stage): Promise<string[]> {
  const deployed = await stage.deploy('web', '2');
  const waited = await stage.wait(handOver(deployed));
  expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
  expect(await stage.running('web')).toBe('web:2');
  expect(await stage.history('web')).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
  return deployed.calls;
}

describe('a deployment stands row', () => {
  test('4: UpdateService is applied, its answer lost', async () => {
    const calls = await deploysOnce(await openWeb([once('UpdateService', LOST_ANSWER)]));
    expect(countOf(calls, 'UpdateService')).toBe(1);
  });

  test('5: UpdateService is lost', async () => {
    const stage = await openWeb([once('UpdateService', { kind: 'reset', when: 'before' })]);
    // The lost one, and the one that is sent after nothing of it was to be seen.
    expect(countOf(await deploysOnce(stage), 'UpdateService')).toBe(2);
  });

  test('6: RegisterTaskDefinition is applied, its answer lost', async () => {
    const calls = await deploysOnce(await openWeb([once('RegisterTaskDefinition', LOST_ANSWER)]));
    expect(countOf(calls, 'RegisterTaskDefinition')).toBe(1);
  });

  test('7: StopServiceDeployment is applied, its answer lost', async () => {
    const stage = await openWeb([once('StopServiceDeployment', LOST_ANSWER)], SLOW);
    const deployed = await stage.deploy('web', '2');
    await stage.clock.sleep(5_000);
    const back = await stage.rollback(handOver(deployed));
    expect(back.verdicts).toMatchObject([{ verdict: 'rolled-back', green: true }]);
    expect(countOf(back.calls, 'StopServiceDeployment')).toBe(1);
    expect(await stage.history('web')).toEqual(['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL']);
  });

  test.each(['DescribeServices', 'ListServiceDeployments', 'RegisterTaskDefinition'])(
    '15: killed before UpdateService, after %s',
    async (operation) => {
      const stage = await openDeployStage();
      await stage.open('web', '1');
      await stage.killAfter(operation, () => stage.deploy('web', '2'));
      await stage.clock.sleep(60_000);
      expect(await stage.history('web')).toEqual(['SUCCESSFUL']);
      await deploysOnce(stage);
      expect(stage.sent('RegisterTaskDefinition')).toHaveLength(1);
    },
  );

  test('16: killed while a pause waits', async () => {
    const stage = await openDeployStage();
    const timeoutConfiguration = { timeoutInMinutes: 10, action: 'ROLLBACK' as const };
    const hook = { targetType: 'PAUSE' as const, lifecycleStages: ['PRE_SCALE_UP' as const] };
    await stage.open('web', '1');
    await stage.client.send(
      new UpdateServiceCommand({
        cluster: 'shop',
        service: 'web',
        deploymentConfiguration: { lifecycleHooks: [{ ...hook, timeoutConfiguration }] },
      }),
    );
    const deployed = await stage.deploy('web', '2');
    await stage.killAfter(20, () => stage.wait(handOver(deployed)));
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
    await stage.clock.sleep(900_000);
    const next = await stage.wait(handOver(deployed));
    expect(next.verdicts).toMatchObject([{ verdict: 'rolled-back', green: false, by: { kind: 'hook' } }]);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('20: the name of an endpoint is not found', async () => {
    const host = 'ecs.us-east-1.amazonaws.com';
    const notFound = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
    const stage = await openWeb([], SLOW);
    const deployed = await stage.deploy('web', '2');
    const { access } = stage.deps;
    const until = stage.clock.now() + 30_000;
    const handle: Stage['requestHandler']['handle'] = (request, options) => {
      if (stage.clock.now() < until) throw notFound;
      return stage.requestHandler.handle(request, options);
    };
    const requestHandler = { ...stage.requestHandler, handle };
    Object.assign(stage.deps, { access: () => ({ ...access({}), requestHandler }) });
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    const told = stage.deps.log.lines.filter((line) => line.includes('AWS gives no answer'));
    expect(told.length).toBeGreaterThanOrEqual(1);
    for (const line of told) expect(line).toContain(host);
  });

  test('21: two runs deploy at once', async () => {
    const stage = await openWeb([], { 'web:2': { startsAfterMs: 20_000 } });
    const { access } = stage.deps;
    const bothHavePlanned = meetingOf(2);
    const handle: Stage['requestHandler']['handle'] = async (request, options) => {
      if (request.headers['x-amz-target']?.endsWith('.RegisterTaskDefinition')) await bothHavePlanned();
      return stage.requestHandler.handle(request, options);
    };
    const requestHandler = { ...stage.requestHandler, handle };
    Object.assign(stage.deps, { access: () => ({ ...access({}), requestHandler }) });
    const deployed = await Promise.all(['2', '3'].map((image) => stage.deploy('web', image)));
    const waited = await Promise.all(deployed.map((one) => stage.wait(handOver(one))));
    const ends = waited.flatMap(({ verdicts }) =>
      verdicts.map(({ verdict, taskDefinitionArn }) => `${verdict} ${taskDefinitionArn.split('/').at(-1)}`),
    );
    const running = await stage.running('web');
    expect(ends.filter((end) => end.startsWith('succeeded'))).toEqual([`succeeded ${running}`]);
    expect(ends.filter((end) => end.startsWith('superseded'))).toHaveLength(1);
    expect(await stage.history('web')).toEqual(['SUCCESSFUL', 'STOPPED', 'SUCCESSFUL']);
    expect(stage.calls).not.toContain('StopServiceDeployment');
  });

  test('25: the rollback fails as well', async () => {
    let isBroken = false;
    const stage = await openStage(() => (isBroken ? { exits: { afterMs: 100, code: 3 } } : {}));
    await stage.open('web', '1');
    isBroken = true;
    const deployed = await stage.deploy('web', '2');
    const waited = await stage.wait(handOver(deployed));
    expect((await stage.history('web'))[0]).toBe('ROLLBACK_FAILED');
    expect(waited.verdicts).toMatchObject([{ verdict: 'failed', green: false, by: { kind: 'breaker' } }]);
    expect(waited.failure).toMatch(/the rollback failed as well.*See what ends its tasks: aws ecs/);
    expect(waited.failure).toContain('"to: FAMILY:REVISION"');
  });

  test('33: the new deployment is listed late', async () => {
    const stage = await openWeb([{ operation: 'List*', fault: { kind: 'stale', ms: 20_000 } }]);
    await stage.clock.sleep(30_000);
    const calls = await deploysOnce(stage);
    expect(countOf(calls, 'UpdateService')).toBe(1);
    expect(countOf(calls, 'ListServiceDeployments')).toBeGreaterThan(10);
  });
});

describe('a deployment in its bake stands row', () => {
  const BAKE = {
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: { alarmNames: ['errors'], enable: true, rollback: true },
    },
  };

  async function openBaking() {
    const stage = await openDeployStage(() => ({}), { alarms: { errors: { windowMs: 300_000 } } });
    await stage.open('web', '1', BAKE);
    return stage;
  }

  /** Tasks have been replaced, and only the alarms are still watched. */
  async function toBake(stage: Stage) {
    const deployed = await stage.deploy('web', '2');
    await stage.wait({ ...handOver(deployed), 'wait-until': 'serving' });
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
    return deployed;
  }

  /** The wait gets its SIGKILL, and nothing of the job so far is handed to the next one. */
  async function killedInBake() {
    const stage = await openBaking();
    const deployed = await toBake(stage);
    await stage.killAfter(10, () => stage.wait(handOver(deployed)));
    expect((await stage.history('web'))[0]).toBe('IN_PROGRESS');
    return { stage, deployed };
  }

  test('17: killed during the bake', async () => {
    const { stage, deployed } = await killedInBake();
    const before = stage.calls.length;
    const again = await stage.deploy('web', '2');
    expect(again.deployments[0]?.serviceDeploymentArn).toBe(deployed.deployments[0]?.serviceDeploymentArn);
    const waited = await stage.wait(handOver(again));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(stage.calls.slice(before)).not.toContain('UpdateService');
  });

  test('17: killed during the bake, the alarms of ECS still guard', async () => {
    const { stage, deployed } = await killedInBake();
    stage.alarms.set('errors', 'ALARM');
    await stage.clock.sleep(600_000);
    expect((await stage.history('web'))[0]).toBe('ROLLBACK_SUCCESSFUL');
    const next = await stage.wait(handOver(deployed));
    expect(next.verdicts).toMatchObject([
      { verdict: 'rolled-back', green: false, by: { kind: 'alarm', names: ['errors'] } },
    ]);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('26: an alarm is raised in the bake', async () => {
    const stage = await openBaking();
    const deployed = await toBake(stage);
    stage.alarms.set('errors', 'ALARM');
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([
      { verdict: 'rolled-back', green: false, by: { kind: 'alarm', names: ['errors'] } },
    ]);
    expect(waited.failure).toContain('errors');
    expect(await stage.running('web')).toBe('web:1');
  });

  /** AWS takes a task of the service away, as it does when it wants Spot capacity back. */
  async function interrupt(stage: Stage) {
    const { taskArns: [task] = [] } = await stage.client.send(new ListTasksCommand({ cluster: 'shop' }));
    const room = interruptionsRoom(stage.ecs, stage.clock.now);
    const body = JSON.stringify({ task, stopCode: 'SpotInterruption' });
    expect((await room({ method: 'POST', path: '', body })).status).toBe(200);
  }

  test.each<[string, (stage: Stage) => Promise<unknown>]>([
    ['Spot ends a task', interrupt],
    [
      'Spot ends a task again and again',
      async (stage) => {
        for (const _ of [1, 2, 3, 4]) {
          await interrupt(stage);
          await stage.clock.sleep(40_000);
        }
      },
    ],
    [
      'somebody stops a task',
      async (stage) => {
        const { taskArns: [task] = [] } = await stage.client.send(new ListTasksCommand({ cluster: 'shop' }));
        await stage.client.send(new StopTaskCommand({ cluster: 'shop', task }));
      },
    ],
    [
      'scale-in ends a verified task',
      (stage) =>
        stage.client.send(new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 1 })),
    ],
  ])('41: %s, which is no fault of the deployment', async (_title, end) => {
    const stage = await openBaking();
    const deployed = await toBake(stage);
    await end(stage);
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded', green: true }]);
    expect(await stage.history('web')).toEqual(['SUCCESSFUL', 'SUCCESSFUL']);
  });
});

describe('the table of faults', () => {
  const rows = Object.entries(FAULT_ROWS);

  test('has all 45 rows, and each is held by a test or says what is not held', () => {
    expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 45 }, (_, i) => i + 1));
    for (const [, { held, open }] of rows) expect(held.length > 0 || open !== undefined).toBe(true);
  });

  test.each(rows.flatMap(([number, { held }]) => held.map(([file, title]) => ({ number, file, title }))))(
    'row $number is held in $file by: $title',
    ({ file, title }) => {
      const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
      const isTitle = /^(test|describe|name:|\[|[\])}]+\(|['"])/;
      const titles = source.split('\n').filter((line) => isTitle.test(line.trim()));
      expect(titles.filter((line) => line.includes(title))).not.toEqual([]);
    },
  );
});
