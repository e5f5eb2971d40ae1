import { DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { ListClustersCommand } from '@aws-sdk/client-ecs';
import {
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ListOpenIDConnectProvidersCommand, ListRolesCommand } from '@aws-sdk/client-iam';
import { DeleteObjectsCommand, ListBucketsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { DeleteParametersCommand, DescribeParametersCommand } from '@aws-sdk/client-ssm';
import { ENVIRONMENT, SERVICES } from './caller.ts';
import type { Clients } from './clients.ts';
import type { Ground } from './ground.ts';

/** What came of taking the ground down. */
export interface TakenDown {
  /** Resources that Terraform had and destroyed. */
  destroyed: number;
  /** What the account still has, e.g. `queue shop-prod-email`. */
  left: string[];
}

/**
 * Destroys the three stacks, the newest first. Between them goes by hand what was put there by hand or by CI: the
 * certificate, the notes of first images, and the states, whose bucket Terraform would not empty.
 */
export async function takeDown(
  { stacks, stateBucket }: Pick<Ground, 'stacks' | 'stateBucket'>,
  clients: Clients,
): Promise<TakenDown> {
  const { bootstrap, foundation, services } = stacks;
  const counts = await Promise.all([bootstrap.count(), foundation.count(), services.count()]);
  await services.destroy();
  await foundation.destroy();
  const kept = (await Promise.all([foundation.count(), services.count()])).reduce(sum, 0);
  await Promise.all([removeParameters(clients), emptyBucket(clients, stateBucket)]);
  await bootstrap.destroy();
  const destroyed = counts.reduce(sum, 0) - kept - (await bootstrap.count());
  return { destroyed, left: await listLeft(clients) };
}

const sum = (a: number, b: number): number => a + b;

async function removeParameters({ ssm }: Clients): Promise<void> {
  const names = ['tls/certificate', 'tls/private-key', ...SERVICES.map((service) => `${service}/image`)];
  await ssm.send(new DeleteParametersCommand({ Names: names.map((name) => `/${ENVIRONMENT}/${name}`) }));
}

async function emptyBucket({ s3 }: Clients, Bucket: string): Promise<void> {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
  if (Objects.length > 0) await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
}

/** What AWS itself says is there, whatever Terraform believes. */
async function listLeft({ ecr, ecs, elb, iam, s3, sqs, ssm }: Clients): Promise<string[]> {
  const kinds: Record<string, Promise<(string | undefined)[] | undefined>> = {
    cluster: ecs.send(new ListClustersCommand()).then(({ clusterArns }) => clusterArns),
    repository: ecr
      .send(new DescribeRepositoriesCommand())
      .then(({ repositories }) => repositories?.map(({ repositoryName }) => repositoryName)),
    'load balancer': elb
      .send(new DescribeLoadBalancersCommand())
      .then(({ LoadBalancers }) => LoadBalancers?.map(({ LoadBalancerName }) => LoadBalancerName)),
    'target group': elb
      .send(new DescribeTargetGroupsCommand())
      .then(({ TargetGroups }) => TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)),
    role: iam.send(new ListRolesCommand()).then(({ Roles }) => Roles?.map(({ RoleName }) => RoleName)),
    'identity provider': iam
      .send(new ListOpenIDConnectProvidersCommand())
      .then(({ OpenIDConnectProviderList }) => OpenIDConnectProviderList?.map(({ Arn }) => Arn)),
    bucket: s3.send(new ListBucketsCommand()).then(({ Buckets }) => Buckets?.map(({ Name }) => Name)),
    queue: sqs.send(new ListQueuesCommand()).then(({ QueueUrls }) => QueueUrls),
    parameter: ssm
      .send(new DescribeParametersCommand())
      .then(({ Parameters }) => Parameters?.map(({ Name }) => Name)),
  };
  const lists = await Promise.all(
    Object.entries(kinds).map(async ([kind, names]) =>
      ((await names) ?? []).map((name) => `${kind} ${name}`),
    ),
  );
  return lists.flat();
}
