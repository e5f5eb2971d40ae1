import {
  DeleteServiceCommand,
  type DeploymentCircuitBreaker,
  DescribeServiceRevisionsCommand,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeployment,
  StopServiceDeploymentCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { type Behaviour, scriptByImage } from '../runtime/scripted-runtime.ts';
import { messages, type Rollout, startRollout, TARGET_GROUP } from './rollout.ts';

const CRASH: Behaviour = { exits: { afterMs: 100, code: 1 } };
const NEVER_HEALTHY: Behaviour = { target: [{ afterMs: 5000, state: 'unhealthy' }] };
const BALANCED = [{ targetGroupArn: TARGET_GROUP, containerName: 'web', containerPort: 8000 }];

const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';
const isFailed = (service: Service) => service.deployments?.[0]?.rolloutState === 'FAILED';
const breaker = (wanted: Partial<DeploymentCircuitBreaker> = {}) => ({
  deploymentCircuitBreaker: { enable: true, rollback: true, ...wanted },
});

/** A service behind the load balancer, completed on `web:1`; `web:2` behaves as given. */
async function completedService(next: Behaviour, wanted: Partial<DeploymentCircuitBreaker> = {}) {
  const web = await startRollout({ script: scriptByImage({ 'web:2': next }) });
  await web.register('web:1');
  await web.create({ loadBalancers: BALANCED, deploymentConfiguration: breaker(wanted) });
  await web.until(isCompleted);
  await web.register('web:2');
  return web;
}

async function untilEnded(web: Rollout): Promise<ServiceDeployment> {
  const ended = ['SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'];
  for (let call = 0; call < 10_000; call++) {
    const newest = await web.newest();
    if (ended.includes(newest.status ?? '')) return newest;
    await web.clock.sleep(500);
  }
  throw new Error('The service deployment does not end.');
}

const stop = (web: Rollout, serviceDeploymentArn = '') =>
  web.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));

describe('a service deployment', () => {
  it('is PENDING, then IN_PROGRESS, then SUCCESSFUL, with its times', async () => {
    const web = await completedService({});
    await web.update({ taskDefinition: 'web:2' });
    const pending = await web.newest();
    expect([pending.status, pending.startedAt]).toEqual(['PENDING', undefined]);
    expect((await web.service()).currentServiceDeployment).toBe(pending.serviceDeploymentArn);
    await web.clock.sleep(1000);
    expect((await web.newest()).status).toBe('IN_PROGRESS');
    const done = await untilEnded(web);
    expect(done.status).toBe('SUCCESSFUL');
    expect(done.finishedAt?.getTime()).toBeGreaterThan(done.startedAt?.getTime() ?? 0);
    expect(done.deploymentCircuitBreaker).toEqual({
      status: 'MONITORING_COMPLETE',
      failureCount: 0,
      threshold: 3,
    });
    expect((await web.service()).currentServiceDeployment).toBeUndefined();
  });

  it('counts the tasks of its source and target revisions', async () => {
    const web = await completedService({});
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(800);
    const { sourceServiceRevisions, targetServiceRevision } = await web.newest();
    expect(sourceServiceRevisions).toEqual([
      { arn: expect.any(String), requestedTaskCount: 2, runningTaskCount: 2, pendingTaskCount: 0 },
    ]);
    expect(targetServiceRevision).toMatchObject({
      requestedTaskCount: 2,
      runningTaskCount: 0,
      pendingTaskCount: 2,
    });
  });

  it('ends STOPPED when a newer one takes its place, and the newer one succeeds', async () => {
    const web = await completedService({ startsAfterMs: 60_000 });
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(10_000);
    await web.register('web:3');
    await web.update({ taskDefinition: 'web:3' });
    await web.clock.sleep(1000);
    const [newest, superseded] = await web.deployments();
    expect([newest?.status, superseded?.status]).toEqual(['IN_PROGRESS', 'STOPPED']);
    expect(superseded?.statusReason).toBe('Service deployment was stopped by a newer service deployment.');
    expect(messages(await web.service())).toContain('(service web) stopped 2 pending tasks.');
    expect((await untilEnded(web)).status).toBe('SUCCESSFUL');
  });

  it('ends STOPPED when its service is deleted', async () => {
    const web = await completedService({});
    await web.update({ taskDefinition: 'web:2' });
    await web.client.send(new DeleteServiceCommand({ cluster: 'shop', service: 'web', force: true }));
    expect((await web.newest()).status).toBe('STOPPED');
  });

  it('is refused as the sixth that has not ended', async () => {
    const web = await completedService({ startsAfterMs: 600_000 });
    for (let n = 0; n < 4; n++) {
      await web.update({ forceNewDeployment: true });
      await web.clock.sleep(100);
    }
    await expect(web.update({ forceNewDeployment: true })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: '5 active deployments exist, unable to create new deployment.',
    });
  });

  it('is listed newest first, by status and by time', async () => {
    const web = await completedService({});
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(1000);
    const list = (filter: object) =>
      web.client.send(new ListServiceDeploymentsCommand({ cluster: 'shop', service: 'web', ...filter }));
    const all = (await list({})).serviceDeployments ?? [];
    expect(all.map(({ status }) => status)).toEqual(['IN_PROGRESS', 'SUCCESSFUL']);
    expect((await list({ status: ['SUCCESSFUL'] })).serviceDeployments).toEqual([all[1]]);
    expect((await list({ createdAt: { after: all[0]?.createdAt } })).serviceDeployments).toEqual([all[0]]);
    const first = await list({ maxResults: 1 });
    const second = await list({ maxResults: 1, nextToken: first.nextToken });
    expect([...(first.serviceDeployments ?? []), ...(second.serviceDeployments ?? [])]).toEqual(all);
    expect(second.nextToken).toBeUndefined();
  });
});

