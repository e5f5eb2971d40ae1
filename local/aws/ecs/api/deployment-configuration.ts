import type { DeploymentAlarms, DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { invalid, unsupported } from './entry.ts';

/** Refuses what ECS refuses of a deployment configuration, and says what this local ECS does not carry out. */
export function assertDeploymentConfiguration(configuration: DeploymentConfiguration): void {
  const { strategy = 'ROLLING' } = configuration;
  if (strategy !== 'ROLLING') throw unsupported(`deployment strategy ${strategy}`, 'ROLLING');
  if ((configuration.lifecycleHooks ?? []).length > 0) throw unsupported('lifecycle hooks', 'none');
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
