import type { DeploymentConfiguration, DeploymentLifecycleHook, LoadBalancer } from '@aws-sdk/client-ecs';
import type { BreakerSetting, DeploymentStrategy, PauseHook } from '../manifest-strategy.ts';
import type { ServiceSettings } from './service-settings.ts';

/** One setting that the update changes; an absent side means not set. */
export interface SettingChange {
  path: string;
  before?: string;
  after?: string;
}

/** What the strategy of the manifest means for a service as it is. */
export interface StrategyUpdate {
  /** For UpdateService: what the manifest sets and nothing else; absent when the service is set so already. */
  configuration?: DeploymentConfiguration;
  changes: SettingChange[];
  /** Why ECS could not deploy the service so; one line each, empty when it can. */
  faults: string[];
}

const TYPES = {
  rolling: 'ROLLING',
  'blue-green': 'BLUE_GREEN',
  linear: 'LINEAR',
  canary: 'CANARY',
} as const;

/**
 * Compares a strategy with the deployment configuration that a service has, and checks it against the service's
 * load balancers. What ECS takes only as a whole (breaker, step settings, list of hooks) is completed with what
 * the service has, so that an update sets nothing back; Lambda hooks stay.
 * Source: ECS API, DeploymentConfiguration and AdvancedConfiguration (read 2026-11).
 */
export function planStrategy(
  strategy: DeploymentStrategy | undefined,
  settings: ServiceSettings,
): StrategyUpdate {
  if (!strategy) return { changes: [], faults: [] };
  const current = settings.deploymentConfiguration;
  const wanted = configurationOf(strategy, current);
  const changes = Object.entries(wanted).flatMap(([path, value]) =>
    changesOf(path, currentOf(path, current), path === 'lifecycleHooks' ? value.map(withDefaults) : value),
  );
  const faults = faultsOf(strategy, settings);
  return { changes, faults, ...(changes.length > 0 ? { configuration: wanted } : {}) };
}

/** Name of the strategy a service is set to, as the manifest writes it. */
export function strategyNameOf({ strategy = 'ROLLING' }: DeploymentConfiguration): string {
  return strategy.toLowerCase().replace('_', '-');
}

function configurationOf(
  strategy: DeploymentStrategy,
  current: DeploymentConfiguration,
): DeploymentConfiguration {
  const { type, circuitBreaker, alarms, hooks } = strategy;
  const linear = present({
    stepPercent: strategy.stepPercent,
    stepBakeTimeInMinutes: strategy.stepBakeMinutes,
  });
  const canary = present({
    canaryPercent: strategy.canaryPercent,
    canaryBakeTimeInMinutes: strategy.canaryBakeMinutes,
  });
  return present({
    strategy: TYPES[type],
    minimumHealthyPercent: strategy.minimumHealthyPercent,
    maximumPercent: strategy.maximumPercent,
    bakeTimeInMinutes: strategy.bakeMinutes,
    linearConfiguration: isEmpty(linear) ? undefined : { ...current.linearConfiguration, ...linear },
    canaryConfiguration: isEmpty(canary) ? undefined : { ...current.canaryConfiguration, ...canary },
    deploymentCircuitBreaker: circuitBreaker && breakerOf(circuitBreaker, current),
    alarms: alarms && { alarmNames: [...alarms.names], enable: true, rollback: alarms.rollback },
    lifecycleHooks: hooks && [...otherHooks(current), ...hooks.map(hookOf)],
  });
}

/** Turned on for the first time a breaker rolls back; afterwards as the service has it. */
function breakerOf(
  setting: BreakerSetting,
  { deploymentCircuitBreaker: current }: DeploymentConfiguration,
): NonNullable<DeploymentConfiguration['deploymentCircuitBreaker']> {
  const rollback = setting.rollback ?? (current?.enable ? current.rollback : setting.enable);
  return present({
    ...current,
    enable: setting.enable,
    rollback: setting.enable && rollback === true,
    thresholdConfiguration: setting.threshold ?? current?.thresholdConfiguration,
    resetOnHealthyTask: setting.resetOnHealthyTask ?? current?.resetOnHealthyTask,
  });
}

function otherHooks({ lifecycleHooks = [] }: DeploymentConfiguration): DeploymentLifecycleHook[] {
  return lifecycleHooks.filter(({ targetType }) => targetType !== 'PAUSE');
}

