import {
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import type { TaskScript } from '../../runtime/scripted-runtime.ts';
import { NETWORK, type Rollout, startRollout } from '../rollout.ts';

async function run(web: Rollout, extra: object = {}): Promise<Task> {
  const command = new RunTaskCommand({
    cluster: 'shop',
    taskDefinition: 'web',
    networkConfiguration: NETWORK,
    ...extra,
  });
  const [task] = (await web.client.send(command)).tasks ?? [];
  return task ?? {};
}

async function describeTask(web: Rollout, taskArn = ''): Promise<Task> {
  const answer = await web.client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: [taskArn] }));
  return answer.tasks?.[0] ?? {};
}

async function registered(script?: TaskScript) {
  const web = await startRollout(script === undefined ? {} : { script });
  await web.register('web:1');
  return web;
}

describe('a task', () => {
  it('climbs its ladder one status at a time', async () => {
    const web = await registered(() => ({ startsAfterMs: 1000, stopsAfterMs: 500 }));
    const { taskArn = '' } = await run(web);
    const seen: string[] = [];
    for (let step = 0; step < 80; step++) {
      if (step === 40) await web.client.send(new StopTaskCommand({ cluster: 'shop', task: taskArn }));
      const { lastStatus = '' } = await describeTask(web, taskArn);
      if (seen.at(-1) !== lastStatus) seen.push(lastStatus);
      await web.clock.sleep(100);
    }
    expect(seen).toEqual([
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ]);
  });

  it('shows its times, its address and its exit', async () => {
    const web = await registered(() => ({
      exits: { afterMs: 5000, code: 137, reason: 'OutOfMemoryError: killed' },
    }));
    const { taskArn } = await run(web, { startedBy: 'migration' });
    await web.clock.sleep(10_000);
    const task = await describeTask(web, taskArn);
    expect(task).toMatchObject({
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      group: 'family:web',
      startedBy: 'migration',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [{ name: 'web', lastStatus: 'STOPPED', exitCode: 137, reason: 'OutOfMemoryError: killed' }],
      attachments: [{ type: 'ElasticNetworkInterface', status: 'DELETED' }],
    });
    const { createdAt, pullStartedAt, pullStoppedAt, startedAt, stoppingAt, stoppedAt } = task;
    const times = [createdAt, pullStartedAt, pullStoppedAt, startedAt, stoppingAt, stoppedAt].map(
      (at) => at?.getTime() ?? 0,
    );
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address).toBe('10.0.0.4');
  });

  it('never shows RUNNING when it exits within its first second', async () => {
    const web = await registered(() => ({ startsAfterMs: 0, exits: { afterMs: 999, code: 1 } }));
    const { taskArn } = await run(web);
    await web.clock.sleep(10_000);
    const task = await describeTask(web, taskArn);
    expect([task.lastStatus, task.startedAt]).toEqual(['STOPPED', undefined]);
  });

  it('says why it could not be pulled', async () => {
    const reason = 'CannotPullContainerError: pull image manifest has been retried 1 time(s): not found';
    const web = await registered(() => ({ failsToStart: reason }));
    const { taskArn } = await run(web);
    await web.clock.sleep(10_000);
    expect(await describeTask(web, taskArn)).toMatchObject({
      stopCode: 'TaskFailedToStart',
      stoppedReason: reason,
      containers: [{ reason }],
    });
  });

  it('goes on when a container that is not essential ends', async () => {
    const web = await startRollout({
      script: (_launch, container) => (container === 'init' ? { exits: { afterMs: 100, code: 0 } } : {}),
    });
    const containerDefinitions = [
      { name: 'web', image: 'web:1', dependsOn: [{ containerName: 'init', condition: 'SUCCESS' as const }] },
      { name: 'init', image: 'init:1', essential: false },
    ];
    await web.register('', { containerDefinitions });
    const { taskArn } = await run(web);
    await web.clock.sleep(10_000);
    const task = await describeTask(web, taskArn);
    expect(task.lastStatus).toBe('RUNNING');
    expect(task.containers?.map(({ lastStatus }) => lastStatus)).toEqual(['RUNNING', 'STOPPED']);
  });

  it('can still be described an hour after it stopped, not much longer', async () => {
    const web = await registered(() => ({ exits: { afterMs: 2000, code: 0 } }));
    const { taskArn } = await run(web);
    await web.clock.sleep(10_000);
    await web.clock.sleep(59 * 60_000);
    expect((await describeTask(web, taskArn)).lastStatus).toBe('STOPPED');
    await web.clock.sleep(3 * 60_000);
    expect(await describeTask(web, taskArn)).toEqual({});
  });

  it('of a service that is stopped by hand says so and is replaced', async () => {
    const web = await registered();
    await web.create({ desiredCount: 1 });
    await web.clock.sleep(60_000);
    const listed = await web.client.send(new ListTasksCommand({ cluster: 'shop', serviceName: 'web' }));
    const task = listed.taskArns?.[0] ?? '';
    await web.client.send(new StopTaskCommand({ cluster: 'shop', task, reason: 'drill' }));
    await web.clock.sleep(60_000);
    expect(await describeTask(web, task)).toMatchObject({
      stopCode: 'UserInitiated',
      stoppedReason: 'drill',
    });
    expect((await web.service()).runningCount).toBe(1);
  });
});

