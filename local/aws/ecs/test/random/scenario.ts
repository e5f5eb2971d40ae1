import type { DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import fc from 'fast-check';
import type { FaultRule } from '../../../faults/fault-rule.ts';
import type { AlarmScript } from '../../runtime/scripted-alarms.ts';
import type { HookScript } from '../../runtime/scripted-hooks.ts';
import type { Behaviour } from '../../runtime/scripted-runtime.ts';

const soon = fc.integer({ min: 0, max: 20_000 });
const later = fc.integer({ min: 0, max: 120_000 });
const healthyAt = (afterMs: number) => ({
  target: [{ afterMs, state: 'healthy' as const }],
  health: [{ afterMs, status: 'HEALTHY' as const }],
});
const sickAt = (afterMs: number) => ({
  target: [{ afterMs, state: 'unhealthy' as const }],
  health: [{ afterMs, status: 'UNHEALTHY' as const }],
});
const fallsSick = ([wellMs, sickMs]: [number, number]) => ({
  target: [...healthyAt(wellMs).target, ...sickAt(wellMs + sickMs + 1).target],
  health: [...healthyAt(wellMs).health, ...sickAt(wellMs + sickMs + 1).health],
});

const anyBehaviour: fc.Arbitrary<Behaviour> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(soon, soon).map(([startsAfterMs, ms]) => ({ startsAfterMs, ...healthyAt(ms) })),
  },
  fc.record({ startsAfterMs: soon, exits: fc.record({ afterMs: later, code: fc.nat(255) }) }),
  fc.record({ startsAfterMs: soon, failsToStart: fc.constant('CannotPullContainerError: not found') }),
  soon.map(sickAt),
  fc.tuple(soon, later).map(fallsSick),
  fc.record({ stopsAfterMs: later }),
);

const minutes = (max: number) => fc.integer({ min: 0, max });
const rolling = fc.constant<DeploymentConfiguration>({ strategy: 'ROLLING' });
const anyShift: fc.Arbitrary<DeploymentConfiguration> = fc.oneof(
  minutes(3).map((bakeTimeInMinutes) => ({ strategy: 'BLUE_GREEN' as const, bakeTimeInMinutes })),
  fc
    .tuple(minutes(3), fc.integer({ min: 200, max: 1000 }), minutes(2))
    .map(([bakeTimeInMinutes, tenths, stepBakeTimeInMinutes]) => ({
      strategy: 'LINEAR' as const,
      bakeTimeInMinutes,
      linearConfiguration: { stepPercent: tenths / 10, stepBakeTimeInMinutes },
    })),
  fc
    .tuple(minutes(3), fc.integer({ min: 1, max: 1000 }), minutes(2))
    .map(([bakeTimeInMinutes, tenths, canaryBakeTimeInMinutes]) => ({
      strategy: 'CANARY' as const,
      bakeTimeInMinutes,
      canaryConfiguration: { canaryPercent: tenths / 10, canaryBakeTimeInMinutes },
    })),
);
const anyStrategy = fc.oneof(rolling, anyShift);

const anyThreshold = fc.oneof(
  fc.constant({}),
  fc
    .record({
      type: fc.constantFrom('BOUNDED_PERCENT' as const, 'UNBOUNDED_PERCENT' as const, 'COUNT' as const),
      value: fc.integer({ min: 1, max: 100 }),
    })
    .map((thresholdConfiguration) => ({ thresholdConfiguration })),
);
const anyBreaker = fc
  .tuple(fc.boolean(), fc.boolean(), fc.boolean(), anyThreshold)
  .map(([enable, rollback, resetOnHealthyTask, threshold]) => ({
    enable,
    rollback,
    resetOnHealthyTask,
    ...threshold,
  }));

