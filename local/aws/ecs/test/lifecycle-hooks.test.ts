import {
  ContinueServiceDeploymentCommand,
  type DeploymentLifecycleHook,
  type Service,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import type { HookScript } from '../runtime/scripted-hooks.ts';
import { type Rollout, startRollout } from './rollout.ts';

const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';
const PAUSE: DeploymentLifecycleHook = { targetType: 'PAUSE', lifecycleStages: ['PRE_SCALE_UP'] };
const CHECK: DeploymentLifecycleHook = {
  hookTargetArn: 'arn:aws:lambda:us-east-1:123456789012:function:check',
  roleArn: 'arn:aws:iam::123456789012:role/hooks',
  lifecycleStages: ['POST_SCALE_UP'],
  hookDetails: { suite: 'smoke' },
};

/** A rolling service of two on `web:1` whose update to `web:2` has these hooks. */
async function hookedService(
  lifecycleHooks: DeploymentLifecycleHook[],
  hooks?: HookScript,
): Promise<Rollout> {
  const web = await startRollout(hooks === undefined ? {} : { hooks });
  await web.register('web:1');
  await web.create();
  await web.until(isCompleted);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2', deploymentConfiguration: { lifecycleHooks } });
  await web.clock.sleep(1000);
  return web;
}

async function resume(web: Rollout, action?: 'CONTINUE' | 'ROLLBACK', id?: string) {
  const { serviceDeploymentArn, lifecycleHookDetails } = await web.newest();
  const hookId = id ?? lifecycleHookDetails?.[0]?.hookId;
  return web.client.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId, action }));
}

describe('a PAUSE hook', () => {
  it('holds the deployment AWAITING_ACTION and keeps the old tasks up until somebody continues', async () => {
    const web = await hookedService([PAUSE]);
    const paused = await web.newest();
    expect(paused.status).toBe('IN_PROGRESS');
    // Only strategies that shift traffic tell a stage.
    expect(paused.lifecycleStage).toBeUndefined();
    expect(paused.lifecycleHookDetails).toEqual([
      {
        hookId: expect.any(String),
        targetType: 'PAUSE',
        status: 'AWAITING_ACTION',
        expiresAt: new Date((paused.startedAt?.getTime() ?? 0) + 24 * 3_600_000),
        timeoutAction: 'ROLLBACK',
      },
    ]);
    await web.clock.sleep(3_600_000);
    const [held, old] = (await web.service()).deployments ?? [];
    expect([held?.pendingCount, held?.runningCount, old?.runningCount]).toEqual([0, 0, 2]);
    const answer = await resume(web);
    expect(answer.serviceDeploymentArn).toBe(paused.serviceDeploymentArn);
    expect(await web.ended()).toMatchObject({
      status: 'SUCCESSFUL',
      lifecycleHookDetails: [{ status: 'SUCCEEDED' }],
    });
  });

  it('rolls the deployment back when somebody says ROLLBACK, and cannot be continued after it', async () => {
    const web = await hookedService([PAUSE]);
    const hookId = (await web.newest()).lifecycleHookDetails?.[0]?.hookId;
    await resume(web, 'ROLLBACK');
    await expect(resume(web, 'CONTINUE', hookId)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `The lifecycle hook ${hookId} is not awaiting an action; its status is FAILED.`,
    });
    expect(await web.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      rollback: { reason: 'Service deployment rolled back because of a lifecycle hook.' },
    });
    expect((await web.service()).taskDefinition).toMatch(/web:1$/);
  });

  it.each([
    ['ROLLBACK' as const, 'ROLLBACK_SUCCESSFUL'],
    ['CONTINUE' as const, 'SUCCESSFUL'],
  ])('takes its time-out action %s when nobody answers', async (action, status) => {
    const web = await hookedService([{ ...PAUSE, timeoutConfiguration: { timeoutInMinutes: 30, action } }]);
    await web.clock.sleep(29 * 60_000);
    expect((await web.newest()).lifecycleHookDetails?.[0]?.status).toBe('AWAITING_ACTION');
    await web.clock.sleep(60_000);
    expect((await web.newest()).lifecycleHookDetails?.[0]?.status).toBe('TIMED_OUT');
    expect((await web.ended()).status).toBe(status);
  });

  it('does not keep StopServiceDeployment from rolling back', async () => {
    const web = await hookedService([PAUSE]);
    const { serviceDeploymentArn } = await web.newest();
    await web.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
    const stopped = await web.newest();
    expect([stopped.status, stopped.lifecycleHookDetails]).toEqual(['ROLLBACK_REQUESTED', undefined]);
    expect((await web.ended()).status).toBe('ROLLBACK_SUCCESSFUL');
  });

  it('keeps dead old tasks replaced while it waits', async () => {
    const web = await startRollout({ script: () => ({ exits: { afterMs: 90_000, code: 1 } }) });
    await web.register('web:1');
    await web.create();
    await web.until(isCompleted);
    await web.update({ forceNewDeployment: true, deploymentConfiguration: { lifecycleHooks: [PAUSE] } });
    await web.clock.sleep(3_600_000);
    await web.until(({ runningCount }) => runningCount === 2, 60_000);
    const [held, old] = (await web.service()).deployments ?? [];
    expect([held?.runningCount, old?.runningCount]).toEqual([0, 2]);
  });
});

