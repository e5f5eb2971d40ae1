import {
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ListServiceDeploymentsCommand,
  type ServiceDeployment,
} from '@aws-sdk/client-ecs';
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

/** Whether the service runs what it wants, of one deployment; its alarms may still watch that. */
export async function isRunning({ ecs }: Clients, cluster: string, service: string): Promise<boolean> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  const { deployments = [], runningCount, desiredCount } = required(services?.[0], `service ${service}`);
  return deployments.length === 1 && runningCount === desiredCount;
}

/** Whether a task answers behind `url`, if only with a refusal: without a healthy one the load balancer says 503. */
export async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  await answer?.body?.cancel();
  return answer !== undefined && answer.status < 500;
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
