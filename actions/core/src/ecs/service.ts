import { DescribeServicesCommand, type ECSClient, type Service } from '@aws-sdk/client-ecs';
import type { ServiceReading } from '../decide/deployment-reading.ts';
import type { ServiceSettings } from '../decide/service-settings.ts';
import { UserError } from '../errors.ts';
import { readInBatches } from './batches.ts';
import { serviceNotFound, withNearClusters } from './near-names.ts';

/** How many services one DescribeServices call takes. */
export const SERVICES_A_CALL = 10;

/**
 * Reads services of one cluster, in the order of `names`; one call for each ten.
 * A name that the cluster does not have throws `SERVICE_NOT_FOUND`, a wrong cluster `CLUSTER_NOT_FOUND`,
 * both with the near names. Deleted services (INACTIVE) are returned, not refused.
 */
export async function readServices(
  ecs: ECSClient,
  cluster: string,
  names: readonly string[],
): Promise<ServiceReading[]> {
  const services = await readInBatches(names, SERVICES_A_CALL, async (batch) => {
    const answer = await ecs
      .send(new DescribeServicesCommand({ cluster, services: batch }))
      .catch(async (error: unknown) => {
        throw await withNearClusters(error, ecs, cluster);
      });
    return answer.services ?? [];
  });
  const byName = new Map(services.map((service) => [service.serviceName ?? '', toReading(service)]));
  const missing = names.find((name) => !byName.has(name));
  if (missing !== undefined) throw await serviceNotFound(ecs, cluster, missing);
  return names.flatMap((name) => byName.get(name) ?? []);
}

/**
 * Throws for a service that ECS deploys nothing to: `SERVICE_NOT_ACTIVE` where it is deleted, `SERVICE_OTHER_CONTROLLER`
 * where another controller deploys it, so that it has no service deployments.
 */
export function assertDeployedByEcs({ serviceName, status, controller }: ServiceReading): void {
  if (status !== 'ACTIVE') {
    throw new UserError(
      'SERVICE_NOT_ACTIVE',
      `Service "${serviceName}" is ${status}: it is being, or has been, deleted.`,
    );
  }
  if (controller !== 'ECS') {
    throw new UserError(
      'SERVICE_OTHER_CONTROLLER',
      `Service "${serviceName}" is deployed by the controller ${controller}; only services of the controller ECS can be deployed, followed and rolled back here.`,
    );
  }
}

function toReading(service: Service): ServiceReading {
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  return {
    serviceArn: service.serviceArn ?? '',
    clusterArn: service.clusterArn ?? '',
    serviceName: service.serviceName ?? '',
    status: service.status ?? 'ACTIVE',
    controller: service.deploymentController?.type ?? 'ECS',
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    taskDefinitionArn: service.taskDefinition ?? primary?.taskDefinition ?? '',
    primaryDeploymentId: primary?.id,
    currentServiceRevisionArns: (service.currentServiceRevisions ?? []).flatMap(({ arn }) => arn ?? []),
    targetGroupArns: (service.loadBalancers ?? []).flatMap(({ targetGroupArn, advancedConfiguration }) =>
      [targetGroupArn, advancedConfiguration?.alternateTargetGroupArn].flatMap((arn) => arn ?? []),
    ),
    endsEarly: service.deploymentConfiguration?.earlySuccessCriteria?.enable === true,
    minimumHealthyPercent: service.deploymentConfiguration?.minimumHealthyPercent,
    maximumPercent: service.deploymentConfiguration?.maximumPercent,
    settings: settingsOf(service),
    events: (service.events ?? []).map(({ id, createdAt, message }) => ({
      id: id ?? '',
      createdAt: createdAt?.getTime() ?? 0,
      message: message ?? '',
    })),
  };
}

function settingsOf(service: Service): ServiceSettings {
  const { launchType, capacityProviderStrategy = [], platformVersion, networkConfiguration } = service;
  const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
  return {
    ...(launchType && capacityProviderStrategy.length === 0 ? { launchType } : {}),
    capacityProviderStrategy,
    ...(platformVersion ? { platformVersion } : {}),
    ...(networkConfiguration ? { networkConfiguration } : {}),
    placementConstraints: service.placementConstraints ?? [],
    placementStrategy: service.placementStrategy ?? [],
    loadBalancers: service.loadBalancers ?? [],
    deploymentConfiguration: service.deploymentConfiguration ?? {},
    hasServiceConnect: primary?.serviceConnectConfiguration?.enabled === true,
  };
}