function hookOf({ stage, timeoutMinutes, onTimeout }: PauseHook): DeploymentLifecycleHook {
  const timeout = present({
    timeoutInMinutes: timeoutMinutes,
    action: onTimeout && ({ rollback: 'ROLLBACK', continue: 'CONTINUE' } as const)[onTimeout],
  });
  return {
    targetType: 'PAUSE',
    // The manifest's schema knows the stages; one newer than the SDK would still be ECS's to judge.
    lifecycleStages: [stage as NonNullable<DeploymentLifecycleHook['lifecycleStages']>[number]],
    ...(isEmpty(timeout) ? {} : { timeoutConfiguration: timeout }),
  };
}

function faultsOf(strategy: DeploymentStrategy, settings: ServiceSettings): string[] {
  const { type } = strategy;
  const current = settings.deploymentConfiguration;
  if (type === 'rolling') return percentFaults(strategy, current);
  const { loadBalancers, hasServiceConnect } = settings;
  const noTraffic = loadBalancers.length === 0 && !hasServiceConnect;
  return [
    ...percentFaults(strategy, current),
    ...(type === 'blue-green' && strategy.bakeMinutes === undefined && current.bakeTimeInMinutes === undefined
      ? ['strategy blue-green needs "bake-minutes", which the service does not have yet']
      : []),
    ...(noTraffic && type !== 'blue-green'
      ? [`strategy ${type} shifts traffic, but the service has no load balancer and no Service Connect`]
      : []),
    ...loadBalancers.flatMap((loadBalancer) => crossingFaults(type, loadBalancer)),
  ];
}

/** A percentage of the manifest may contradict the other one, which the service has. */
function percentFaults(strategy: DeploymentStrategy, current: DeploymentConfiguration): string[] {
  const least = strategy.minimumHealthyPercent ?? current.minimumHealthyPercent ?? 100;
  const most = strategy.maximumPercent ?? current.maximumPercent ?? 200;
  if (most > least || (strategy.minimumHealthyPercent ?? strategy.maximumPercent) === undefined) return [];
  return [
    `minimumHealthyPercent would be ${least} and maximumPercent ${most}, so that no task could be replaced`,
  ];
}

/** ECS shifts traffic from a target group to its alternate by a listener rule, with a role of its own. */
function crossingFaults(
  type: string,
  { targetGroupArn = '', loadBalancerName, advancedConfiguration: advanced }: LoadBalancer,
): string[] {
  if (loadBalancerName)
    return [`strategy ${type} cannot shift the Classic Load Balancer ${loadBalancerName}`];
  const group = targetGroupArn.split('/').at(-2) ?? targetGroupArn;
  const missing = [
    ...(advanced?.alternateTargetGroupArn ? [] : ['an alternate target group']),
    ...(advanced?.productionListenerRule ? [] : ['a production listener rule']),
    ...(advanced?.roleArn ? [] : ['a role for the load balancer']),
  ];
  if (missing.length > 0) {
    return [
      `strategy ${type} needs ${missing.join(' and ')} beside target group ${group}, which the service does not have`,
    ];
  }
  return advanced?.alternateTargetGroupArn === targetGroupArn
    ? [`target group ${group} is its own alternate, so strategy ${type} has nowhere to shift traffic to`]
    : [];
}

/** What ECS answers may have the defaults filled in that a request leaves out. */
function currentOf(path: string, current: DeploymentConfiguration): unknown {
  const value = current[path as keyof DeploymentConfiguration];
  if (path === 'strategy') return value ?? 'ROLLING';
  if (path === 'lifecycleHooks') return (current.lifecycleHooks ?? []).map(withDefaults);
  return value;
}

function withDefaults(hook: DeploymentLifecycleHook): DeploymentLifecycleHook {
  if (hook.targetType !== 'PAUSE') return { targetType: 'AWS_LAMBDA', ...hook };
  const { timeoutInMinutes = 1440, action = 'ROLLBACK' } = hook.timeoutConfiguration ?? {};
  return { ...hook, timeoutConfiguration: { timeoutInMinutes, action } };
}

function changesOf(path: string, before: unknown, after: unknown): SettingChange[] {
  const [old, now] = [sorted(before), sorted(after)];
  if (old === now) return [];
  return [{ path, ...(old === undefined ? {} : { before: shown(before) }), after: shown(after) }];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : (sorted(value) ?? '');
}

/** JSON with sorted keys, so that only content counts. */
function sorted(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(
          Object.entries(item)
            .filter(([, part]) => part !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : item,
  );
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}

function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}