describe('the circuit breaker', () => {
  it('fails a deployment whose tasks never run, and rolls back by a new PRIMARY on the same revision', async () => {
    const web = await completedService(CRASH);
    const [good] = (await web.service()).deployments ?? [];
    const goodTaskDefinition = good?.taskDefinition;
    const { targetServiceRevision } = await web.newest();
    const update = await web.update({ taskDefinition: 'web:2' });
    const bad = update.deployments?.[0]?.id;
    await web.until((service) => service.deployments?.[0]?.id !== bad, 60_000, 100);
    const [back, old] = (await web.service()).deployments ?? [];
    expect([back?.status, back?.rolloutState, back?.taskDefinition]).toEqual([
      'PRIMARY',
      'IN_PROGRESS',
      goodTaskDefinition,
    ]);
    expect(back?.rolloutStateReason).toBe(
      `ECS deployment circuit breaker: rolling back to deploymentId ${good?.id}.`,
    );
    expect([old?.id, old?.status, old?.runningCount]).toEqual([good?.id, 'ACTIVE', 2]);
    expect((await web.newest()).status).toBe('ROLLBACK_IN_PROGRESS');
    const ended = await untilEnded(web);
    expect(ended).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'ECS deployment circuit breaker: tasks failed to start.',
      deploymentCircuitBreaker: { status: 'TRIGGERED', failureCount: 4, threshold: 3 },
      rollback: { serviceRevisionArn: targetServiceRevision?.arn },
    });
    expect(await web.deployments()).toHaveLength(2);
    const said = messages(await web.service());
    expect(said).toContain(`(service web) (deployment ${bad}) deployment failed: tasks failed to start.`);
    expect(said).toContain(`(service web) rolling back to deployment ${good?.id}.`);
    expect((await web.service()).taskDefinition).toBe(goodTaskDefinition);
  });

  it('never takes a healthy old task away while it fails and rolls back', async () => {
    const web = await completedService(CRASH);
    await web.update({ taskDefinition: 'web:2' });
    let least = 2;
    await web.until((service) => {
      least = Math.min(least, service.runningCount ?? 0);
      return isCompleted(service);
    });
    expect(least).toBe(2);
  });

  it('counts failed health checks once a task runs', async () => {
    const web = await completedService(NEVER_HEALTHY);
    await web.update({ taskDefinition: 'web:2' });
    const ended = await untilEnded(web);
    expect(ended.status).toBe('ROLLBACK_SUCCESSFUL');
    expect(ended.deploymentCircuitBreaker?.failureCount).toBeGreaterThanOrEqual(3);
  });

  it('does not count tasks that ran and died', async () => {
    const web = await completedService({ exits: { afterMs: 3000, code: 1 } });
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(600_000);
    expect(await web.newest()).toMatchObject({
      status: 'IN_PROGRESS',
      deploymentCircuitBreaker: { status: 'MONITORING', failureCount: 0 },
    });
  });

  it('without rollback leaves the deployment FAILED and the service deployment STOPPED, and launches no more', async () => {
    const web = await completedService(CRASH, { rollback: false });
    await web.update({ taskDefinition: 'web:2' });
    await web.until(isFailed);
    const ended = await web.newest();
    expect(ended).toMatchObject({ status: 'STOPPED', deploymentCircuitBreaker: { status: 'TRIGGERED' } });
    expect(ended.stoppedAt).toEqual(ended.finishedAt);
    await web.clock.sleep(3_600_000);
    const [failed, old] = (await web.service()).deployments ?? [];
    expect([failed?.status, failed?.pendingCount, failed?.runningCount]).toEqual(['PRIMARY', 0, 0]);
    expect([old?.status, old?.runningCount]).toEqual(['ACTIVE', 2]);
    expect(failed?.rolloutStateReason).toBe('ECS deployment circuit breaker: tasks failed to start.');
  });

  it('stalls the first deployment of a service, which has nothing to go back to', async () => {
    const web = await startRollout({ script: () => CRASH });
    await web.register('web:1');
    await web.create({ deploymentConfiguration: breaker() });
    await web.until(isFailed);
    await web.clock.sleep(3_600_000);
    const service = await web.service();
    expect([service.deployments?.length, service.pendingCount, service.runningCount]).toEqual([1, 0, 0]);
    expect((await web.newest()).status).toBe('ROLLBACK_FAILED');
  });

  it('ends ROLLBACK_FAILED when the rollback fails as well', async () => {
    let broken = false;
    const web = await startRollout({ script: () => (broken ? CRASH : {}) });
    await web.register('web:1');
    await web.create({ deploymentConfiguration: breaker() });
    await web.until(isCompleted);
    broken = true;
    await web.update({ forceNewDeployment: true });
    expect((await untilEnded(web)).status).toBe('ROLLBACK_FAILED');
    expect(isFailed(await web.service())).toBe(true);
  });

  it('takes its threshold from the latest desired count', async () => {
    const web = await completedService(
      { failsToStart: 'CannotPullContainerError: x' },
      {
        thresholdConfiguration: { type: 'UNBOUNDED_PERCENT', value: 100 },
      },
    );
    await web.update({ taskDefinition: 'web:2', desiredCount: 1 });
    await web.clock.sleep(500);
    expect((await web.newest()).deploymentCircuitBreaker?.threshold).toBe(1);
    await web.update({ desiredCount: 20 });
    await web.clock.sleep(0);
    expect((await web.newest()).deploymentCircuitBreaker?.threshold).toBe(20);
  });

  it.each([
    [true, 'IN_PROGRESS'],
    [false, 'STOPPED'],
  ])(
    'with resetOnHealthyTask %s leaves a deployment of flapping tasks %s',
    async (resetOnHealthyTask, status) => {
      const flapping = {
        target: [
          { afterMs: 2000, state: 'healthy' as const },
          { afterMs: 4000, state: 'unhealthy' as const },
        ],
      };
      const web = await startRollout({ script: () => flapping });
      await web.register('web:1');
      await web.create({
        desiredCount: 2,
        loadBalancers: BALANCED,
        deploymentConfiguration: {
          ...breaker({
            rollback: false,
            resetOnHealthyTask,
            thresholdConfiguration: { type: 'COUNT', value: 5 },
          }),
          minimumHealthyPercent: 0,
          maximumPercent: 50,
        },
      });
      await web.clock.sleep(600_000);
      expect((await web.newest()).status).toBe(status);
    },
  );
});

