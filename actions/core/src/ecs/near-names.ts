import {
  type ECSClient,
  ListClustersCommand,
  ListServicesCommand,
  ListTaskDefinitionFamiliesCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import { isAwsFailure, UserError } from '../errors.ts';
import { renderNearMatches } from '../near-match.ts';
import { familyOf, lastPartOf } from './arn.ts';
import { readPages } from './batches.ts';

/** Enough names to find a near one among; an account may have thousands. */
const NAMES_LIMIT = 500;

/**
 * Turns "no such cluster" into a `UserError` that names the region and the near names; every other error is
 * returned as it is. Costs one call to list the clusters; where that is not allowed, no names are given.
 */
export async function withNearClusters(error: unknown, ecs: ECSClient, cluster: string): Promise<unknown> {
  if (!isAwsFailure(error, 'ClusterNotFoundException')) return error;
  return clusterNotFound(ecs, cluster);
}

/** The error for a service that DescribeServices does not know, with the near names of its cluster. */
export async function serviceNotFound(
  ecs: ECSClient,
  cluster: string,
  serviceName: string,
): Promise<unknown> {
  try {
    const known = await listServiceNames(ecs, cluster);
    const hint = known.length > 0 ? renderNearMatches(serviceName, known) : ' The cluster has no services.';
    return new UserError(
      'SERVICE_NOT_FOUND',
      `${await placeOf(ecs, cluster)} has no service "${serviceName}".${hint}`,
    );
  } catch (error) {
    if (isAwsFailure(error, 'ClusterNotFoundException')) return clusterNotFound(ecs, cluster);
    const place = await placeOf(ecs, cluster);
    return new UserError('SERVICE_NOT_FOUND', `${place} has no service "${serviceName}".`, { cause: error });
  }
}

/**
 * The error for `family:revision` or an ARN that ECS does not know: with the family's newest revision, or the near
 * families. Two calls; where they are not allowed, no names are given.
 */
export async function taskDefinitionNotFound(ecs: ECSClient, name: string): Promise<UserError> {
  const hint = await nearTaskDefinitions(ecs, familyOf(name)).catch(() => '');
  return new UserError(
    'TASK_DEFINITION_NOT_FOUND',
    `There is no task definition ${lastPartOf(name)} in ${await regionOf(ecs)}.${hint}`,
  );
}

async function nearTaskDefinitions(ecs: ECSClient, family: string): Promise<string> {
  const input = { familyPrefix: family, sort: 'DESC', maxResults: 1 } as const;
  const { taskDefinitionArns = [] } = await ecs.send(new ListTaskDefinitionsCommand(input));
  const [newest] = taskDefinitionArns;
  if (newest && familyOf(newest) === family) return ` The newest of its family is ${lastPartOf(newest)}.`;
  const families = await readPages(async (nextToken) => {
    const page = await ecs.send(new ListTaskDefinitionFamiliesCommand({ status: 'ACTIVE', nextToken }));
    return { items: page.families ?? [], nextToken: page.nextToken };
  }, NAMES_LIMIT);
  return families.length > 0 ? renderNearMatches(family, families) : ' The region has no task definitions.';
}

async function clusterNotFound(ecs: ECSClient, cluster: string): Promise<UserError> {
  const known = await listClusterNames(ecs).catch(() => []);
  const hint =
    known.length > 0 ? renderNearMatches(lastPartOf(cluster), known) : ' Check account, region and role.';
  const region = await regionOf(ecs);
  return new UserError(
    'CLUSTER_NOT_FOUND',
    `There is no cluster "${lastPartOf(cluster)}" in ${region}.${hint}`,
  );
}

async function listClusterNames(ecs: ECSClient): Promise<string[]> {
  const arns = await readPages(async (nextToken) => {
    const page = await ecs.send(new ListClustersCommand({ nextToken }));
    return { items: page.clusterArns ?? [], nextToken: page.nextToken };
  }, NAMES_LIMIT);
  return arns.map(lastPartOf);
}

async function listServiceNames(ecs: ECSClient, cluster: string): Promise<string[]> {
  const arns = await readPages(async (nextToken) => {
    const page = await ecs.send(new ListServicesCommand({ cluster, nextToken, maxResults: 100 }));
    return { items: page.serviceArns ?? [], nextToken: page.nextToken };
  }, NAMES_LIMIT);
  return arns.map(lastPartOf);
}

async function placeOf(ecs: ECSClient, cluster: string): Promise<string> {
  return `Cluster "${lastPartOf(cluster)}" in ${await regionOf(ecs)}`;
}

async function regionOf(ecs: ECSClient): Promise<string> {
  return ecs.config.region();
}
