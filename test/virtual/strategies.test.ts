import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type DeployStage, openDeployStage, WRITE } from './deploy-stage.ts';
import { closeStages, handOver, targetGroupOf } from './stage.ts';

afterAll(closeStages);

const RULE = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/shop/1/2/3';
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };

/** A service with all that shifting traffic needs, set to the rolling strategy. */
async function openShifting(): Promise<DeployStage> {
  const stage = await openDeployStage();
  stage.targetGroups.create(targetGroupOf('green'), 10_000);
  stage.trafficRules.create(RULE, { [targetGroupOf('web')]: 100, [targetGroupOf('green')]: 0 });
  const loadBalancers: CreateServiceCommandInput['loadBalancers'] = [
    {
      targetGroupArn: targetGroupOf('web'),
      containerName: 'web',
      containerPort: 8000,
      advancedConfiguration: {
        alternateTargetGroupArn: targetGroupOf('green'),
        productionListenerRule: RULE,
        roleArn: 'arn:aws:iam::123456789012:role/ecs-elb',
      },
    },
  ];
  await stage.open('web', '1', { loadBalancers, deploymentConfiguration: BREAKER });
  return stage;
}

/** What UpdateService was sent of the service beside its name. */
function sentUpdate(stage: DeployStage) {
  const { cluster: _cluster, service: _service, ...rest } = stage.sent('UpdateService').at(-1) ?? {};
  return rest;
}

async function refusalOf(stage: DeployStage): Promise<{ lines: string[]; writes: string[] }> {
  const before = stage.calls.length;
  const message = await stage.deployAll(['web']).then(
    () => 'deployed',
    (error: Error) => error.message,
  );
  return { lines: message.split('\n'), writes: stage.calls.slice(before).filter((call) => WRITE.test(call)) };
}

describe('the strategy of the manifest', () => {
  test('goes with the update, and only what is written of it', async () => {
    const stage = await openShifting();
    stage.manifest({ web: { strategy: { type: 'canary', 'canary-percent': 20, 'canary-bake-minutes': 3 } } });
    const deployed = await stage.deployAll(['web']);
    expect(sentUpdate(stage)).toEqual({
      taskDefinition: expect.stringMatching(/web:2$/),
      deploymentConfiguration: {
        strategy: 'CANARY',
        canaryConfiguration: { canaryPercent: 20, canaryBakeTimeInMinutes: 3 },
      },
    });
    const waited = await stage.wait(handOver(deployed));
    expect(waited.verdicts).toMatchObject([{ verdict: 'succeeded' }]);
    expect(stage.trafficRules.shifts().map(({ weights }) => weights)).toContainEqual({
      [targetGroupOf('web')]: 80,
      [targetGroupOf('green')]: 20,
    });
  });

  test('is not sent again where the service has it already', async () => {
    const stage = await openShifting();
    stage.manifest({ web: { strategy: { type: 'blue-green', 'bake-minutes': 1 } } });
    await stage.wait(handOver(await stage.deployAll(['web'])));
    stage.manifest({ web: { strategy: { type: 'blue-green', 'bake-minutes': 1 } } });
    const again = await stage.deployAll(['web'], { 'force-new-deployment': 'true' });
    expect(sentUpdate(stage)).toEqual({
      taskDefinition: expect.stringMatching(/web:2$/),
      forceNewDeployment: true,
    });
    expect(again.outputs.changed).toBe(true);
  });

  test('leaves a service without one as it is set', async () => {
    const stage = await openShifting();
    stage.manifest({ web: {} });
    await stage.deployAll(['web']);
    expect(sentUpdate(stage)).toEqual({ taskDefinition: expect.stringMatching(/web:2$/) });
  });

  test('that alone changes is set without a deployment', async () => {
    const stage = await openShifting();
    stage.manifest({ web: {} });
    await stage.wait(handOver(await stage.deployAll(['web'])));
    stage.manifest({ web: { strategy: { type: 'rolling', 'maximum-percent': 150 } } });
    const deployed = await stage.deployAll(['web']);
    expect(sentUpdate(stage)).toMatchObject({ deploymentConfiguration: { maximumPercent: 150 } });
    expect(deployed.outputs.changed).toBe(false);
    expect(await stage.history('web')).toHaveLength(2);
    expect((await stage.wait(handOver(deployed))).failure).toBeUndefined();
  });

  test('pauses where its hooks say so, for as long as they say', async () => {
    const stage = await openShifting();
    const hooks = [{ stage: 'post-test-traffic-shift', 'timeout-minutes': 30, 'on-timeout': 'continue' }];
    stage.manifest({ web: { strategy: { type: 'blue-green', 'bake-minutes': 0, hooks } } });
    const deployed = await stage.deployAll(['web']);
    expect(sentUpdate(stage)).toMatchObject({
      deploymentConfiguration: {
        lifecycleHooks: [
          {
            targetType: 'PAUSE',
            lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
            timeoutConfiguration: { timeoutInMinutes: 30, action: 'CONTINUE' },
          },
        ],
      },
    });
    const waited = await stage.wait({ ...handOver(deployed), 'wait-until': 'paused' });
    expect(waited.verdicts).toMatchObject([{ verdict: 'paused', green: true }]);
    await stage.clock.sleep(31 * 60_000);
    expect((await stage.wait(handOver(deployed))).verdicts).toMatchObject([{ verdict: 'succeeded' }]);
  });

  test.each(['serving', 'bake'])(
    'that shifts traffic is believed at %s, while the old tasks wait beside the new',
    async (goal) => {
      const stage = await openShifting();
      stage.manifest({ web: { strategy: { type: 'blue-green', 'bake-minutes': 5 } } });
      const waited = await stage.wait({ ...handOver(await stage.deployAll(['web'])), 'wait-until': goal });
      expect(waited.verdicts).toMatchObject([
        { verdict: 'succeeded', green: true, by: { kind: 'stage', stage: goal } },
      ]);
      expect(waited.failure).toBeUndefined();
    },
  );

  test('is in the plan with what it changes', async () => {
    const stage = await openShifting();
    stage.manifest({ web: { strategy: { type: 'blue-green', 'bake-minutes': 5 } } });
    const { outputs } = await stage.deployAll(['web'], { 'dry-run': 'true' });
    expect(outputs.plan).toMatchObject([
      {
        steps: [
          { kind: 'register' },
          {
            kind: 'update',
            settings: [
              { path: 'strategy', before: 'ROLLING', after: 'BLUE_GREEN' },
              { path: 'bakeTimeInMinutes', after: '5' },
            ],
          },
        ],
      },
    ]);
    expect(stage.deps.log.lines).toContain(
      'web: update the service: to the new revision; strategy ROLLING -> BLUE_GREEN; bakeTimeInMinutes not set -> 5',
    );
    expect(stage.deps.summaries.join()).toContain('| blue-green |');
  });

  test('that the service has no target groups for is refused in one line, before any write', async () => {
    const stage = await openDeployStage();
    await stage.open('web', '1');
    stage.manifest({ web: { strategy: 'canary' } });
    expect(await refusalOf(stage)).toEqual({
      lines: [
        'web: strategy canary needs an alternate target group and a production listener rule and a role for the load balancer beside target group web, which the service does not have',
        'Nothing was written.',
      ],
      writes: [],
    });
  });

  test('without a bake time is refused where the service has none', async () => {
    const stage = await openShifting();
    stage.manifest({ web: { strategy: 'blue-green' } });
    const { lines, writes } = await refusalOf(stage);
    expect([lines[0], writes]).toEqual([expect.stringContaining('needs "bake-minutes"'), []]);
  });
});