describe('StopServiceDeployment', () => {
  it('rolls back through ROLLBACK_REQUESTED and ROLLBACK_IN_PROGRESS, and may be repeated', async () => {
    const web = await startRollout({ script: scriptByImage({ 'web:2': { startsAfterMs: 60_000 } }) });
    await web.register('web:1');
    await web.create();
    await web.until(isCompleted);
    const { targetServiceRevision } = await web.newest();
    await web.register('web:2');
    await web.update({ taskDefinition: 'web:2' });
    await web.clock.sleep(5000);
    const { serviceDeploymentArn } = await web.newest();
    expect((await stop(web, serviceDeploymentArn)).serviceDeploymentArn).toBe(serviceDeploymentArn);
    expect((await web.newest()).status).toBe('ROLLBACK_REQUESTED');
    await stop(web, serviceDeploymentArn);
    await web.clock.sleep(2000);
    expect((await web.newest()).status).toBe('ROLLBACK_IN_PROGRESS');
    await stop(web, serviceDeploymentArn);
    const ended = await untilEnded(web);
    expect(ended).toMatchObject({
      serviceDeploymentArn,
      status: 'ROLLBACK_SUCCESSFUL',
      rollback: { serviceRevisionArn: targetServiceRevision?.arn },
    });
  });

  it('conflicts with a service deployment that has ended', async () => {
    const web = await completedService({});
    const { serviceDeploymentArn } = await web.newest();
    await expect(stop(web, serviceDeploymentArn)).rejects.toMatchObject({ name: 'ConflictException' });
  });

  it('ends ROLLBACK_FAILED where there is no completed revision', async () => {
    const web = await startRollout({ script: () => ({ startsAfterMs: 60_000 }) });
    await web.register('web:1');
    await web.create();
    await web.clock.sleep(1000);
    await stop(web, (await web.newest()).serviceDeploymentArn);
    expect((await untilEnded(web)).status).toBe('ROLLBACK_FAILED');
  });

  it('knows no other stop type and no other deployment', async () => {
    const web = await completedService({});
    const { serviceDeploymentArn = '' } = await web.newest();
    const abort = new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ABORT' });
    await expect(web.client.send(abort)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(stop(web, `${serviceDeploymentArn}x`)).rejects.toMatchObject({
      name: 'ServiceDeploymentNotFoundException',
    });
  });
});

describe('a service revision', () => {
  it('shows what it was made of, with the digest each image had then', async () => {
    let digest = 'sha256:first';
    const web = await startRollout({ images: { resolve: async () => digest } });
    await web.register('shop/web:1');
    await web.create({ loadBalancers: BALANCED });
    digest = 'sha256:second';
    const { targetServiceRevision } = await web.newest();
    const serviceRevisionArns = [
      targetServiceRevision?.arn ?? '',
      'arn:aws:ecs:us-east-1:1:service-revision/a/b/1',
    ];
    const answer = await web.client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
    expect(answer.failures).toEqual([{ arn: serviceRevisionArns[1], reason: 'MISSING' }]);
    expect(answer.serviceRevisions?.[0]).toMatchObject({
      taskDefinition: expect.stringMatching(/task-definition\/web:1$/),
      launchType: 'FARGATE',
      loadBalancers: BALANCED,
      containerImages: [{ containerName: 'web', image: 'shop/web:1', imageDigest: 'sha256:first' }],
      resolvedConfiguration: { loadBalancers: [{ targetGroupArn: TARGET_GROUP }] },
    });
  });

  it('keeps no digest where version consistency is switched off', async () => {
    const web = await startRollout({ images: { resolve: async () => 'sha256:first' } });
    const container = { name: 'web', image: 'shop/web:1', versionConsistency: 'disabled' as const };
    await web.register('', { containerDefinitions: [container] });
    await web.create();
    const serviceRevisionArns = [(await web.newest()).targetServiceRevision?.arn ?? ''];
    const answer = await web.client.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }));
    expect(answer.serviceRevisions?.[0]?.containerImages).toEqual([
      { containerName: 'web', image: 'shop/web:1' },
    ]);
  });
});

describe('the waiter services-stable', () => {
  it('is satisfied by a service that has settled', async () => {
    const web = await completedService({});
    const { client } = web;
    const params = { client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 };
    const answer = await waitUntilServicesStable(params, { cluster: 'shop', services: ['web'] });
    expect(answer.state).toBe('SUCCESS');
  });

  it('fails on a service that is not there', async () => {
    const web = await completedService({});
    const params = { client: web.client, maxWaitTime: 5, minDelay: 1, maxDelay: 1 };
    await expect(waitUntilServicesStable(params, { cluster: 'shop', services: ['wep'] })).rejects.toThrow();
  });
});
