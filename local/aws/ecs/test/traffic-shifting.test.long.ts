import {
  ContinueServiceDeploymentCommand,
  type DeploymentConfiguration,
  type DeploymentLifecycleHookStage,
  DescribeServiceRevisionsCommand,
  type Service,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { describe, expect, it } from '@jest/globals';
import { type Behaviour, scriptByImage } from '../runtime/scripted-runtime.ts';
import type { VirtualEcsOptions } from '../virtual-ecs.ts';
import { TARGET_GROUP as BLUE, messages, type Rollout, startRollout } from './rollout.ts';

const GREEN = BLUE.replace('/web/', '/web-green/');
const PRODUCTION = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/shop/1/2/3';
const TEST = `${PRODUCTION}test`;
const ADVANCED = {
  alternateTargetGroupArn: GREEN,
  productionListenerRule: PRODUCTION,
  testListenerRule: TEST,
  roleArn: 'arn:aws:iam::123456789012:role/balancers',
};
const CROSSING = [
  { targetGroupArn: BLUE, containerName: 'web', containerPort: 8000, advancedConfiguration: ADVANCED },
];
const BLUE_GREEN: DeploymentConfiguration = { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 };
const CANARY: DeploymentConfiguration = {
  strategy: 'CANARY',
  bakeTimeInMinutes: 5,
  canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 3 },
};
const LINEAR: DeploymentConfiguration = {
  strategy: 'LINEAR',
  bakeTimeInMinutes: 5,
  linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 3 },
};

const isCompleted = (service: Service) => service.deployments?.[0]?.rolloutState === 'COMPLETED';
const production = (web: Rollout) =>
  web.trafficRules.shifts().flatMap(({ ruleArn, weights }) => (ruleArn === PRODUCTION ? [weights] : []));

/** A service of two that has completed on `web:1` in the blue target group, and is told to go to `web:2`. */
async function shiftingService(
  deploymentConfiguration: DeploymentConfiguration,
  options: VirtualEcsOptions & { next?: Behaviour } = {},
): Promise<Rollout> {
  const web = await startRollout({ script: scriptByImage({ 'web:2': options.next ?? {} }), ...options });
  for (const group of [BLUE, GREEN]) web.targetGroups.create(group, 5000);
  web.trafficRules.create(PRODUCTION, { [BLUE]: 1, [GREEN]: 0 });
  web.trafficRules.create(TEST, { [BLUE]: 1, [GREEN]: 0 });
  await web.register('web:1');
  await web.create({
    loadBalancers: CROSSING,
    deploymentConfiguration: { ...deploymentConfiguration, lifecycleHooks: [] },
  });
  await web.until(isCompleted);
  await web.register('web:2');
  await web.update({ taskDefinition: 'web:2', deploymentConfiguration });
  return web;
}

/** The stages that are seen, each once, until `stage` or the end. */
async function stagesUntil(web: Rollout, stage?: string): Promise<string[]> {
  const seen: string[] = [];
  for (let call = 0; call < 20_000; call++, await web.onward()) {
    const { lifecycleStage, finishedAt } = await web.newest();
    if (lifecycleStage !== undefined && seen.at(-1) !== lifecycleStage) seen.push(lifecycleStage);
    if ((stage !== undefined && lifecycleStage === stage) || finishedAt !== undefined) return seen;
  }
  throw new Error(`The stage ${stage} does not come.`);
}

/** The events that tell of started tasks. */
const startedIn = (service: Service) =>
  messages(service).filter((message) => message.includes('has started'));

const rollBack = async (web: Rollout) => {
  const { serviceDeploymentArn } = await web.newest();
  await web.client.send(new StopServiceDeploymentCommand({ serviceDeploymentArn }));
};

