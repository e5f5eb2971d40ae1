import { AwsFault } from '../fault.ts';
import { refusal } from '../gateway/refusal.ts';
import type { AwsService } from '../wire/service.ts';
import { type BucketLimit, fullBucket, type TokenBucket, takeToken } from './token-bucket.ts';

type Bucket = BucketLimit & { operations: readonly string[] };

/**
 * ECS's rate buckets; the operations of one share it, for each account and Region.
 * Source: ECS API reference, "Request throttling for the Amazon ECS API" (read 2026-11).
 */
export const ECS_BUCKETS: Readonly<Record<string, Bucket>> = {
  'service read': bucket(100, 20, ['DescribeServices', 'ListServices']),
  'service modify': bucket(50, 5, ['CreateService', 'UpdateService', 'DeleteService']),
  'service deployment': bucket(50, 20, ['DescribeServiceDeployments', 'ListServiceDeployments']),
  'service revision': bucket(50, 20, ['DescribeServiceRevisions']),
  'task definition modify': bucket(20, 1, ['RegisterTaskDefinition', 'DeregisterTaskDefinition']),
  'task definition read': bucket(50, 20, [
    'DescribeTaskDefinition',
    'ListTaskDefinitions',
    'ListTaskDefinitionFamilies',
  ]),
  'task definition delete': bucket(5, 1, ['DeleteTaskDefinitions']),
  'cluster resource modify': bucket(100, 40, [
    'RunTask',
    'StartTask',
    'StopTask',
    'ExecuteCommand',
    'PutAttributes',
    'DeleteAttributes',
    'DeregisterContainerInstance',
    'UpdateContainerAgent',
    'UpdateContainerInstancesState',
  ]),
  'cluster resource read': bucket(100, 20, [
    'DescribeTasks',
    'ListTasks',
    'DescribeContainerInstances',
    'ListContainerInstances',
    'ListAttributes',
  ]),
  'cluster modify': bucket(20, 1, [
    'CreateCluster',
    'DeleteCluster',
    'UpdateCluster',
    'UpdateClusterSettings',
    'PutClusterCapacityProviders',
  ]),
  'cluster read': bucket(50, 20, ['DescribeClusters', 'ListClusters']),
  'capacity provider modify': bucket(10, 1, [
    'CreateCapacityProvider',
    'UpdateCapacityProvider',
    'DeleteCapacityProvider',
  ]),
  'capacity provider read': bucket(50, 20, ['DescribeCapacityProviders']),
  'tag modify': bucket(20, 10, ['TagResource', 'UntagResource']),
  'tag read': bucket(50, 20, ['ListTagsForResource']),
  'setting modify': bucket(10, 1, ['PutAccountSetting', 'PutAccountSettingDefault', 'DeleteAccountSetting']),
  'setting read': bucket(50, 20, ['ListAccountSettings']),
  'agent modify': bucket(200, 120, [
    'RegisterContainerInstance',
    'SubmitAttachmentStateChanges',
    'SubmitContainerStateChange',
    'SubmitTaskStateChange',
    'DiscoverPollEndpoint',
  ]),
  'task protection': bucket(200, 80, ['GetTaskProtection', 'UpdateTaskProtection']),
  'services by namespace': bucket(10, 1, ['ListServicesByNamespace']),
};

function bucket(burst: number, refillPerSecond: number, operations: readonly string[]): Bucket {
  return { burst, refillPerSecond, operations };
}

/** Name of the bucket of each operation. */
const BUCKET_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(ECS_BUCKETS).flatMap(([name, { operations }]) =>
    operations.map((operation) => [operation, name] as const),
  ),
);

/**
 * Puts ECS's rate buckets before a service: a call that finds its bucket empty is answered
 * `ThrottlingException`, "Rate exceeded", and does nothing. Time is that of each request.
 */
export function withApiBuckets(service: AwsService): AwsService {
  const buckets = new Map<string, TokenBucket>();
  return async (request) => {
    const { accountId, region, now } = request.context;
    const name = BUCKET_OF.get(request.target?.split('.').pop() ?? '');
    const limit = name === undefined ? undefined : ECS_BUCKETS[name];
    if (!limit) return service(request);
    const key = `${accountId}/${region}/${name}`;
    const left = takeToken(buckets.get(key) ?? fullBucket(limit, now), limit, now);
    if (!left) return refusal(new AwsFault('ThrottlingException', 'Rate exceeded'), request);
    buckets.set(key, left);
    return service(request);
  };
}
