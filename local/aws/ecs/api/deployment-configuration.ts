import type { DeploymentAlarms, DeploymentConfiguration, DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import { invalid, unsupported } from './entry.ts';

/** Refuses what ECS refuses of a deployment configuration, and says what this local ECS does not carry out. */
export function assertDeploymentConfiguration(configuration: DeploymentConfiguration): void {
  assertStrategy(configuration);
  for (const hook of configuration.lifecycleHooks ?? []) assertHook(configuration, hook);
  assertPercents(configuration);
  assertThreshold(configuration);
  assertAlarms(configuration.alarms);
  assertEarlySuccess(configuration);
}

function assertPercents({
  minimumHealthyPercent = 100,
  maximumPercent = 200,
}: DeploymentConfiguration): void {
  if (minimumHealthyPercent < 0 || minimumHealthyPercent > 100) {
    throw invalid('minimumHealthyPercent must be between 0 and 100.');
  }
  if (maximumPercent < minimumHealthyPercent || maximumPercent < 1) {
    throw invalid('maximumPercent must be greater than or equal to minimumHealthyPercent.');
  }
  if (minimumHealthyPercent === 100 && maximumPercent === 100) {
    throw invalid(
      'Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.',
    );
  }
}

function assertThreshold({ deploymentCircuitBreaker }: DeploymentConfiguration): void {
  const threshold = deploymentCircuitBreaker?.thresholdConfiguration;
  if (threshold === undefined) return;
  const { type, value = 0 } = threshold;
  if (!Number.isInteger(value) || value < 1) {
    throw invalid('thresholdConfiguration.value must be an integer of 1 or greater.');
  }
  if (type !== 'COUNT' && value > 100) {
    throw invalid(`thresholdConfiguration.value must be between 1 and 100 for type ${type}.`);
  }
}

function assertAlarms(alarms: DeploymentAlarms | undefined): void {
  if (!alarms?.enable || (alarms.alarmNames ?? []).length > 0) return;
  throw invalid('alarms.alarmNames must name at least one alarm when alarms are enabled.');
}

function assertEarlySuccess(configuration: DeploymentConfiguration): void {
  const { earlySuccessCriteria: criteria, minimumHealthyPercent = 100, strategy } = configuration;
  if (!criteria?.enable) return;
  const { healthyPercent, sourceServiceRevisionCleanup } = criteria;
  if (strategy !== undefined && strategy !== 'ROLLING') {
    throw invalid(`earlySuccessCriteria can only be enabled with strategy ROLLING, not ${strategy}.`);
  }
  if (healthyPercent === undefined || sourceServiceRevisionCleanup === undefined) {
    throw invalid(
      'healthyPercent and sourceServiceRevisionCleanup must be specified when earlySuccessCriteria is enabled.',
    );
  }
  const isInRange = Number.isInteger(healthyPercent) && healthyPercent >= 0 && healthyPercent <= 100;
  if (!isInRange || healthyPercent < minimumHealthyPercent) {
    throw invalid(
      'earlySuccessCriteria.healthyPercent must be an integer from minimumHealthyPercent to 100.',
    );
  }
}

const STRATEGIES: readonly string[] = ['ROLLING', 'BLUE_GREEN', 'LINEAR', 'CANARY'];
const MOST_BAKE_MINUTES = 1440;

function assertStrategy(configuration: DeploymentConfiguration): void {
  const { strategy = 'ROLLING', bakeTimeInMinutes, linearConfiguration, canaryConfiguration } = configuration;
  if (!STRATEGIES.includes(strategy)) {
    throw invalid(`Deployment strategy ${strategy} is not valid; it is one of ${STRATEGIES.join(', ')}.`);
  }
  if (strategy === 'BLUE_GREEN' && bakeTimeInMinutes === undefined) {
    throw invalid('bakeTimeInMinutes must be specified for deployment strategy BLUE_GREEN.');
  }
  assertMinutes('bakeTimeInMinutes', bakeTimeInMinutes);
  if (linearConfiguration !== undefined) {
    if (strategy !== 'LINEAR') throw invalid('linearConfiguration is only valid with strategy LINEAR.');
    assertTenths('stepPercent', linearConfiguration.stepPercent, 3);
    assertMinutes('stepBakeTimeInMinutes', linearConfiguration.stepBakeTimeInMinutes);
  }
  if (canaryConfiguration !== undefined) {
    if (strategy !== 'CANARY') throw invalid('canaryConfiguration is only valid with strategy CANARY.');
    assertTenths('canaryPercent', canaryConfiguration.canaryPercent, 0.1);
    assertMinutes('canaryBakeTimeInMinutes', canaryConfiguration.canaryBakeTimeInMinutes);
  }
}

function assertMinutes(name: string, minutes = 0): void {
  if (Number.isInteger(minutes) && minutes >= 0 && minutes <= MOST_BAKE_MINUTES) return;
  throw invalid(`${name} must be between 0 and ${MOST_BAKE_MINUTES}.`);
}

function assertTenths(name: string, percent: number | undefined, least: number): void {
  if (percent === undefined) return;
  const isMultiple = Math.abs(percent * 10 - Math.round(percent * 10)) < 1e-9;
  if (isMultiple && percent >= least && percent <= 100) return;
  throw invalid(`${name} must be a multiple of 0.1 between ${least.toFixed(1)} and 100.0.`);
}

const NO_PAUSE: readonly string[] = ['TEST_TRAFFIC_SHIFT', 'PRODUCTION_TRAFFIC_SHIFT'];
const ROLLING_STAGES: readonly string[] = ['PRE_SCALE_UP', 'POST_SCALE_UP'];
const MOST_TIMEOUT_MINUTES = 14 * 24 * 60;

function assertHook({ strategy = 'ROLLING' }: DeploymentConfiguration, hook: DeploymentLifecycleHook): void {
  const { targetType = 'AWS_LAMBDA', hookTargetArn, roleArn, lifecycleStages = [] } = hook;
  if (lifecycleStages.length === 0) throw invalid('lifecycleStages must be specified for a lifecycle hook.');
  if (targetType === 'AWS_LAMBDA' && (hookTargetArn === undefined || roleArn === undefined)) {
    throw invalid('hookTargetArn and roleArn must be specified for an AWS_LAMBDA lifecycle hook.');
  }
  if (targetType === 'PAUSE' && hookTargetArn !== undefined) {
    throw invalid('hookTargetArn is not applicable for PAUSE lifecycle hooks.');
  }
  for (const stage of lifecycleStages) {
    if (targetType === 'PAUSE' && NO_PAUSE.includes(stage)) {
      throw invalid(`PAUSE lifecycle hooks cannot be configured at ${stage}.`);
    }
    if (strategy === 'ROLLING' && !ROLLING_STAGES.includes(stage)) {
      throw unsupported(`lifecycle hooks at ${stage} with strategy ROLLING`, ROLLING_STAGES.join(' or '));
    }
  }
  const minutes = hook.timeoutConfiguration?.timeoutInMinutes;
  if (minutes === undefined) return;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > MOST_TIMEOUT_MINUTES) {
    throw invalid(`timeoutInMinutes must be between 1 and ${MOST_TIMEOUT_MINUTES}.`);
  }
}