describe('a BLUE_GREEN deployment', () => {
  it('goes through its stages in order and shifts test and production traffic at once', async () => {
    const web = await shiftingService(BLUE_GREEN);
    const before = web.trafficRules.shifts().length;
    expect(await stagesUntil(web)).toEqual([
      'PRE_SCALE_UP',
      'SCALE_UP',
      'POST_SCALE_UP',
      'TEST_TRAFFIC_SHIFT',
      'POST_TEST_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'POST_PRODUCTION_TRAFFIC_SHIFT',
      'BAKE_TIME',
      'CLEAN_UP',
    ]);
    expect(web.trafficRules.shifts().slice(before)).toEqual([
      { ruleArn: TEST, weights: { [BLUE]: 100, [GREEN]: 0 } },
      { ruleArn: PRODUCTION, weights: { [BLUE]: 100, [GREEN]: 0 } },
      { ruleArn: TEST, weights: { [BLUE]: 0, [GREEN]: 100 } },
      { ruleArn: PRODUCTION, weights: { [BLUE]: 0, [GREEN]: 100 } },
    ]);
    expect((await web.newest()).status).toBe('SUCCESSFUL');
    expect(web.targetGroups.registered(BLUE)).toEqual([]);
    expect(web.targetGroups.registered(GREEN)).toHaveLength(2);
  });

  it('starts nothing before SCALE_UP and lets the old revision serve whole until CLEAN_UP', async () => {
    const web = await shiftingService(BLUE_GREEN);
    await stagesUntil(web, 'PRE_SCALE_UP');
    expect((await web.service()).pendingCount).toBe(0);
    await stagesUntil(web, 'BAKE_TIME');
    const baking = await web.newest();
    expect(baking.sourceServiceRevisions).toMatchObject([
      { runningTaskCount: 2, requestedProductionTrafficWeight: 0, requestedTestTrafficWeight: 0 },
    ]);
    expect(baking.targetServiceRevision).toMatchObject({
      runningTaskCount: 2,
      requestedProductionTrafficWeight: 100,
      requestedTestTrafficWeight: 100,
    });
    const since = web.clock.now();
    await stagesUntil(web, 'CLEAN_UP');
    expect(web.clock.now() - since).toBeGreaterThanOrEqual(299_000);
    expect(web.clock.now() - since).toBeLessThanOrEqual(301_000);
  });

  it('scales its bake time', async () => {
    const web = await shiftingService(BLUE_GREEN, { timeScale: 0.1 });
    await stagesUntil(web, 'BAKE_TIME');
    const since = web.clock.now();
    await stagesUntil(web, 'CLEAN_UP');
    expect(web.clock.now() - since).toBeLessThanOrEqual(31_000);
  });

  it('alternates the target groups from deployment to deployment, as revisions show', async () => {
    const web = await shiftingService(BLUE_GREEN);
    const second = await web.ended();
    await web.update({ forceNewDeployment: true });
    const third = await web.ended();
    const answer = await web.client.send(
      new DescribeServiceRevisionsCommand({
        serviceRevisionArns: [second, third].map((one) => one.targetServiceRevision?.arn ?? ''),
      }),
    );
    expect(answer.serviceRevisions?.map(({ resolvedConfiguration }) => resolvedConfiguration)).toEqual([
      { loadBalancers: [{ targetGroupArn: GREEN, productionListenerRule: PRODUCTION }] },
      { loadBalancers: [{ targetGroupArn: BLUE, productionListenerRule: PRODUCTION }] },
    ]);
    expect(web.targetGroups.registered(BLUE)).toHaveLength(2);
  });

  it.each([
    'PRE_SCALE_UP',
    'SCALE_UP',
    'POST_SCALE_UP',
    'TEST_TRAFFIC_SHIFT',
    'POST_TEST_TRAFFIC_SHIFT',
    'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'PRODUCTION_TRAFFIC_SHIFT',
    'POST_PRODUCTION_TRAFFIC_SHIFT',
    'BAKE_TIME',
    'CLEAN_UP',
  ])('is rolled back at %s, to the old revision and its target group', async (stage) => {
    const web = await shiftingService(BLUE_GREEN);
    const [, old] = (await web.service()).deployments ?? [];
    await stagesUntil(web, stage);
    await rollBack(web);
    const done = await web.ended();
    expect([done.status, done.targetServiceRevision?.requestedProductionTrafficWeight]).toEqual([
      'ROLLBACK_SUCCESSFUL',
      0,
    ]);
    expect(production(web).at(-1)).toEqual({ [BLUE]: 100, [GREEN]: 0 });
    const service = await web.service();
    expect(service.taskDefinition).toMatch(/web:1$/);
    expect(service.deployments).toHaveLength(1);
    expect(web.targetGroups.registered(BLUE)).toHaveLength(2);
    expect(web.targetGroups.registered(GREEN)).toEqual([]);
    // While the old tasks live a rollback is a turn of traffic: nothing is started.
    if (stage !== 'CLEAN_UP') expect(service.deployments?.[0]?.id).toBe(old?.id);
    expect(messages(service)).toContain(`(service web) rolling back to deployment ${old?.id}.`);
  });

  it('is rolled back by an alarm in its bake time', async () => {
    const alarms = { alarms: { enable: true, rollback: true, alarmNames: ['errors'] } };
    const web = await shiftingService({ ...BLUE_GREEN, ...alarms }, { alarms: { errors: {} } });
    await stagesUntil(web, 'BAKE_TIME');
    web.alarms.set('errors', 'ALARM');
    expect((await web.ended()).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(production(web).at(-1)).toEqual({ [BLUE]: 100, [GREEN]: 0 });
  });

  it('is rolled back when its listener rule is gone, and that fails as well', async () => {
    const web = await shiftingService(BLUE_GREEN);
    await stagesUntil(web, 'POST_TEST_TRAFFIC_SHIFT');
    web.trafficRules.remove(PRODUCTION);
    expect(await web.ended()).toMatchObject({
      status: 'ROLLBACK_FAILED',
      statusReason: 'Traffic could not be shifted: One or more rules not found',
    });
  });

  it('waits without end for nothing: a revision that never gets healthy is given up after 24 hours', async () => {
    const web = await shiftingService(BLUE_GREEN, { next: { startsAfterMs: 40 * 3_600_000 } });
    await web.clock.sleep(23 * 3_600_000);
    expect((await web.newest()).lifecycleStage).toBe('SCALE_UP');
    await web.clock.sleep(2 * 3_600_000);
    expect(await web.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'The lifecycle stage SCALE_UP timed out.',
    });
  });

  it('keeps the old revision and its traffic also while no task is wanted', async () => {
    const web = await shiftingService(LINEAR);
    await web.update({ desiredCount: 0 });
    const stages = await stagesUntil(web, 'PRODUCTION_TRAFFIC_SHIFT');
    expect(stages.at(-1)).toBe('PRODUCTION_TRAFFIC_SHIFT');
    expect((await web.service()).deployments).toHaveLength(2);
    const { sourceServiceRevisions = [], targetServiceRevision } = await web.newest();
    const shares = [...sourceServiceRevisions, targetServiceRevision].map(
      (one) => one?.requestedProductionTrafficWeight,
    );
    expect(shares).toEqual([60, 40]);
    expect((await web.ended()).status).toBe('SUCCESSFUL');
  });

  it('is given up after 30 days, its pauses included', async () => {
    const lifecycleStages: DeploymentLifecycleHookStage[] = ['PRE_PRODUCTION_TRAFFIC_SHIFT'];
    const timeoutConfiguration = { timeoutInMinutes: 14 * 24 * 60, action: 'CONTINUE' as const };
    const web = await shiftingService({
      ...LINEAR,
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages, timeoutConfiguration }],
    });
    await web.clock.sleep(30 * 24 * 3_600_000 - 60_000);
    expect((await web.newest()).status).toBe('IN_PROGRESS');
    await web.clock.sleep(120_000);
    expect(await web.ended()).toMatchObject({
      status: 'ROLLBACK_SUCCESSFUL',
      statusReason: 'The service deployment timed out.',
    });
  });

  it('has no circuit breaker', async () => {
    const deploymentCircuitBreaker = { enable: true, rollback: true };
    const web = await shiftingService({ ...BLUE_GREEN, deploymentCircuitBreaker });
    expect((await web.newest()).deploymentCircuitBreaker?.status).toBe('DISABLED');
  });

  it('that is superseded is first reconciled: traffic goes back, and its tasks go', async () => {
    const web = await shiftingService(LINEAR);
    await stagesUntil(web, 'PRODUCTION_TRAFFIC_SHIFT');
    await web.clock.sleep(1000);
    await web.register('web:3');
    await web.update({ taskDefinition: 'web:3' });
    expect(await stagesUntil(web, 'SCALE_UP')).toEqual(['RECONCILE_SERVICE', 'PRE_SCALE_UP', 'SCALE_UP']);
    expect(production(web).at(-1)).toEqual({ [BLUE]: 100, [GREEN]: 0 });
    const [newest, superseded] = await web.deployments();
    expect([newest?.sourceServiceRevisions?.length, superseded?.status]).toEqual([2, 'STOPPED']);
    expect((await web.ended()).status).toBe('SUCCESSFUL');
    expect(web.targetGroups.registered(GREEN)).toHaveLength(2);
  });

  it('that is superseded is not brought up again when the newer one goes back', async () => {
    const web = await shiftingService(BLUE_GREEN, { next: { stopsAfterMs: 60_000 } });
    await stagesUntil(web, 'TEST_TRAFFIC_SHIFT');
    await web.register('web:3');
    await web.update({ taskDefinition: 'web:3' });
    await stagesUntil(web, 'RECONCILE_SERVICE');
    const before = startedIn(await web.service());
    await rollBack(web);
    expect((await web.ended()).status).toBe('ROLLBACK_SUCCESSFUL');
    expect(startedIn(await web.service())).toEqual(before);
    expect((await web.service()).taskDefinition).toMatch(/:1$/);
  });

  it('keeps both revisions at the latest desired count', async () => {
    const web = await shiftingService(BLUE_GREEN);
    await stagesUntil(web, 'BAKE_TIME');
    await web.update({ desiredCount: 3 });
    await web.until(
      ({ deployments }) => deployments?.every(({ runningCount }) => runningCount === 3) ?? false,
    );
    await stagesUntil(web);
    expect((await web.service()).runningCount).toBe(3);
  });
});

