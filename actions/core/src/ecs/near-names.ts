import { type ECSClient, ListClustersCommand, ListServicesCommand } from '@aws-sdk/client-ecs';
import { isAwsFailure, UserError } from '../errors.ts';
import { renderNearMatches } from '../near-match.ts';
import { lastPartOf } from './arn.ts';
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
