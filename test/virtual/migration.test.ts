import { DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Behaviour, TaskScript } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { cancelAfterFirstWait } from './cancelled-step.ts';
import { type DeployStage, openDeployStage } from './deploy-stage.ts';
import { closeStages } from './stage.ts';

afterAll(closeStages);

const COMMAND = ['node', 'migrate.js'];
const MIGRATE = { migrate: { command: COMMAND } };
const WELL = { exits: { afterMs: 5_000, code: 0 } };

/** Tasks with another command than their image's behave as given, by the migrations so far; the service's go well. */
function migrating(...behaviours: Behaviour[]): TaskScript {
  let count = 0;
  return ({ overrides, serviceName }) => {
    if (serviceName !== undefined || overrides === undefined) return {};
    return behaviours[Math.min(count++, behaviours.length - 1)] ?? {};
  };
}

async function openMigrating(...behaviours: Behaviour[]): Promise<DeployStage> {
  const stage = await openDeployStage(migrating(...behaviours));
  await stage.open('web', '1');
  stage.manifest({ web: MIGRATE });
  return stage;
}

const orderOf = (calls: string[]) => calls.filter((call) => /^(Register|RunTask|UpdateService)/.test(call));

async function stopped({ client }: DeployStage) {
  const input = { cluster: 'shop', family: 'web', desiredStatus: 'STOPPED' as const };
  const { taskArns: tasks = [] } = await client.send(new ListTasksCommand(input));
  return tasks.length === 0
    ? []
    : ((await client.send(new DescribeTasksCommand({ cluster: 'shop', tasks }))).tasks ?? []);
}

async function failureOf(run: Promise<unknown>): Promise<string> {
  return run.then(
    () => 'deployed',
    (error: Error) => error.message,
  );
}