describe('a Lambda hook', () => {
  it('is called with the deployment and its stage, and lets it go on when it succeeds', async () => {
    const web = await hookedService([CHECK], () => ({ hookStatus: 'SUCCEEDED', afterMs: 20_000 }));
    await web.until(({ deployments }) => deployments?.length === 1);
    const asked = await web.newest();
    expect(asked.lifecycleHookDetails).toMatchObject([
      { targetType: 'AWS_LAMBDA', targetArn: CHECK.hookTargetArn, status: 'IN_PROGRESS' },
    ]);
    expect(web.hooks.invocations).toEqual([
      {
        hookId: asked.lifecycleHookDetails?.[0]?.hookId,
        targetArn: CHECK.hookTargetArn,
        payload: {
          executionDetails: {
            serviceArn: asked.serviceArn,
            targetServiceRevisionArn: asked.targetServiceRevision?.arn,
            testTrafficWeights: {},
            productionTrafficWeights: {},
          },
          executionId: asked.lifecycleHookDetails?.[0]?.hookId,
          lifecycleStage: 'POST_SCALE_UP',
          resourceArn: asked.serviceDeploymentArn,
          hookDetails: { suite: 'smoke' },
        },
      },
    ]);
    expect((await web.ended()).status).toBe('SUCCESSFUL');
  });

  it('is called again as long as it is IN_PROGRESS', async () => {
    let calls = 0;
    const web = await hookedService([CHECK], () =>
      ++calls < 4 ? { hookStatus: 'IN_PROGRESS', callBackDelay: 60 } : { hookStatus: 'SUCCEEDED' },
    );
    const done = await web.ended();
    expect([done.status, calls]).toEqual(['SUCCESSFUL', 4]);
    expect((done.finishedAt?.getTime() ?? 0) - (done.startedAt?.getTime() ?? 0)).toBeGreaterThan(180_000);
  });

  it('rolls the deployment back when it fails', async () => {
    const web = await hookedService([CHECK], () => ({ hookStatus: 'FAILED' }));
    expect(await web.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'A lifecycle hook failed, timed out or was answered with ROLLBACK.',
    });
  });

  it('is waited for no longer than its time-out', async () => {
    const web = await hookedService(
      [{ ...CHECK, timeoutConfiguration: { timeoutInMinutes: 5, action: 'ROLLBACK' } }],
      () => undefined,
    );
    expect((await web.ended()).status).toBe('ROLLBACK_SUCCESSFUL');
  });
});

describe('ContinueServiceDeployment', () => {
  it('knows no other hook, no other deployment and no other action', async () => {
    const web = await hookedService([PAUSE]);
    await expect(resume(web, 'CONTINUE', 'another')).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    const serviceDeploymentArn = `${(await web.newest()).serviceDeploymentArn}x`;
    await expect(
      web.client.send(new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId: 'x' })),
    ).rejects.toMatchObject({ name: 'ServiceDeploymentNotFoundException' });
  });
});

describe('lifecycle hooks', () => {
  it.each<[string, DeploymentLifecycleHook]>([
    ['without stages', { ...PAUSE, lifecycleStages: [] }],
    ['of a function without a role', { ...CHECK, roleArn: undefined }],
    ['that pause during a shift', { ...PAUSE, lifecycleStages: ['PRODUCTION_TRAFFIC_SHIFT'] }],
    ['that wait more than 14 days', { ...PAUSE, timeoutConfiguration: { timeoutInMinutes: 20_161 } }],
    ['that pause and name a function', { ...PAUSE, hookTargetArn: CHECK.hookTargetArn }],
  ])('are refused %s', async (_title, hook) => {
    const web = await startRollout();
    await web.register('web:1');
    await expect(web.create({ deploymentConfiguration: { lifecycleHooks: [hook] } })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('are not offered at other stages of a rolling deployment, and that is said', async () => {
    const web = await startRollout();
    await web.register('web:1');
    const hook: DeploymentLifecycleHook = { ...PAUSE, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] };
    await expect(web.create({ deploymentConfiguration: { lifecycleHooks: [hook] } })).rejects.toMatchObject({
      name: 'UnsupportedFeatureException',
      message: expect.stringContaining('POST_TEST_TRAFFIC_SHIFT'),
    });
  });
});