const PAUSES = [
  'RECONCILE_SERVICE',
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const;
const SHIFTS = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'] as const;
const ROLLING_STAGES = ['PRE_SCALE_UP', 'POST_SCALE_UP'] as const;

/** A hook at one stage; at which, depends on what its strategy and its kind allow. */
const anyHook = fc.record({
  isPause: fc.boolean(),
  stage: fc.nat(7),
  timeoutInMinutes: fc.integer({ min: 1, max: 5 }),
  action: fc.constantFrom('CONTINUE' as const, 'ROLLBACK' as const),
});

/** Something somebody does to the service, so long after the update. */
const anyMove = fc.record({
  afterMs: fc.integer({ min: 0, max: 600_000 }),
  what: fc.oneof(
    fc.nat(7).map((desiredCount) => ({ kind: 'scale' as const, desiredCount })),
    fc.constantFrom('web:2', 'web:3').map((image) => ({ kind: 'deploy' as const, image })),
    fc.constantFrom(
      { kind: 'force' as const },
      { kind: 'stop' as const },
      { kind: 'stop-task' as const },
      { kind: 'continue' as const, action: 'CONTINUE' as const },
      { kind: 'continue' as const, action: 'CONTINUE' as const },
      { kind: 'continue' as const, action: 'ROLLBACK' as const },
      { kind: 'remove-rule' as const },
      { kind: 'delete' as const },
    ),
  ),
});

export type Move = typeof anyMove extends fc.Arbitrary<infer M> ? M : never;

const anyAlarm: fc.Arbitrary<AlarmScript> = fc.record({
  windowMs: fc.integer({ min: 10_000, max: 120_000 }),
  states: fc.array(fc.record({ afterMs: later, state: fc.constantFrom('OK' as const, 'ALARM' as const) }), {
    maxLength: 2,
  }),
});

const anyFault: fc.Arbitrary<FaultRule> = fc.record({
  operation: fc.constantFrom('UpdateService', 'StopServiceDeployment', 'DeleteService', '*'),
  skip: fc.nat(3),
  count: fc.integer({ min: 1, max: 3 }),
  fault: fc.constantFrom<FaultRule['fault']>(
    { kind: 'throttle' },
    { kind: 'error', status: 503 },
    { kind: 'reset', when: 'before' },
    { kind: 'reset', when: 'after' },
    { kind: 'latency', ms: 5000 },
  ),
});

const fields = {
  seeds: fc.array(anyBehaviour, { minLength: 1, maxLength: 6 }),
  desiredCount: fc.integer({ min: 1, max: 5 }),
  minimumHealthyPercent: fc.nat(100),
  maximumPercent: fc.integer({ min: 101, max: 250 }),
  breaker: anyBreaker,
  alarm: fc.option(fc.tuple(anyAlarm, fc.boolean()), { nil: undefined }),
  early: fc.option(fc.tuple(fc.nat(100), fc.boolean()), { nil: undefined, freq: 3 }),
  hooks: fc.array(anyHook, { maxLength: 2 }),
  /** What functions answer, call by call. */
  answers: fc.array(
    fc.record({
      hookStatus: fc.constantFrom(
        'SUCCEEDED' as const,
        'SUCCEEDED' as const,
        'IN_PROGRESS' as const,
        'FAILED' as const,
      ),
      afterMs: fc.nat(10_000),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  isBalanced: fc.boolean(),
  isChecked: fc.boolean(),
  graceSeconds: fc.constantFrom(0, 0, 30),
  moves: fc.array(anyMove, { maxLength: 5 }),
  faults: fc.array(anyFault, { maxLength: 2 }),
};

/** A service that goes from a good version to others whose tasks behave as `seeds` say, while people act on it. */
export const anyScenario = fc.record({ ...fields, strategy: anyStrategy });

/** Such a service that is updated by the rolling scheduler, or by shifting its traffic. */
export const anyRollingScenario = fc.record({ ...fields, strategy: rolling });
export const anyShiftingScenario = fc.record({ ...fields, strategy: anyShift });

export type Scenario = typeof anyScenario extends fc.Arbitrary<infer S> ? S : never;

/** Whether its tasks are behind a load balancer: strategies that shift traffic by steps cannot do without. */
export const hasTargets = ({ isBalanced, strategy }: Scenario): boolean =>
  isBalanced || strategy.strategy === 'LINEAR' || strategy.strategy === 'CANARY';

/** What the service's deployments are told to be. */
export function configurationOf(scenario: Scenario): DeploymentConfiguration {
  const { minimumHealthyPercent, maximumPercent, strategy, breaker, alarm, early } = scenario;
  const isRolling = strategy.strategy === 'ROLLING';
  const lifecycleHooks = scenario.hooks.map((hook) => hookOf(hook, isRolling));
  return {
    ...strategy,
    minimumHealthyPercent,
    maximumPercent,
    deploymentCircuitBreaker: breaker,
    lifecycleHooks,
    ...(alarm && { alarms: { enable: true, alarmNames: ['errors'], rollback: alarm[1] } }),
    ...(early && isRolling && { earlySuccessCriteria: earlyOf(early, minimumHealthyPercent) }),
  };
}

function earlyOf([share, isBlocking]: [number, boolean], least: number) {
  return {
    enable: true,
    healthyPercent: least + Math.floor(((100 - least) * share) / 100),
    sourceServiceRevisionCleanup: isBlocking ? ('BLOCKING' as const) : ('DEFERRED' as const),
  };
}

function hookOf(
  { isPause, stage, timeoutInMinutes, action }: Scenario['hooks'][number],
  isRolling: boolean,
): DeploymentLifecycleHook {
  const stages = isRolling ? ROLLING_STAGES : isPause ? PAUSES : [...PAUSES, ...SHIFTS];
  const kind = isPause
    ? { targetType: 'PAUSE' as const }
    : {
        hookTargetArn: 'arn:aws:lambda:us-east-1:123456789012:function:check',
        roleArn: 'arn:aws:iam::123456789012:role/hooks',
      };
  return {
    ...kind,
    lifecycleStages: [stages[stage % stages.length] ?? 'PRE_SCALE_UP'],
    timeoutConfiguration: { timeoutInMinutes, action },
  };
}

/** Functions answer in the order of the scenario, the last answer again and again. */
export function hookScriptOf({ answers }: Scenario): HookScript {
  let calls = 0;
  return () => answers[Math.min(calls++, answers.length - 1)];
}