describe('a migration before the deployment', () => {
  test('runs on the new revision, with the service’s own network, before the service is updated', async () => {
    const stage = await openMigrating(WELL);
    const deployed = await stage.deployAll(['web']);
    expect(orderOf(deployed.calls)).toEqual(['RegisterTaskDefinition', 'RunTask', 'UpdateService']);
    expect(stage.sent('TagResource')).toEqual([
      {
        resourceArn: expect.stringMatching(/web:2$/),
        tags: [{ key: 'migrated-at', value: expect.any(String) }],
      },
    ]);
    expect(stage.sent('RunTask')).toEqual([
      {
        cluster: expect.stringMatching(/cluster\/shop$/),
        taskDefinition: expect.stringMatching(/web:2$/),
        count: 1,
        startedBy: expect.stringMatching(/^berth-migrate\/[0-9a-f]{16}$/),
        clientToken: expect.stringMatching(/^[0-9a-f]{32}$/),
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
        overrides: { containerOverrides: [{ name: 'web', command: COMMAND }] },
        tags: [
          { key: 'git-sha', value: stage.deps.github.sha },
          { key: 'deployed-by-run', value: 'https://github.com/acme/shop/actions/runs/101' },
        ],
      },
    ]);
    expect(deployed.outputs.changed).toBe(true);
    expect(stage.deps.summaries.join('\n')).toMatch(/done in \d+ s: web ended with exit code 0/);
  });

  test('runs on the capacity providers and the platform version of the service', async () => {
    const stage = await openDeployStage(migrating(WELL));
    const capacityProviderStrategy = [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }];
    await stage.open('web', '1', { capacityProviderStrategy, platformVersion: '1.4.0' });
    const environment = { MODE: 'all' };
    stage.manifest({ web: { migrate: { command: COMMAND, environment } } });
    await stage.deployAll(['web']);
    const [sent] = stage.sent('RunTask');
    expect(sent).toMatchObject({ capacityProviderStrategy, platformVersion: '1.4.0' });
    expect(sent).not.toHaveProperty('launchType');
    expect(sent).toMatchObject({
      overrides: { containerOverrides: [{ environment: [{ name: 'MODE', value: 'all' }] }] },
    });
  });

  test('tells what its container logs while it runs, each line once', async () => {
    const stage = await openMigrating({ exits: { afterMs: 20_000, code: 0 } });
    const lines = ['step 1', 'step 2', 'step 3\nof 3'];
    stage.writeLogs(
      /web\/web\//,
      lines.map((line, i) => ({ afterMs: 4_000 * i, line })),
    );
    const saidAt = new Map<string, number>();
    const { info } = stage.deps.log;
    Object.assign(stage.deps.log, {
      info: (line: string) => {
        saidAt.set(line, stage.clock.now());
        info(line);
      },
    });
    await stage.deployAll(['web']);
    const said = stage.deps.log.lines.filter((line) => line.includes('migrate/web | '));
    expect(said.map((line) => line.split(' | ')[1])).toEqual(['step 1', 'step 2', 'step 3', 'of 3']);
    const [first = 0, second = 0] = said.map((line) => saidAt.get(line) ?? 0);
    expect(second - first).toBeGreaterThanOrEqual(4_000);
  });

  test('that fails leaves the service alone, with the cause on one screen', async () => {
    const stage = await openMigrating({ exits: { afterMs: 5_000, code: 3 } });
    stage.writeLogs(/web\/web\//, [{ afterMs: 0, line: 'relation "orders" exists already' }]);
    const message = await failureOf(stage.deployAll(['web']));
    expect(message).toMatch(
      /^web: the migration failed, so nothing was deployed: container web ended with exit/,
    );
    expect(message).toContain('container:     web, exit code 3: a code of the program itself');
    expect(message).toContain('  | relation "orders" exists already');
    expect(message).toMatch(/log: +\/ecs\/web web\/web\/[0-9a-f]{32}/);
    expect(stage.calls).not.toContain('UpdateService');
    expect(await stage.running('web')).toBe('web:1');
    expect(stage.deps.summaries.at(-1)).toContain('the migration failed');
  });

  test('goes on where its log may not be read, and says so once', async () => {
    const stage = await openMigrating({ exits: { afterMs: 20_000, code: 0 } });
    stage.refuse('GetLogEvents');
    expect((await stage.deployAll(['web'])).outputs.changed).toBe(true);
    const told = stage.deps.log.lines.filter((line) =>
      line.includes('The log of container web cannot be read'),
    );
    expect(told).toEqual([expect.stringContaining('Allow logs:GetLogEvents')]);
  });

  test('whose image cannot be pulled says so', async () => {
    const reason = 'CannotPullContainerError: pull image manifest has been retried 1 time(s): not found';
    const stage = await openMigrating({ failsToStart: reason });
    const message = await failureOf(stage.deployAll(['web']));
    expect(message).toContain('the task did not start');
    expect(message).toContain('CannotPullContainerError');
    expect(message).toContain('hint:');
  });

  test('is stopped when its time is up', async () => {
    const stage = await openMigrating({});
    stage.manifest({ web: { migrate: { command: COMMAND, 'timeout-minutes': 2 } } });
    const before = stage.clock.now();
    const message = await failureOf(stage.deployAll(['web']));
    expect(message).toContain('it had not ended after 2 minutes and was stopped');
    expect(stage.clock.now() - before).toBeLessThan(140_000);
    expect((await stopped(stage)).map(({ stoppedReason }) => stoppedReason)).toEqual([
      'berth: the time for it was up',
    ]);
    expect(stage.calls).not.toContain('UpdateService');
  });

  test('that somebody stops is no success, whatever its exit code', async () => {
    const stage = await openMigrating({});
    const { sleep } = stage.clock;
    Object.assign(stage.clock, {
      sleep: async (ms: number) => {
        await sleep(ms);
        const { taskArns = [] } = await stage.client.send(new ListTasksCommand({ cluster: 'shop' }));
        const { tasks = [] } = await stage.client.send(
          new DescribeTasksCommand({ cluster: 'shop', tasks: taskArns }),
        );
        const ours = tasks.find(({ startedBy }) => startedBy?.startsWith('berth-migrate'));
        if (ours?.lastStatus === 'RUNNING')
          await stage.client.send(new StopTaskCommand({ cluster: 'shop', task: ours.taskArn }));
      },
    });
    expect(await failureOf(stage.deployAll(['web']))).toMatch(/the task was stopped \(UserInitiated/);
  });

  test('runs again where this run failed with it before', async () => {
    const stage = await openMigrating({ exits: { afterMs: 5_000, code: 3 } }, WELL);
    await failureOf(stage.deployAll(['web']));
    const again = await stage.deployAll(['web']);
    expect(orderOf(again.calls)).toEqual(['RunTask', 'UpdateService']);
    expect(again.failure).toBeUndefined();
  });

  test('is followed, not started again, by a run that comes after a kill', async () => {
    const stage = await openMigrating({ exits: { afterMs: 60_000, code: 0 } });
    await stage.killAfter('RunTask', () => stage.deployAll(['web']));
    await stage.clock.sleep(10_000);
    const again = await stage.deployAll(['web']);
    expect(orderOf(again.calls)).toEqual(['UpdateService']);
    expect(stage.deps.log.lines.join('\n')).toContain('the migration runs already, following it');
    expect(again.failure).toBeUndefined();
  });

  test('is not repeated by a run that was killed after it had ended well', async () => {
    const stage = await openMigrating(WELL);
    await stage.killAfter('RunTask', () => stage.deployAll(['web']));
    await stage.clock.sleep(60_000);
    const again = await stage.deployAll(['web']);
    expect(orderOf(again.calls)).toEqual(['UpdateService']);
    expect(stage.sent('RunTask')).toHaveLength(1);
  });

  test('is repeated by another run, which cannot know what that one did', async () => {
    const stage = await openMigrating(WELL);
    await stage.killAfter('RunTask', () => stage.deployAll(['web']));
    await stage.clock.sleep(60_000);
    Object.assign(stage.deps.github, { runId: '102' });
    expect(orderOf((await stage.deployAll(['web'])).calls)).toEqual(['RunTask', 'UpdateService']);
  });

  test('finds its task again when the answer to RunTask was lost', async () => {
    const stage = await openMigrating(WELL);
    stage.faults.add([{ operation: 'RunTask', count: 1, fault: { kind: 'reset', when: 'after' } }]);
    const deployed = await stage.deployAll(['web']);
    expect(deployed.failure).toBeUndefined();
    const tasks = await stopped(stage);
    expect(tasks.filter(({ startedBy }) => startedBy?.startsWith('berth-migrate'))).toHaveLength(1);
  });

  test('is no part of a run that deploys nothing', async () => {
    const stage = await openMigrating(WELL);
    await stage.wait({ deployments: JSON.stringify((await stage.deployAll(['web'])).deployments) });
    expect((await stage.deployAll(['web'])).calls).not.toContain('RunTask');
  });

  test('of one service keeps the others of its wave from being deployed', async () => {
    const stage = await openMigrating({ exits: { afterMs: 5_000, code: 3 } });
    await stage.open('api', '1');
    stage.manifest({ web: MIGRATE, api: {} });
    await failureOf(stage.deployAll(['web', 'api']));
    expect([await stage.running('web'), await stage.running('api')]).toEqual(['web:1', 'api:1']);
  });

  test('that runs when the step is cancelled is left to run, and nothing is deployed', async () => {
    const stage = await openMigrating({ exits: { afterMs: 60_000, code: 0 } });
    cancelAfterFirstWait(stage);
    const message = await failureOf(stage.deployAll(['web']));
    expect(message).toMatch(/cancelled while the migration was running.*task [0-9a-f]{32} runs on/);
    expect(stage.calls).not.toContain('StopTask');
    expect(stage.calls).not.toContain('UpdateService');
  });

  test('is part of the plan of a dry run', async () => {
    const stage = await openMigrating(WELL);
    const { outputs, calls } = await stage.deployAll(['web'], { 'dry-run': 'true' });
    expect(outputs.plan).toMatchObject([
      {
        steps: [
          { kind: 'register' },
          { kind: 'migrate', container: 'web', command: COMMAND },
          { kind: 'update' },
        ],
      },
    ]);
    expect(calls).not.toContain('RunTask');
    expect(stage.deps.log.lines.join('\n')).toContain(
      'web: run ["node","migrate.js"] in a one-off task, container web: before the service is updated',
    );
  });
});