describe('a CANARY deployment', () => {
  it('bakes on a small share, then shifts the rest', async () => {
    const web = await shiftingService(CANARY);
    const before = production(web).length;
    const stages = await stagesUntil(web);
    expect(stages.filter((stage) => stage.startsWith('PR') && stage.includes('PRODUCTION'))).toEqual([
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
      'PRE_PRODUCTION_TRAFFIC_SHIFT',
      'PRODUCTION_TRAFFIC_SHIFT',
    ]);
    expect(production(web).slice(before)).toEqual([
      { [BLUE]: 100, [GREEN]: 0 },
      { [BLUE]: 90, [GREEN]: 10 },
      { [BLUE]: 0, [GREEN]: 100 },
    ]);
  });

  it('shows the share, and rolls back from it', async () => {
    const web = await shiftingService(CANARY);
    await stagesUntil(web, 'PRODUCTION_TRAFFIC_SHIFT');
    await web.clock.sleep(170_000);
    const { sourceServiceRevisions, targetServiceRevision, lifecycleStage } = await web.newest();
    expect(lifecycleStage).toBe('PRODUCTION_TRAFFIC_SHIFT');
    expect(targetServiceRevision?.requestedProductionTrafficWeight).toBe(10);
    expect(sourceServiceRevisions?.[0]?.requestedProductionTrafficWeight).toBe(90);
    await rollBack(web);
    expect(await stagesUntil(web)).toEqual(expect.arrayContaining(['PRODUCTION_TRAFFIC_SHIFT', 'CLEAN_UP']));
    expect(production(web).at(-1)).toEqual({ [BLUE]: 100, [GREEN]: 0 });
  });
});

