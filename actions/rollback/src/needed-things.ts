import type { EcrClient, Elbv2Client, LogsClient, SsmClient } from '../../core/src/aws-clients.ts';
import type { NeededThing } from '../../core/src/decide/preflight.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { isAwsFailure, renderError } from '../../core/src/errors.ts';

/** Clients of what a task definition refers to. An image may be in another region. */
export interface NeededClients {
  ecr: (region: string) => EcrClient;
  ssm: SsmClient;
  logs: LogsClient;
  elb: Elbv2Client;
}

interface Container {
  name?: string;
  image?: string;
  secrets?: { valueFrom?: string }[];
  logConfiguration?: {
    logDriver?: string;
    options?: Record<string, string>;
    secretOptions?: { valueFrom?: string }[];
  };
}

const ECR_IMAGE =
  /^(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::([^@]+))?(?:@(sha256:\w+))?$/;

/**
 * Looks for everything a task definition refers to: the image of every container, sidecars too, parameters and
 * secrets, log groups; and for the target groups of the service. A refusal by AWS makes a thing `unknown`; a
 * value of a parameter is never read. About one call a thing.
 */
export async function readNeededThings(
  document: TaskDefinitionDocument,
  targetGroupArns: readonly string[],
  digests: ReadonlyMap<string, string>,
  clients: NeededClients,
): Promise<NeededThing[]> {
  const containers = (document.containerDefinitions ?? []) as Container[];
  const references = containers.flatMap(({ secrets = [], logConfiguration }) =>
    [...secrets, ...(logConfiguration?.secretOptions ?? [])].flatMap(({ valueFrom }) => valueFrom ?? []),
  );
  const groups = containers.flatMap(({ logConfiguration: log }) =>
    log?.logDriver === 'awslogs' && log.options?.['awslogs-create-group'] !== 'true'
      ? (log.options?.['awslogs-group'] ?? [])
      : [],
  );
  return Promise.all([
    ...containers.map((container) => readImage(container, digests.get(container.name ?? ''), clients)),
    ...[...new Set(references)].map((reference) => readReference(reference, clients)),
    ...[...new Set(groups)].map((name) => look('log group', name, () => readLogGroup(name, clients))),
    ...targetGroupArns.map((arn) =>
      look('target group', arn.split('/').at(-2) ?? arn, () => readTargetGroup(arn, clients)),
    ),
  ]);
}

type Found = Omit<NeededThing, 'what' | 'name'>;

async function look(what: string, name: string, read: () => Promise<Found>): Promise<NeededThing> {
  const found = await read().catch(
    (error: unknown): Found => ({ state: 'unknown', why: renderError(error) }),
  );
  return { what, name, ...found };
}

function readImage(
  { image = '' }: Container,
  deployed: string | undefined,
  { ecr }: NeededClients,
): Promise<NeededThing> {
  const [, registryId, region, repositoryName, tag, written] = ECR_IMAGE.exec(image) ?? [];
  const digest = written ?? deployed;
  return look('image', image, async () => {
    if (!registryId || !region || !repositoryName) return { state: 'unknown', why: 'it is not in ECR' };
    const { client, DescribeImagesCommand } = await ecr(region)();
    const describe = async (imageId: { imageDigest?: string; imageTag?: string }) => {
      const filter = { imageStatus: 'ANY' } as const;
      const request = { registryId, repositoryName, imageIds: [imageId], filter };
      const answer = await client.send(new DescribeImagesCommand(request)).catch((error: unknown) => {
        if (
          isAwsFailure(error, 'ImageNotFoundException') ||
          isAwsFailure(error, 'RepositoryNotFoundException')
        )
          return undefined;
        throw error;
      });
      return answer?.imageDetails?.[0];
    };
    const found = await describe(digest ? { imageDigest: digest } : { imageTag: tag ?? 'latest' });
    if (!found) return { state: 'missing' };
    if (found.imageStatus && found.imageStatus !== 'ACTIVE') return { state: 'archived' };
    const now = tag && !written && deployed ? (await describe({ imageTag: tag }))?.imageDigest : undefined;
    return { state: 'there', ...(now && deployed && now !== deployed ? { moved: { deployed, now } } : {}) };
  });
}

function readReference(reference: string, { ssm }: NeededClients): Promise<NeededThing> {
  const isSecret = /:secretsmanager:/.test(reference);
  const name = isSecret ? reference : reference.replace(/^arn:[\w-]+:ssm:[\w-]+:\d+:parameter/, '');
  return look(isSecret ? 'secret' : 'parameter', name, async () => {
    if (isSecret) return { state: 'unknown', why: 'secrets of Secrets Manager are not looked up' };
    // The ARN of a parameter without a path lacks the slash that its name never had.
    const Values = /^\/[^/]+$/.test(name) && name !== reference ? [name, name.slice(1)] : [name];
    const filter = { Key: 'Name', Option: 'Equals', Values };
    const { client, DescribeParametersCommand } = await ssm();
    const { Parameters = [] } = await client.send(
      new DescribeParametersCommand({ ParameterFilters: [filter] }),
    );
    const [found] = Parameters;
    if (!found) return { state: 'missing' };
    const changedAt = found.LastModifiedDate?.getTime();
    return { state: 'there', ...(changedAt === undefined ? {} : { changedAt }) };
  });
}

async function readLogGroup(name: string, { logs }: NeededClients): Promise<Found> {
  const { client, DescribeLogGroupsCommand } = await logs();
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  return { state: logGroups.some(({ logGroupName }) => logGroupName === name) ? 'there' : 'missing' };
}

async function readTargetGroup(arn: string, { elb }: NeededClients): Promise<Found> {
  try {
    const { client, DescribeTargetGroupsCommand } = await elb();
    const { TargetGroups = [] } = await client.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }),
    );
    return { state: TargetGroups.length > 0 ? 'there' : 'missing' };
  } catch (error) {
    if (/^TargetGroupNotFound/.test((error as Error).name)) return { state: 'missing' };
    throw error;
  }
}
