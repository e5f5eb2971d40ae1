import {
  type DeploymentConfiguration,
  type Service,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import type { AlarmScript } from '../runtime/scripted-alarms.ts';
import { type Behaviour, scriptByImage } from '../runtime/scripted-runtime.ts';
import { messages, type Rollout, startRollout } from './rollout.ts';

const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';
const onAlarms = (alarmNames: string[], rollback = true): DeploymentConfiguration => ({
  alarms: { enable: true, rollback, alarmNames },
});

/** A service of two on `web:1`, completed; its next deployments look at the alarms given. */
async function watchedService(
  alarms: Record<string, AlarmScript>,
  deploymentConfiguration: DeploymentConfiguration,
  next: Behaviour = {},
): Promise<Rollout> {
  const web = await startRollout({ alarms, script: scriptByImage({ 'web:2': next }) });
  await web.register('web:1');
  await web.create();
  await web.until(isCompleted);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2', deploymentConfiguration });
  return web;
}

describe('deployment alarms', () => {
  it('keep the deployment IN_PROGRESS through a bake time computed from the alarms', async () => {
    const web = await watchedService(
      { errors: { windowMs: 180_000 }, latency: { windowMs: 60_000 } },
      onAlarms(['errors', 'latency']),
    );
    await web.until(({ deployments }) => deployments?.length === 1);
    const settledAt = web.clock.now();
    expect(isCompleted(await web.service())).toBe(false);
    expect((await web.newest()).alarms).toEqual({ status: 'MONITORING', alarmNames: ['errors', 'latency'] });
    expect(web.alarms.watched()).toHaveLength(1);
    const done = await web.ended();
    expect(done.status).toBe('SUCCESSFUL');
    expect(done.alarms?.status).toBe('MONITORING_COMPLETE');
    expect(web.clock.now() - settledAt).toBeGreaterThanOrEqual(179_000);
    expect(web.clock.now() - settledAt).toBeLessThanOrEqual(181_000);
    expect(web.alarms.watched()).toEqual([]);
  });

  it('are not waited for by a rollback that was asked for before they were looked at', async () => {
    const web = await watchedService({ errors: { windowMs: 180_000 } }, onAlarms(['errors']));
    const { serviceDeploymentArn, status } = await web.newest();
    expect(status).toBe('PENDING');
    await web.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
    expect((await web.ended()).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(web.alarms.watched()).toEqual([]);
  });

  it('scale their bake time', async () => {
    const web = await startRollout({ alarms: { errors: { windowMs: 180_000 } }, timeScale: 0.1 });
    await web.register('web:1');
    await web.create({ deploymentConfiguration: onAlarms(['errors']) });
    // 6.35 s until healthy, then a tenth of three minutes.
    expect(await web.until(isCompleted, 60_000, 50)).toBe(24_350);
  });

  it('fail a deployment while it bakes, name the culprit and roll back', async () => {
    const web = await watchedService(
      { errors: { states: [{ afterMs: 70_000, state: 'ALARM' }] }, latency: {} },
      onAlarms(['latency', 'errors']),
    );
    const [bad] = (await web.service()).deployments ?? [];
    const done = await web.ended();
    expect(done).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'ECS deployment alarms: alarm detected.',
      alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] },
      rollback: { reason: 'Service deployment rolled back because of a deployment alarm.' },
    });
    expect(messages(await web.service())).toContain(
      `(service web) (deployment ${bad?.id}) deployment failed: alarm detected.`,
    );
    expect((await web.service()).taskDefinition).toMatch(/web:1$/);
  });

  it('without rollback leave the deployment FAILED and the service deployment STOPPED', async () => {
    const states = [{ afterMs: 20_000, state: 'ALARM' as const }];
    const web = await watchedService({ errors: { states } }, onAlarms(['errors'], false));
    const done = await web.ended();
    expect([done.status, done.alarms?.status]).toEqual(['STOPPED', 'TRIGGERED']);
    expect((await web.service()).deployments?.[0]?.rolloutState).toBe('FAILED');
  });

  it('ignore for the whole deployment an alarm that was in ALARM at its start', async () => {
    const web = await watchedService(
      {
        errors: {
          states: [
            { afterMs: 0, state: 'ALARM' },
            { afterMs: 10_000, state: 'OK' },
            { afterMs: 20_000, state: 'ALARM' },
          ],
        },
      },
      onAlarms(['errors']),
    );
    expect((await web.ended()).status).toBe('SUCCESSFUL');
  });

  it('mean nothing where they do not exist', async () => {
    const web = await watchedService({}, onAlarms(['erors']));
    expect((await web.ended()).status).toBe('SUCCESSFUL');
  });

  it.each<[string, Behaviour, number, object]>([
    [
      'the circuit breaker is first',
      { failsToStart: 'CannotPullContainerError: not found' },
      3_600_000,
      { status: 'STOPPED', deploymentCircuitBreaker: { status: 'TRIGGERED' } },
    ],
    [
      'the alarm is first',
      { startsAfterMs: 60_000 },
      5000,
      { status: 'ROLLBACK_SUCCESSFUL', deploymentCircuitBreaker: { status: 'MONITORING_COMPLETE' } },
    ],
  ])(
    'with a circuit breaker beside them, its own rollback flag counts when %s',
    async (_t, next, afterMs, end) => {
      const web = await watchedService(
        { errors: { states: [{ afterMs, state: 'ALARM' }] } },
        { ...onAlarms(['errors']), deploymentCircuitBreaker: { enable: true, rollback: false } },
        next,
      );
      expect(await web.ended()).toMatchObject(end);
    },
  );

  it('must be named', async () => {
    const web = await watchedService({}, {});
    await expect(web.update({ deploymentConfiguration: onAlarms([]) })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});

describe('early success criteria', () => {
  const early = (
    sourceServiceRevisionCleanup: 'BLOCKING' | 'DEFERRED',
    wanted: DeploymentConfiguration = {},
  ): DeploymentConfiguration => ({
    minimumHealthyPercent: 50,
    maximumPercent: 100,
    earlySuccessCriteria: { enable: true, healthyPercent: 50, sourceServiceRevisionCleanup },
    ...wanted,
  });

  async function fourTasks(deploymentConfiguration: DeploymentConfiguration): Promise<Rollout> {
    const web = await startRollout({
      alarms: { errors: {} },
      script: scriptByImage({ 'web:1': { stopsAfterMs: 20_000 } }),
    });
    await web.register('web:1');
    await web.create({ desiredCount: 4 });
    await web.until(isCompleted);
    await web.register('web:2');
    await web.update({ taskDefinition: 'web:2', deploymentConfiguration });
    return web;
  }

  it('succeed before the old tasks are gone when the clean-up is DEFERRED', async () => {
    const web = await fourTasks(early('DEFERRED'));
    const done = await web.ended();
    expect(done.status).toBe('SUCCESSFUL');
    const [newest, old] = (await web.service()).deployments ?? [];
    expect([newest?.rolloutState, newest?.runningCount, old?.status]).toEqual(['COMPLETED', 2, 'ACTIVE']);
    await web.until(({ deployments, runningCount }) => deployments?.length === 1 && runningCount === 4);
    expect(await web.deployments()).toHaveLength(2);
  });

  it('succeed only when the old tasks are gone when the clean-up is BLOCKING, short of the desired count', async () => {
    const web = await fourTasks(early('BLOCKING'));
    await web.until(({ deployments }) => (deployments?.[1]?.runningCount ?? 0) === 0);
    expect((await web.newest()).status).toBe('IN_PROGRESS');
    const done = await web.ended();
    expect(done.status).toBe('SUCCESSFUL');
    expect((await web.service()).deployments).toHaveLength(1);
    await web.until(({ runningCount }) => runningCount === 4);
  });

  it('bake first, under alarms', async () => {
    const web = await fourTasks(early('DEFERRED', onAlarms(['errors'])));
    const tookMs = await web.until(isCompleted);
    expect(tookMs).toBeGreaterThan(100_000);
  });

  it.each([
    [{ enable: true, healthyPercent: 40, sourceServiceRevisionCleanup: 'DEFERRED' as const }],
    [{ enable: true, healthyPercent: 50.5, sourceServiceRevisionCleanup: 'DEFERRED' as const }],
    [{ enable: true, healthyPercent: 101, sourceServiceRevisionCleanup: 'BLOCKING' as const }],
    [{ enable: true, healthyPercent: 60 }],
  ])('are refused as %j', async (earlySuccessCriteria) => {
    const web = await startRollout();
    await web.register('web:1');
    const deploymentConfiguration = { ...early('DEFERRED'), earlySuccessCriteria };
    await expect(web.create({ deploymentConfiguration })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});