describe('a LINEAR deployment', () => {
  it('shifts step by step, asking its hooks before every one', async () => {
    const lifecycleStages: DeploymentLifecycleHookStage[] = ['PRE_PRODUCTION_TRAFFIC_SHIFT'];
    const web = await shiftingService({
      ...LINEAR,
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages }],
    });
    const seen: number[] = [];
    for (let call = 0; call < 20_000; call++, await web.onward()) {
      const { serviceDeploymentArn, lifecycleHookDetails, targetServiceRevision, finishedAt } =
        await web.newest();
      if (finishedAt !== undefined) break;
      const waiting = lifecycleHookDetails?.find(({ status }) => status === 'AWAITING_ACTION');
      if (waiting === undefined) continue;
      seen.push(targetServiceRevision?.requestedProductionTrafficWeight ?? -1);
      await web.client.send(
        new ContinueServiceDeploymentCommand({ serviceDeploymentArn, hookId: waiting.hookId }),
      );
    }
    expect(seen).toEqual([0, 40, 80]);
    expect((await web.newest()).status).toBe('SUCCESSFUL');
    expect(production(web).slice(-3)).toEqual([
      { [BLUE]: 60, [GREEN]: 40 },
      { [BLUE]: 20, [GREEN]: 80 },
      { [BLUE]: 0, [GREEN]: 100 },
    ]);
  });
});

