import type { DeploymentConfiguration, LoadBalancer } from '@aws-sdk/client-ecs';
import { describe, expect, test } from '@jest/globals';
import type { ServiceSettings } from '../../src/decide/service-settings.ts';
import { planStrategy, strategyNameOf } from '../../src/decide/strategy-update.ts';
import type { DeploymentStrategy } from '../../src/manifest-strategy.ts';

const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1';
const crossing: LoadBalancer = {
  targetGroupArn: GROUP,
  containerName: 'web',
  containerPort: 80,
  advancedConfiguration: {
    alternateTargetGroupArn: GROUP.replace('web', 'web-alt'),
    productionListenerRule: 'arn:rule',
    roleArn: 'arn:role',
  },
};
const service = (
  deploymentConfiguration: DeploymentConfiguration = {},
  loadBalancers: LoadBalancer[] = [crossing],
): ServiceSettings => ({
  capacityProviderStrategy: [],
  loadBalancers,
  hasServiceConnect: false,
  deploymentConfiguration,
});
const sent = (strategy: DeploymentStrategy, current?: DeploymentConfiguration) =>
  planStrategy(strategy, service(current)).configuration;

describe('what a strategy sends', () => {
  test('is nothing without a strategy, and nothing for what the service has', () => {
    expect(planStrategy(undefined, service())).toEqual({ changes: [], faults: [] });
    expect(sent({ type: 'rolling' })).toBeUndefined();
    expect(
      sent(
        { type: 'canary', canaryPercent: 5 },
        {
          strategy: 'CANARY',
          canaryConfiguration: { canaryPercent: 5, canaryBakeTimeInMinutes: 10 },
        },
      ),
    ).toBeUndefined();
  });

  test.each<[string, DeploymentStrategy, DeploymentConfiguration, DeploymentConfiguration]>([
    [
      'only the percentage that is written',
      { type: 'rolling', maximumPercent: 150 },
      { strategy: 'ROLLING', minimumHealthyPercent: 100, maximumPercent: 200 },
      { strategy: 'ROLLING', maximumPercent: 150 },
    ],
    [
      'the bake time of blue-green',
      { type: 'blue-green', bakeMinutes: 5 },
      {},
      { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 },
    ],
    [
      'steps as a whole, completed with what the service has',
      { type: 'linear', stepPercent: 20 },
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 10, stepBakeTimeInMinutes: 3 } },
      { strategy: 'LINEAR', linearConfiguration: { stepPercent: 20, stepBakeTimeInMinutes: 3 } },
    ],
    [
      'alarms, turned on',
      { type: 'rolling', alarms: { names: ['errors'], rollback: true } },
      {},
      { strategy: 'ROLLING', alarms: { alarmNames: ['errors'], enable: true, rollback: true } },
    ],
    [
      'a breaker that is turned on with its rollback',
      { type: 'rolling', circuitBreaker: { enable: true } },
      { deploymentCircuitBreaker: { enable: false, rollback: false } },
      { strategy: 'ROLLING', deploymentCircuitBreaker: { enable: true, rollback: true } },
    ],
    [
      'a threshold, with the rollback that the service has',
      { type: 'rolling', circuitBreaker: { enable: true, threshold: { type: 'COUNT', value: 5 } } },
      { deploymentCircuitBreaker: { enable: true, rollback: false } },
      {
        strategy: 'ROLLING',
        deploymentCircuitBreaker: {
          enable: true,
          rollback: false,
          thresholdConfiguration: { type: 'COUNT', value: 5 },
        },
      },
    ],
    [
      'a breaker that is turned off without a rollback',
      { type: 'rolling', circuitBreaker: { enable: false } },
      { deploymentCircuitBreaker: { enable: true, rollback: true } },
      { strategy: 'ROLLING', deploymentCircuitBreaker: { enable: false, rollback: false } },
    ],
    [
      'pauses, beside the Lambda hooks that the service has',
      {
        type: 'blue-green',
        hooks: [{ stage: 'POST_TEST_TRAFFIC_SHIFT', timeoutMinutes: 60, onTimeout: 'continue' }],
      },
      {
        strategy: 'BLUE_GREEN',
        bakeTimeInMinutes: 1,
        lifecycleHooks: [
          { hookTargetArn: 'arn:lambda', roleArn: 'arn:role', lifecycleStages: ['PRE_SCALE_UP'] },
          { targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] },
        ],
      },
      {
        strategy: 'BLUE_GREEN',
        lifecycleHooks: [
          { hookTargetArn: 'arn:lambda', roleArn: 'arn:role', lifecycleStages: ['PRE_SCALE_UP'] },
          {
            targetType: 'PAUSE',
            lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
            timeoutConfiguration: { timeoutInMinutes: 60, action: 'CONTINUE' },
          },
        ],
      },
    ],
    [
      'no pauses any more',
      { type: 'rolling', hooks: [] },
      { lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['POST_SCALE_UP'] }] },
      { strategy: 'ROLLING', lifecycleHooks: [] },
    ],
  ])('is %s', (_title, strategy, current, expected) => {
    expect(sent(strategy, current)).toEqual(expected);
  });

  test('does not send a pause again whose defaults ECS has filled in', () => {
    const hooks = [
      {
        targetType: 'PAUSE' as const,
        lifecycleStages: ['POST_SCALE_UP' as const],
        timeoutConfiguration: { timeoutInMinutes: 1440, action: 'ROLLBACK' as const },
      },
    ];
    const strategy = { type: 'rolling', hooks: [{ stage: 'POST_SCALE_UP' }] } as const;
    expect(sent(strategy, { lifecycleHooks: hooks })).toBeUndefined();
  });

  test('tells each setting that changes', () => {
    const strategy = { type: 'blue-green', bakeMinutes: 5 } as const;
    expect(planStrategy(strategy, service({ strategy: 'ROLLING' })).changes).toEqual([
      { path: 'strategy', before: 'ROLLING', after: 'BLUE_GREEN' },
      { path: 'bakeTimeInMinutes', after: '5' },
    ]);
    expect(strategyNameOf({ strategy: 'BLUE_GREEN' })).toBe('blue-green');
    expect(strategyNameOf({})).toBe('rolling');
  });
});

