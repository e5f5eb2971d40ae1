import {
  DeleteServiceCommand,
  DescribeTasksCommand,
  ListServicesCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { type Behaviour, scriptByImage } from '../runtime/scripted-runtime.ts';
import { isStable, messages, type Rollout, startRollout, TARGET_GROUP } from './rollout.ts';

const BALANCED = [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }];
const HEALTH_CHECK = { command: ['CMD', '/node', 'check.js'] };

const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';
const primary = (service: Service) => service.deployments?.[0];

/** A service on `web:1` that has completed; `web:2` is registered with the behaviour given. */
async function completedService(
  next: Behaviour,
  input: Parameters<Rollout['create']>[0] = {},
): Promise<Rollout> {
  const web = await startRollout({ script: scriptByImage({ 'web:2': next }) });
  await web.register('web:1');
  await web.create(input);
  await web.until(isCompleted);
  await web.register('web:2');
  return web;
}

async function tasks(
  web: Rollout,
  filter: { desiredStatus?: 'RUNNING' | 'STOPPED'; startedBy?: string } = {},
) {
  const listed = await web.client.send(new ListTasksCommand({ cluster: 'shop', ...filter }));
  if (listed.taskArns?.length === 0) return [];
  const found = await web.client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: listed.taskArns }));
  return found.tasks ?? [];
}

const statuses = (found: Task[]) => found.map(({ lastStatus }) => lastStatus).sort();

