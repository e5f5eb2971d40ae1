import type { ECSClient } from '@aws-sdk/client-ecs';
import { isOngoing } from './decide/deployment-reading.ts';
import type { ServiceDeploymentItem } from './deployments-json.ts';
import { tryServiceOf } from './ecs/arn.ts';
import { assertDeployedByEcs, readServices } from './ecs/service.ts';
import { listServiceDeployments, readServiceDeployments } from './ecs/service-deployment.ts';
import { readServiceRevisions } from './ecs/service-revision.ts';
import { UserError } from './errors.ts';
import type { SelectedService } from './selected-services.ts';

/**
 * The newest deployment of each service, as `deploy-service` would have listed it. Three calls a service. Throws for
 * one that ECS deploys nothing to.
 */
export async function findNewestDeployments(
  ecs: ECSClient,
  selected: readonly SelectedService[],
): Promise<ServiceDeploymentItem[]> {
  return Promise.all(
    selected.map(async ({ service, cluster, serviceName, smoke }) => {
      const [[before], [newest]] = await Promise.all([
        readServices(ecs, cluster, [serviceName]),
        listServiceDeployments(ecs, { cluster, serviceName }, { limit: 1 }),
      ]);
      if (before) assertDeployedByEcs(before);
      const revisionArn = newest?.targetServiceRevisionArn;
      const revisions = await readServiceRevisions(ecs, revisionArn ? [revisionArn] : []);
      return {
        service,
        cluster: before?.clusterArn ?? cluster,
        serviceName,
        serviceDeploymentArn: newest?.serviceDeploymentArn ?? null,
        taskDefinitionArn:
          revisions.get(revisionArn ?? '')?.taskDefinitionArn ?? before?.taskDefinitionArn ?? '',
        changed: newest !== undefined && isOngoing(newest.status),
        ...(smoke === undefined ? {} : { smoke }),
      };
    }),
  );
}

/** The service deployment of that ARN as a list of one; `DEPLOYMENT_NOT_FOUND` when ECS does not know it. */
export async function findDeployment(
  ecs: ECSClient,
  serviceDeploymentArn: string,
): Promise<ServiceDeploymentItem[]> {
  const reading = (await readServiceDeployments(ecs, [serviceDeploymentArn])).get(serviceDeploymentArn);
  const named = tryServiceOf(serviceDeploymentArn);
  if (!reading || !named) {
    throw new UserError(
      'DEPLOYMENT_NOT_FOUND',
      `ECS knows no service deployment ${serviceDeploymentArn}. It keeps them for 90 days, in the account and region where they ran.`,
    );
  }
  const revisionArn = reading.target?.serviceRevisionArn;
  const revisions = await readServiceRevisions(ecs, revisionArn ? [revisionArn] : []);
  return [
    {
      service: named.serviceName,
      cluster: named.cluster,
      serviceName: named.serviceName,
      serviceDeploymentArn,
      taskDefinitionArn: revisions.get(revisionArn ?? '')?.taskDefinitionArn ?? '',
      changed: true,
    },
  ];
}