describe('a service', () => {
  it('goes from ROLLING to BLUE_GREEN and back on the target group that serves', async () => {
    const web = await shiftingService(BLUE_GREEN);
    await web.ended();
    await web.update({ forceNewDeployment: true, deploymentConfiguration: { strategy: 'ROLLING' } });
    expect((await web.ended()).status).toBe('SUCCESSFUL');
    expect(web.targetGroups.registered(GREEN)).toHaveLength(2);
    await web.update({ forceNewDeployment: true, deploymentConfiguration: BLUE_GREEN });
    expect((await web.ended()).status).toBe('SUCCESSFUL');
    expect(web.targetGroups.registered(BLUE)).toHaveLength(2);
    expect(production(web).at(-1)).toEqual({ [BLUE]: 100, [GREEN]: 0 });
  });

  it.each<[string, DeploymentConfiguration, object]>([
    ['no bake time', { strategy: 'BLUE_GREEN' }, {}],
    ['a bake time of more than a day', { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1441 }, {}],
    ['steps of less than 3 percent', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2.9 } }, {}],
    ['steps between tenths', { strategy: 'LINEAR', linearConfiguration: { stepPercent: 10.05 } }, {}],
    ['settings of another strategy', { ...BLUE_GREEN, canaryConfiguration: {} }, {}],
    ['no alternate target group', BLUE_GREEN, { alternateTargetGroupArn: undefined }],
    ['the same target group twice', BLUE_GREEN, { alternateTargetGroupArn: BLUE }],
    ['an unknown target group', BLUE_GREEN, { alternateTargetGroupArn: `${GREEN}x` }],
    ['no listener rule', BLUE_GREEN, { productionListenerRule: undefined }],
    ['an unknown listener rule', BLUE_GREEN, { productionListenerRule: `${PRODUCTION}x` }],
    ['an unknown test rule', BLUE_GREEN, { testListenerRule: `${PRODUCTION}x` }],
    ['no role', BLUE_GREEN, { roleArn: undefined }],
  ])('is refused with %s', async (_title, deploymentConfiguration, advanced) => {
    const web = await startRollout();
    web.targetGroups.create(GREEN);
    for (const rule of [PRODUCTION, TEST]) web.trafficRules.create(rule, {});
    await web.register('web:1');
    const [crossing] = CROSSING;
    const loadBalancers = [{ ...crossing, advancedConfiguration: { ...ADVANCED, ...advanced } }];
    await expect(web.create({ loadBalancers, deploymentConfiguration })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });

  it('without a load balancer goes through a BLUE_GREEN deployment all the same', async () => {
    const web = await startRollout();
    await web.register('web:1');
    await web.create({ deploymentConfiguration: BLUE_GREEN });
    await web.until(isCompleted);
    await web.update({ forceNewDeployment: true });
    expect((await web.ended()).status).toBe('SUCCESSFUL');
    const create = web.create({ serviceName: 'api', deploymentConfiguration: { strategy: 'LINEAR' } });
    await expect(create).rejects.toThrow('requires a load balancer');
  });
});