describe('what keeps a service from a strategy', () => {
  const { advancedConfiguration: _advanced, ...plain } = crossing;
  test.each<[string, DeploymentStrategy, ServiceSettings, RegExp]>([
    [
      'a target group alone',
      { type: 'canary' },
      service({}, [plain]),
      /^strategy canary needs an alternate target group and a production listener rule and a role for the load balancer beside target group web, which/,
    ],
    [
      'a listener rule without a role',
      { type: 'linear' },
      service({}, [
        { ...crossing, advancedConfiguration: { ...crossing.advancedConfiguration, roleArn: undefined } },
      ]),
      /needs a role for the load balancer beside target group web/,
    ],
    [
      'an alternate that is the group itself',
      { type: 'canary' },
      service({}, [
        {
          ...crossing,
          advancedConfiguration: { ...crossing.advancedConfiguration, alternateTargetGroupArn: GROUP },
        },
      ]),
      /target group web is its own alternate/,
    ],
    ['no traffic to shift', { type: 'linear' }, service({}, []), /no load balancer and no Service Connect/],
    [
      'a Classic Load Balancer',
      { type: 'canary' },
      service({}, [{ loadBalancerName: 'old', containerName: 'web', containerPort: 80 }]),
      /cannot shift the Classic Load Balancer old/,
    ],
    ['no bake time', { type: 'blue-green' }, service(), /^strategy blue-green needs "bake-minutes"/],
    [
      'a percentage against the one that the service has',
      { type: 'rolling', maximumPercent: 100 },
      service({ minimumHealthyPercent: 100 }),
      /minimumHealthyPercent would be 100 and maximumPercent 100, so that no task could be replaced/,
    ],
  ])('is %s', (_title, strategy, settings, expected) => {
    const { faults } = planStrategy(strategy, settings);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(expected);
  });

  test.each<[string, DeploymentStrategy, ServiceSettings]>([
    ['canary with all that it needs', { type: 'canary' }, service()],
    ['blue-green without traffic', { type: 'blue-green', bakeMinutes: 0 }, service({}, [])],
    ['linear by Service Connect', { type: 'linear' }, { ...service({}, []), hasServiceConnect: true }],
    ['a bake time that the service has', { type: 'blue-green' }, service({ bakeTimeInMinutes: 3 })],
    ['rolling in any case', { type: 'rolling' }, service({}, [plain])],
  ])('is not %s', (_title, strategy, settings) => {
    expect(planStrategy(strategy, settings).faults).toEqual([]);
  });
});
