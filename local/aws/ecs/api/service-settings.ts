import type {
  CreateServiceCommandInput,
  DeploymentConfiguration,
  LoadBalancer,
  TaskDefinition,
  UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { EngineContext } from '../engine/context.ts';
import { shiftsTraffic } from '../engine/decide-lifecycle.ts';
import type { RevisionRecord, ServiceSettings } from '../engine/state.ts';
import type { TargetGroups } from '../target-groups.ts';
import { assertDeploymentConfiguration } from './deployment-configuration.ts';
import { invalid, unsupported } from './entry.ts';

type ServiceInput = CreateServiceCommandInput & UpdateServiceCommandInput;
type RevisionSettings = RevisionRecord['settings'];

const REVISION_KEYS = [
  'platformVersion',
  'loadBalancers',
  'serviceRegistries',
  'networkConfiguration',
  'serviceConnectConfiguration',
  'volumeConfigurations',
  'vpcLatticeConfigurations',
] as const satisfies readonly (keyof RevisionSettings)[];

/**
 * The settings of a service revision after a request: what it gives replaces what there was, an empty list
 * too. Capacity providers are taken only by a forced deployment or at creation.
 */
export function mergeRevisionSettings(
  before: RevisionSettings,
  input: Partial<ServiceInput>,
  takesCapacityProviders: boolean,
): RevisionSettings {
  const merged: RevisionSettings = { ...before };
  for (const key of REVISION_KEYS) {
    if (input[key] !== undefined) Object.assign(merged, { [key]: input[key] });
  }
  if (takesCapacityProviders && input.capacityProviderStrategy !== undefined) {
    merged.capacityProviderStrategy = input.capacityProviderStrategy;
  }
  return merged;
}

const DEFAULTS: ServiceSettings = {
  desiredCount: 0,
  deploymentConfiguration: { maximumPercent: 200, minimumHealthyPercent: 100, strategy: 'ROLLING' },
  healthCheckGracePeriodSeconds: 0,
  schedulingStrategy: 'REPLICA',
  enableECSManagedTags: false,
  enableExecuteCommand: false,
  propagateTags: 'NONE',
  availabilityZoneRebalancing: 'DISABLED',
  placementConstraints: [],
  placementStrategy: [],
};

/** The settings that start no deployment, after a request. */
export function mergeServiceSettings(
  before: ServiceSettings | undefined,
  input: Partial<ServiceInput>,
): ServiceSettings {
  const merged: ServiceSettings = { ...(before ?? DEFAULTS) };
  for (const key of Object.keys(DEFAULTS) as (keyof ServiceSettings)[]) {
    if (key !== 'deploymentConfiguration' && input[key] !== undefined) {
      Object.assign(merged, { [key]: input[key] });
    }
  }
  merged.deploymentConfiguration = mergeDeploymentConfiguration(
    merged.deploymentConfiguration,
    input.deploymentConfiguration,
  );
  return merged;
}

function mergeDeploymentConfiguration(
  before: DeploymentConfiguration,
  input: DeploymentConfiguration | undefined,
): DeploymentConfiguration {
  const merged: DeploymentConfiguration = { ...before };
  for (const [key, value] of Object.entries(input ?? {})) {
    if (value !== undefined) Object.assign(merged, { [key]: value });
  }
  // What belongs to the strategy before says nothing about the one that is given now.
  if (merged.strategy !== 'LINEAR' && input?.linearConfiguration === undefined) {
    delete merged.linearConfiguration;
  }
  if (merged.strategy !== 'CANARY' && input?.canaryConfiguration === undefined) {
    delete merged.canaryConfiguration;
  }
  merged.deploymentCircuitBreaker ??= { enable: false, rollback: false };
  return merged;
}

/** Refuses what ECS refuses of a service's settings, and says what this local ECS does not carry out. */
export function assertServiceSettings(settings: ServiceSettings): void {
  const { desiredCount, healthCheckGracePeriodSeconds, schedulingStrategy } = settings;
  if (schedulingStrategy !== 'REPLICA') {
    throw unsupported(`scheduling strategy ${schedulingStrategy}`, 'REPLICA');
  }
  if (!Number.isInteger(desiredCount) || desiredCount < 0)
    throw invalid('Desired count must be 0 or greater.');
  if (healthCheckGracePeriodSeconds < 0 || healthCheckGracePeriodSeconds > 2_147_483_647) {
    throw invalid('Health check grace period must be between 0 and 2147483647 seconds.');
  }
  assertDeploymentConfiguration(settings.deploymentConfiguration);
}

/** Refuses a deployment controller other than ECS. */
export function assertController(type: string | undefined): void {
  if (type !== undefined && type !== 'ECS') throw unsupported(`deployment controller ${type}`, 'ECS');
}

/** Refuses a revision whose network or load balancers do not fit its task definition. */
export function assertRevision(
  definition: TaskDefinition,
  revision: Pick<RevisionRecord, 'settings' | 'launchType'>,
  configuration: DeploymentConfiguration,
  context: Pick<EngineContext, 'targetGroups' | 'trafficRules'>,
): void {
  const { settings, launchType } = revision;
  const hasNetwork = settings.networkConfiguration?.awsvpcConfiguration !== undefined;
  if (definition.networkMode === 'awsvpc' && !hasNetwork) {
    throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  }
  if (definition.networkMode !== 'awsvpc' && hasNetwork) {
    throw invalid('Network Configuration is not valid for the given networkMode of this task definition.');
  }
  if (launchType === 'FARGATE' && !(definition.compatibilities ?? []).includes('FARGATE')) {
    throw invalid('Task definition does not support launch_type FARGATE.');
  }
  for (const loadBalancer of settings.loadBalancers ?? []) {
    assertLoadBalancer(definition, loadBalancer, context.targetGroups);
  }
  assertCrossings(settings.loadBalancers ?? [], configuration, context);
}

function assertLoadBalancer(
  definition: TaskDefinition,
  { targetGroupArn, loadBalancerName, containerName, containerPort }: LoadBalancer,
  targetGroups: TargetGroups,
): void {
  if (loadBalancerName !== undefined) throw unsupported('Classic Load Balancers', 'a targetGroupArn');
  if (targetGroupArn === undefined) throw invalid('TargetGroupArn can not be blank.');
  const container = definition.containerDefinitions?.find(({ name }) => name === containerName);
  if (container === undefined) {
    throw invalid(`The container ${containerName} does not exist in the task definition.`);
  }
  if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort)) {
    throw invalid(`The container ${containerName} did not have a container port ${containerPort} defined.`);
  }
  if (!targetGroups.exists(targetGroupArn)) {
    throw invalid(
      `The target group ${targetGroupArn} does not exist. (Unable to assume role and validate the specified` +
        ' targetGroupArn. Please verify that the ECS service role being passed has the proper permissions.)',
    );
  }
}

