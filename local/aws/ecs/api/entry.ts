import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import type { HandlersOf, RequestContext } from '../../wire/service.ts';
import { type Place, scopeKey } from '../engine/context.ts';
import type { Engine } from '../engine/engine.ts';
import { lastPart } from '../engine/identifiers.ts';
import type { ClusterRecord, ScopeRecord, ServiceRecord } from '../engine/state.ts';

export type EcsHandlers = HandlersOf<typeof import('@aws-sdk/client-ecs')>;

/** Finds the digest (`sha256:…`) an image reference has now; `undefined` where it cannot be known. */
export interface ImageResolver {
  resolve(image: string, accountId: string, region: string): Promise<string | undefined>;
}

/** What every operation stands on. */
export interface EcsApi {
  readonly engine: Engine;
  readonly images: ImageResolver;
  /** Epoch milliseconds. */
  now(): number;
}

/** Brings the engine up to now and gives the caller's own account and Region. Every operation begins so. */
export function enter(api: EcsApi, { accountId, region }: RequestContext): ScopeRecord {
  api.engine.advance(api.now());
  const { scopes } = api.engine.context.state;
  const key = scopeKey(accountId, region);
  scopes[key] ??= { accountId, region, clusters: {}, families: {}, tags: {} };
  return scopes[key];
}

/** The cluster of a name or ARN, `default` if neither is given; only one that is ACTIVE. */
export function requireCluster(scope: ScopeRecord, reference: string | undefined): Place {
  const cluster = findCluster(scope, reference);
  if (cluster?.status !== 'ACTIVE') throw new AwsFault('ClusterNotFoundException', 'Cluster not found.');
  return { scope, cluster };
}

/** The cluster of a name or ARN, whatever its status. An ARN of another account or Region finds nothing. */
export function findCluster(scope: ScopeRecord, reference = 'default'): ClusterRecord | undefined {
  const cluster = scope.clusters[lastPart(reference)];
  return reference.startsWith('arn:') && cluster?.arn !== reference ? undefined : cluster;
}

/** The service of a name or ARN in its cluster, whatever its status. */
export function findService(place: Place, reference: string): ServiceRecord | undefined {
  const service = place.cluster.services[lastPart(reference)];
  return reference.startsWith('arn:') && service?.arn !== reference ? undefined : service;
}

/** The service of a name or ARN that can still be changed. */
export function requireActiveService(place: Place, reference: string | undefined): ServiceRecord {
  const service = findService(place, reference ?? '');
  if (service === undefined) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
  if (service.status !== 'ACTIVE') {
    throw new AwsFault('ServiceNotActiveException', 'Service was not ACTIVE.');
  }
  return service;
}

/** The task definition of `family`, `family:revision` or an ARN; a bare family means its newest ACTIVE one. */
export function findByReference(scope: ScopeRecord, reference: string): TaskDefinition | undefined {
  const name = reference.startsWith('arn:') ? lastPart(reference) : reference;
  const [family = '', revision] = name.split(':');
  const revisions = scope.families[family] ?? [];
  const found =
    revision === undefined
      ? revisions.findLast((definition) => definition.status === 'ACTIVE')
      : revisions[Number(revision) - 1];
  if (found === undefined || isDeleted(scope, found)) return undefined;
  return reference.startsWith('arn:') && found.taskDefinitionArn !== reference ? undefined : found;
}

/** Whether a task definition that was to be deleted is gone: no task and no service uses it any more. */
export function isDeleted(scope: ScopeRecord, { status, taskDefinitionArn }: TaskDefinition): boolean {
  if (status !== 'DELETE_IN_PROGRESS') return false;
  return !Object.values(scope.clusters).some(
    ({ tasks, services }) =>
      Object.values(tasks).some(
        (task) => task.taskDefinitionArn === taskDefinitionArn && task.lastStatus !== 'STOPPED',
      ) ||
      Object.values(services).some(({ deployments, revisions }) =>
        deployments.some(
          ({ revisionArn }) => revisions[revisionArn]?.taskDefinitionArn === taskDefinitionArn,
        ),
      ),
  );
}

/** The task definition to start tasks from; it must be there and ACTIVE. */
export function requireTaskDefinition(scope: ScopeRecord, reference: string | undefined): TaskDefinition {
  const found = findByReference(scope, reference ?? '');
  if (found === undefined) throw new AwsFault('ClientException', 'TaskDefinition not found.');
  if (found.status !== 'ACTIVE') throw new AwsFault('ClientException', 'TaskDefinition is inactive');
  return found;
}

export function invalid(message: string): AwsFault {
  return new AwsFault('InvalidParameterException', message);
}

/** Refuses what this local ECS does not carry out, and says what it does. */
export function unsupported(what: string, instead: string): AwsFault {
  return new AwsFault(
    'UnsupportedFeatureException',
    `This local ECS does not offer ${what}; use ${instead}.`,
  );
}

/** Epoch milliseconds as the SDK's `Date`. */
export function asDate(at: number): Date;
export function asDate(at: number | undefined): Date | undefined;
export function asDate(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}