describe('a rolling update', () => {
  it('shows PRIMARY and ACTIVE while it goes on and ends with one COMPLETED deployment', async () => {
    const web = await completedService({});
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(5000);
    const [newest, old] = (await web.service()).deployments ?? [];
    expect([newest?.status, newest?.rolloutState, newest?.runningCount]).toEqual([
      'PRIMARY',
      'IN_PROGRESS',
      2,
    ]);
    expect([old?.status, old?.rolloutState, old?.runningCount]).toEqual(['ACTIVE', 'COMPLETED', 2]);
    expect(newest?.rolloutStateReason).toBe(`ECS deployment ${newest?.id} in progress.`);
    await web.until(isCompleted);
    const service = await web.service();
    expect(isStable(service)).toBe(true);
    expect(primary(service)?.rolloutStateReason).toBe(`ECS deployment ${newest?.id} completed.`);
  });

  it('tells its story in the words of AWS', async () => {
    const web = await completedService({}, { loadBalancers: BALANCED });
    const [before] = (await web.service()).deployments ?? [];
    const said = messages(await web.service()).length;
    await web.update({ taskDefinition: 'web:2' });
    await web.until(isCompleted);
    const service = await web.service();
    const id = primary(service)?.id;
    const ids = / \(task [0-9a-f]{32}\) \(task [0-9a-f]{32}\)/g;
    expect(
      messages(service)
        .slice(said)
        .map((text) => text.replace(ids, ' …')),
    ).toEqual([
      '(service web) has started 2 tasks: ….',
      `(service web) registered 2 targets in (target-group ${TARGET_GROUP})`,
      '(service web) has stopped 2 running tasks: ….',
      `(service web) deregistered 2 targets in (target-group ${TARGET_GROUP})`,
      `(service web, taskSet ${before?.id}) has begun draining connections on 2 tasks.`,
      `(service web) (deployment ${id}) deployment completed.`,
      '(service web) has reached a steady state.',
    ]);
  });

  it('without any health check takes 40 s of RUNNING for healthy', async () => {
    const web = await completedService({ startsAfterMs: 2000 });
    await web.update({ taskDefinition: 'web:2' });
    const tookMs = await web.until(
      (service) => (service.deployments?.[1]?.runningCount ?? 0) === 0,
      60_000,
      50,
    );
    // 150 ms to begin, 200 ms PROVISIONING, 2 s to start, 1 s until RUNNING, 40 s.
    expect(tookMs).toBe(43_350);
  });

  it('keeps old tasks until the new ones are healthy in their target group', async () => {
    const web = await completedService(
      { target: [{ afterMs: 20_000, state: 'healthy' }] },
      { loadBalancers: BALANCED },
    );
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(20_000);
    expect(primary(await web.service())?.runningCount).toBe(2);
    expect(web.targetGroups.registered(TARGET_GROUP)).toHaveLength(4);
    await web.clock.sleep(5000);
    expect(primary(await web.service())?.runningCount).toBe(2);
    expect(web.targetGroups.registered(TARGET_GROUP)).toHaveLength(2);
  });

  it('waits for the container health check as well where there are both', async () => {
    const web = await startRollout({
      script: () => ({
        health: [{ afterMs: 30_000, status: 'HEALTHY' }],
        target: [{ afterMs: 3000, state: 'healthy' }],
      }),
    });
    const container = { name: 'web', image: 'web:1', portMappings: [{ containerPort: 8000 }] };
    await web.register('', { containerDefinitions: [{ ...container, healthCheck: HEALTH_CHECK }] });
    await web.create({ loadBalancers: BALANCED });
    // 150 ms to begin, 200 ms PROVISIONING, 1 s to start, then the check; the target would have been sooner.
    expect(await web.until(isCompleted, 60_000, 50)).toBe(31_350);
  });

  it('holds the old deployment ACTIVE for the deregistration delay, and stops its tasks after it', async () => {
    const web = await completedService({}, { loadBalancers: BALANCED });
    const [before] = (await web.service()).deployments ?? [];
    await web.update({ taskDefinition: 'web:2' });
    await web.until((service) => (service.deployments?.[1]?.runningCount ?? 0) === 0, 60_000);
    const drainingSince = web.clock.now();
    const [draining] = await tasks(web, { desiredStatus: 'STOPPED', startedBy: before?.id ?? '' });
    expect(draining?.lastStatus).toBe('DEACTIVATING');
    expect(draining?.containers?.[0]?.lastStatus).toBe('RUNNING');
    await web.until((service) => service.deployments?.length === 1);
    expect(web.clock.now() - drainingSince).toBeGreaterThanOrEqual(300_000);
    expect(web.clock.now() - drainingSince).toBeLessThanOrEqual(301_000);
  });

  it('sends SIGTERM together with the deregistration when it is told to', async () => {
    const web = await startRollout({ drainOrder: 'together' });
    await web.register('web:1');
    await web.create({ loadBalancers: BALANCED });
    await web.until(isCompleted);
    await web.update({ desiredCount: 1 });
    await web.clock.sleep(1000);
    const [draining] = await tasks(web, { desiredStatus: 'STOPPED' });
    expect(draining?.containers?.[0]).toMatchObject({ lastStatus: 'STOPPED', exitCode: 0 });
  });

  it('shortens the drain and the 40 s rule by the time scale, not health checks', async () => {
    const web = await startRollout({ timeScale: 0.1 });
    await web.register('web:1');
    await web.create();
    expect(await web.until(isCompleted, 60_000, 50)).toBe(6350);
  });

  it('replaces a task whose target turns unhealthy, the replacement first', async () => {
    const web = await completedService({}, { loadBalancers: BALANCED });
    const [address = ''] = web.targetGroups.registered(TARGET_GROUP);
    const description = 'Health checks failed with these codes: [500]';
    const unhealthy = { state: 'unhealthy', reason: 'Target.ResponseCodeMismatch', description } as const;
    web.targetGroups.setHealth(TARGET_GROUP, { id: address, port: 8000 }, unhealthy);
    await web.clock.sleep(500);
    expect((await web.service()).runningCount).toBe(2);
    expect((await web.service()).pendingCount).toBe(1);
    await web.clock.sleep(3000);
    const [stopped] = await tasks(web, { desiredStatus: 'STOPPED' });
    expect(stopped?.stoppedReason).toBe(`Task failed ELB health checks in (target-group ${TARGET_GROUP})`);
    expect(stopped?.stopCode).toBe('ServiceSchedulerInitiated');
    const id = stopped?.taskArn?.split('/').pop();
    expect(messages(await web.service())).toContain(
      `(service web) (task ${id}) (port 8000) is unhealthy in (target-group web) due to (reason ${description})`,
    );
    await web.until(isStable, 10_000);
  });

  it('does not replace a task for its health within the grace period', async () => {
    const target = [
      { afterMs: 1000, state: 'unhealthy' as const },
      { afterMs: 50_000, state: 'healthy' as const },
    ];
    const web = await completedService(
      { target },
      { loadBalancers: BALANCED, healthCheckGracePeriodSeconds: 60 },
    );
    await web.update({ taskDefinition: 'web:2' });
    await web.until(isCompleted);
    expect(
      await tasks(web, { desiredStatus: 'STOPPED', startedBy: primary(await web.service())?.id ?? '' }),
    ).toEqual([]);
  });

  it('takes a task that fails its checks first, within the grace period too, where there are more than desired', async () => {
    const web = await completedService({}, { loadBalancers: BALANCED, healthCheckGracePeriodSeconds: 3600 });
    const [, sick = ''] = web.targetGroups.registered(TARGET_GROUP);
    web.targetGroups.setHealth(TARGET_GROUP, { id: sick, port: 8000 }, { state: 'unhealthy' });
    await web.clock.sleep(60_000);
    expect((await web.service()).runningCount).toBe(2);
    await web.update({ desiredCount: 1 });
    await web.clock.sleep(1000);
    const [left] = await tasks(web);
    const details = left?.attachments?.[0]?.details ?? [];
    expect(details.map(({ value }) => value)).not.toContain(sick);
    expect((await web.service()).runningCount).toBe(1);
  });

  it('replaces a task whose container fails its health check', async () => {
    const health = [
      { afterMs: 1000, status: 'HEALTHY' as const },
      { afterMs: 60_000, status: 'UNHEALTHY' as const },
    ];
    const web = await startRollout({ script: () => ({ health }) });
    await web.register('', {
      containerDefinitions: [{ name: 'web', image: 'web:1', healthCheck: HEALTH_CHECK }],
    });
    await web.create({ desiredCount: 1 });
    await web.until(isCompleted);
    await web.clock.sleep(65_000);
    const [stopped] = await tasks(web, { desiredStatus: 'STOPPED' });
    expect(stopped?.stoppedReason).toBe('Task failed container health checks');
    expect(messages(await web.service()).join()).toContain('failed container health checks.');
  });

  it('replaces a task that ran and died at once, again and again', async () => {
    const web = await completedService({ exits: { afterMs: 5000, code: 1 } });
    await web.update({ taskDefinition: 'web:2', desiredCount: 1 });
    await web.clock.sleep(65_000);
    const id = primary(await web.service())?.id ?? '';
    const died = await tasks(web, { desiredStatus: 'STOPPED', startedBy: id });
    expect(died.length).toBe(10);
    expect(died[0]).toMatchObject({
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      lastStatus: 'STOPPED',
      containers: [{ exitCode: 1 }],
    });
    expect(primary(await web.service())?.failedTasks).toBe(0);
  });

  it('without a breaker retries for ever, ever more slowly, and says so once', async () => {
    const reason = 'CannotPullContainerError: manifest unknown';
    const web = await completedService({ failsToStart: reason });
    await web.update({ taskDefinition: 'web:2', desiredCount: 1 });
    await web.clock.sleep(55 * 60_000);
    const service = await web.service();
    const failed = await tasks(web, { desiredStatus: 'STOPPED', startedBy: primary(service)?.id ?? '' });
    expect(failed.length).toBe(12);
    expect(failed[0]).toMatchObject({ stopCode: 'TaskFailedToStart', stoppedReason: reason });
    expect(primary(service)?.failedTasks).toBe(12);
    expect(messages(service).filter((text) => text.includes('unable to consistently start'))).toHaveLength(1);
    const gaps = failed.map(({ createdAt }) => createdAt?.getTime() ?? 0).sort((a, b) => a - b);
    expect((gaps.at(-1) ?? 0) - (gaps.at(-2) ?? 0)).toBeGreaterThan(15 * 60_000 - 1);
  });

  it('starts afresh, without back-off, with a new task definition', async () => {
    const web = await completedService({ failsToStart: 'CannotPullContainerError: manifest unknown' });
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(30 * 60_000);
    await web.register('web:3');
    await web.update({ taskDefinition: 'web:3' });
    expect(await web.until(isCompleted)).toBeLessThan(60_000);
  });

  it('follows the latest desired count in the middle of a deployment', async () => {
    const web = await completedService({ startsAfterMs: 10_000 });
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(5000);
    await web.update({ desiredCount: 5 });
    await web.until(isCompleted);
    expect((await web.service()).runningCount).toBe(5);
    await web.update({ desiredCount: 1 });
    await web.until((service) => isStable(service), 10_000);
    const reasons = (await tasks(web, { desiredStatus: 'STOPPED' })).map(
      ({ stoppedReason }) => stoppedReason,
    );
    const id = primary(await web.service())?.id;
    expect(reasons).toContain(`Scaling activity initiated by (deployment ${id})`);
  });

  it('says when its configuration lets it neither start nor stop anything', async () => {
    const web = await completedService(
      {},
      {
        desiredCount: 1,
        deploymentConfiguration: { minimumHealthyPercent: 60, maximumPercent: 150 },
      },
    );
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(3_600_000);
    const service = await web.service();
    const stuck =
      'was unable to stop or start tasks during a deployment because of the service deployment configuration';
    expect(messages(service).filter((text) => text.includes(stuck))).toHaveLength(1);
    expect(primary(service)?.rolloutState).toBe('IN_PROGRESS');
  });

  it('stops some tasks first where the upper bound leaves no room', async () => {
    const web = await completedService(
      {},
      {
        desiredCount: 4,
        deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
      },
    );
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(1000);
    const [newest, old] = (await web.service()).deployments ?? [];
    expect([newest?.pendingCount, old?.runningCount]).toEqual([2, 2]);
    await web.until(isCompleted);
  });

  it('tells again after six hours what still holds: that it is stuck, that it cannot start tasks, that it is steady', async () => {
    const stuck = await completedService(
      {},
      { desiredCount: 1, deploymentConfiguration: { minimumHealthyPercent: 60, maximumPercent: 150 } },
    );
    await stuck.clock.sleep(13 * 3_600_000);
    const told = (service: Service, part: string) => messages(service).filter((text) => text.includes(part));
    expect(told(await stuck.service(), 'has reached a steady state')).toHaveLength(3);
    await stuck.update({ taskDefinition: 'web:2' });
    await stuck.clock.sleep(13 * 3_600_000);
    expect(told(await stuck.service(), 'was unable to stop or start tasks')).toHaveLength(3);
    const failing = await completedService({ failsToStart: 'CannotPullContainerError: not found' });
    await failing.update({ taskDefinition: 'web:2', desiredCount: 1 });
    await failing.clock.sleep(13 * 3_600_000);
    expect(told(await failing.service(), 'is unable to consistently start tasks')).toHaveLength(3);
  });

  it('keeps the newest hundred events', async () => {
    const web = await completedService({ exits: { afterMs: 2000, code: 1 } });
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(1_200_000);
    const { events = [] } = await web.service();
    expect(events).toHaveLength(100);
    const times = events.map(({ createdAt }) => createdAt?.getTime() ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });
});

describe('a deleted service', () => {
  it('is DRAINING until its tasks have stopped, then INACTIVE, and can be made anew', async () => {
    const web = await completedService({});
    const remove = (force: boolean) =>
      web.client.send(new DeleteServiceCommand({ cluster: 'shop', service: 'web', force }));
    await expect(remove(false)).rejects.toThrow('The service cannot be stopped while it is scaled above 0.');
    expect((await remove(true)).service?.status).toBe('DRAINING');
    await expect(web.create()).rejects.toThrow('Unable to Start a service that is still Draining.');
    await web.until((service) => service.status === 'INACTIVE', 5000);
    await expect(web.update({ desiredCount: 1 })).rejects.toThrow('Service was not ACTIVE.');
    expect(statuses(await tasks(web, { desiredStatus: 'STOPPED' }))).toEqual(['STOPPED', 'STOPPED']);
    expect((await web.create()).status).toBe('ACTIVE');
  });

  it('goes also where a deployment of it has not begun yet, and is no longer listed', async () => {
    const web = await completedService({});
    await web.update({ taskDefinition: 'web:2' });
    await web.client.send(new DeleteServiceCommand({ cluster: 'shop', service: 'web', force: true }));
    const { serviceArns } = await web.client.send(new ListServicesCommand({ cluster: 'shop' }));
    expect(serviceArns).toEqual([]);
    await web.until((service) => service.status === 'INACTIVE', 5000);
    expect((await web.newest()).status).toBe('STOPPED');
  });
});