describe('ListTasks', () => {
  it('goes by service, family, startedBy and desired status', async () => {
    const web = await registered();
    await web.create();
    await run(web, { startedBy: 'me' });
    await web.clock.sleep(5000);
    const count = async (filter: object) => {
      const answer = await web.client.send(new ListTasksCommand({ cluster: 'shop', ...filter }));
      return answer.taskArns?.length;
    };
    const startedBy = (await web.service()).deployments?.[0]?.id;
    expect(await count({})).toBe(3);
    expect(await count({ serviceName: 'web' })).toBe(2);
    expect(await count({ family: 'web' })).toBe(3);
    expect(await count({ family: 'other' })).toBe(0);
    expect(await count({ startedBy })).toBe(2);
    expect(await count({ startedBy: 'me' })).toBe(1);
    expect(await count({ desiredStatus: 'STOPPED' })).toBe(0);
    expect(await count({ launchType: 'EC2' })).toBe(0);
  });

  it.each([
    [{ startedBy: 'me', family: 'web' }, 'InvalidParameterException'],
    [{ startedBy: 'me', serviceName: 'web' }, 'InvalidParameterException'],
    [{ serviceName: 'wep' }, 'ServiceNotFoundException'],
    [{ cluster: 'shoo' }, 'ClusterNotFoundException'],
  ])('refuses %j', async (filter, name) => {
    const web = await registered();
    await web.create();
    const list = web.client.send(new ListTasksCommand({ cluster: 'shop', ...filter }));
    await expect(list).rejects.toMatchObject({ name });
  });
});

describe('RunTask, StopTask and DescribeTasks', () => {
  it('hand the overrides to the runtime and show them', async () => {
    const seen: unknown[] = [];
    const web = await registered((launch) => {
      seen.push(launch.overrides);
      return {};
    });
    const overrides = { containerOverrides: [{ name: 'web', command: ['node', 'migrate.js'] }] };
    const task = await run(web, { overrides });
    await web.clock.sleep(1000);
    await web.client.send(new ListTasksCommand({ cluster: 'shop' }));
    expect(task.overrides).toEqual(overrides);
    expect(seen).toEqual([overrides]);
  });

  it('refuse what ECS refuses', async () => {
    const web = await registered();
    await expect(run(web, { count: 11 })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(run(web, { taskDefinition: 'wep' })).rejects.toThrow('TaskDefinition not found.');
    const stop = web.client.send(new StopTaskCommand({ cluster: 'shop', task: '0' }));
    await expect(stop).rejects.toThrow('The referenced task was not found.');
    const none = web.client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: [] }));
    await expect(none).rejects.toThrow('Tasks cannot be empty.');
  });

  it('give the same tasks again for the same client token, and refuse it for another request', async () => {
    const web = await registered();
    const first = await run(web, { clientToken: 'migration-1' });
    const again = await run(web, { clientToken: 'migration-1' });
    expect(again.taskArn).toBe(first.taskArn);
    const other = run(web, { clientToken: 'migration-1', count: 2 });
    await expect(other).rejects.toMatchObject({ name: 'ConflictException', resourceIds: [first.taskArn] });
    const { taskArns } = await web.client.send(new ListTasksCommand({ cluster: 'shop' }));
    expect(taskArns).toEqual([first.taskArn]);
    expect((await run(web, { clientToken: 'migration-2' })).taskArn).not.toBe(first.taskArn);
  });

  it('never stop a task outside services for its health', async () => {
    const web = await startRollout({
      script: () => ({ health: [{ afterMs: 5000, status: 'UNHEALTHY' }] }),
    });
    const healthCheck = { command: ['CMD', '/node', 'check.js'] };
    await web.register('web:1', { containerDefinitions: [{ name: 'web', image: 'web:1', healthCheck }] });
    const { taskArn } = await run(web);
    await web.clock.sleep(600_000);
    expect(await describeTask(web, taskArn)).toMatchObject({
      lastStatus: 'RUNNING',
      healthStatus: 'UNHEALTHY',
    });
  });

  it('name tasks that are MISSING', async () => {
    const web = await registered();
    const answer = await web.client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: ['abc'] }));
    expect(answer.failures).toEqual([
      { arn: 'arn:aws:ecs:us-east-1:123456789012:task/shop/abc', reason: 'MISSING' },
    ]);
  });
});