/** Refuses load balancers between whose target groups the strategy cannot shift traffic. */
function assertCrossings(
  loadBalancers: readonly LoadBalancer[],
  configuration: DeploymentConfiguration,
  context: Pick<EngineContext, 'targetGroups' | 'trafficRules'>,
): void {
  const { strategy } = configuration;
  if (!shiftsTraffic(configuration)) return;
  if (loadBalancers.length === 0 && strategy !== 'BLUE_GREEN') {
    throw invalid(`Deployment strategy ${strategy} requires a load balancer to shift traffic with.`);
  }
  for (const { targetGroupArn, advancedConfiguration: advanced } of loadBalancers) {
    for (const key of ['alternateTargetGroupArn', 'productionListenerRule', 'roleArn'] as const) {
      if (advanced?.[key]) continue;
      throw invalid(`advancedConfiguration.${key} must be specified for deployment strategy ${strategy}.`);
    }
    const { alternateTargetGroupArn = '', productionListenerRule = '', testListenerRule } = advanced ?? {};
    if (alternateTargetGroupArn === targetGroupArn) {
      throw invalid('alternateTargetGroupArn must differ from targetGroupArn.');
    }
    if (!context.targetGroups.exists(alternateTargetGroupArn)) {
      throw invalid(`The target group ${alternateTargetGroupArn} does not exist.`);
    }
    for (const rule of [productionListenerRule, ...(testListenerRule ? [testListenerRule] : [])]) {
      if (context.trafficRules.weights(rule) !== undefined) continue;
      throw invalid(`The listener rule ${rule} does not exist.`);
    }
  }
}
