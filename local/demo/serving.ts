import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListServiceDeploymentsCommand,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
import { DescribeTargetHealthCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type ListObjectsV2CommandOutput, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { Clients } from './clients.ts';
import { required } from './ground.ts';

/** What serves now: `email-api:3 (sha256:1b2c3d4e)`, from the service's primary deployment. */
export async function describeServing({ ecs }: Clients, cluster: string, service: string): Promise<string> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  const arn = required(
    services?.[0]?.deployments?.find(({ status }) => status === 'PRIMARY')?.taskDefinition,
    'service',
  );
  const { taskDefinition } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn }));
  const digest = taskDefinition?.containerDefinitions?.[0]?.image?.split('@sha256:')[1] ?? 'no digest';
  return `${arn.split('/').pop()} (sha256:${digest.slice(0, 8)})`;
}

/**
 * Whether the service runs what it wants, of one deployment, and the load balancer has found all of it healthy; its
 * alarms may still watch that deployment. Until then an answer proves little: where no target is healthy, all are asked.
 */
export async function isServing({ ecs, elb }: Clients, cluster: string, service: string): Promise<boolean> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  const found = required(services?.[0], `service ${service}`);
  const { deployments = [], runningCount, desiredCount, loadBalancers = [] } = found;
  if (deployments.length !== 1 || runningCount !== desiredCount) return false;
  const healthy = await Promise.all(
    loadBalancers.map(async ({ targetGroupArn: TargetGroupArn }) => {
      const { TargetHealthDescriptions: targets = [] } = await elb.send(
        new DescribeTargetHealthCommand({ TargetGroupArn }),
      );
      return targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
    }),
  );
  return healthy.every((count) => count === desiredCount);
}

/** What ECS said last about a service, in its own words. */
export async function newestEvent({ ecs }: Clients, cluster: string, service: string): Promise<string> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  return services?.[0]?.events?.[0]?.message ?? `(service ${service}) has no events`;
}

/** The newest service deployment of a service, with ECS's own times. */
export async function newestDeployment(
  { ecs }: Clients,
  cluster: string,
  service: string,
): Promise<ServiceDeployment | undefined> {
  const { serviceDeployments } = await ecs.send(new ListServiceDeploymentsCommand({ cluster, service }));
  const newest = serviceDeployments
    ?.toSorted((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0))
    .at(0)?.serviceDeploymentArn;
  if (!newest) return undefined;
  const described = await ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [newest] }),
  );
  return described.serviceDeployments?.[0];
}

/** Keys of all mails that the bucket holds. */
export async function listMails({ s3 }: Clients, bucket: string): Promise<string[]> {
  const pages: AsyncIterable<ListObjectsV2CommandOutput> = paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket },
  );
  const keys: string[] = [];
  for await (const page of pages) keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
  return keys;
}
