import type {
  EcrClient,
  Elbv2Client,
  LogsClient,
  SecretsClient,
  SsmClient,
} from '../../core/src/aws-clients.ts';
import type { NeededThing } from '../../core/src/decide/preflight.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import { type Found, look } from './look.ts';
import { readImage } from './needed-image.ts';
import { type Home, readReference } from './needed-reference.ts';
import { type RoleClients, readRole } from './needed-role.ts';

/** Clients of what a task definition refers to. An image may be in another region. */
export interface NeededClients extends RoleClients {
  ecr: (region: string) => EcrClient;
  ssm: SsmClient;
  secrets: SecretsClient;
  logs: LogsClient;
  elb: Elbv2Client;
}

interface Container {
  name?: string;
  image?: string;
  secrets?: { valueFrom?: string }[];
  repositoryCredentials?: { credentialsParameter?: string };
  logConfiguration?: {
    logDriver?: string;
    options?: Record<string, string>;
    secretOptions?: { valueFrom?: string }[];
  };
}

/**
 * Looks for everything a task definition refers to: the image of every container, sidecars too, parameters and
 * secrets, roles, log groups; and for the target groups of the service. A refusal by AWS makes a thing `unknown`;
 * a value of a parameter or secret is never read. One to four calls a thing.
 */
export async function readNeededThings(
  document: TaskDefinitionDocument,
  targetGroupArns: readonly string[],
  digests: ReadonlyMap<string, string>,
  clients: NeededClients,
): Promise<NeededThing[]> {
  const containers = (document.containerDefinitions ?? []) as Container[];
  const roles = [document.taskRoleArn, document.executionRoleArn].flatMap((arn) =>
    typeof arn === 'string' && arn !== '' ? [arn] : [],
  );
  const [, , , region, account] = String(document.taskDefinitionArn ?? '').split(':');
  const home = { region, account };
  return Promise.all([
    ...containers.map(({ name = '', image = '' }) => {
      const deployed = digests.get(name);
      return readImage({ container: name, image, ...(deployed ? { deployed } : {}) }, clients.ecr, region);
    }),
    ...[...new Set(containers.flatMap(referencesOf))].map((one) => readReference(one, home, clients)),
    ...[...new Set(roles)].map((arn) => readRole(arn, clients)),
    ...[...new Set(containers.flatMap(logGroupsOf))].map((place) => readPlacedLogGroup(place, home, clients)),
    ...targetGroupArns.map((arn) =>
      look('target group', arn.split('/').at(-2) ?? arn, () => readTargetGroup(arn, clients)),
    ),
  ]);
}

function referencesOf({ secrets = [], logConfiguration, repositoryCredentials }: Container): string[] {
  const named = [...secrets, ...(logConfiguration?.secretOptions ?? [])].map(({ valueFrom }) => valueFrom);
  return [...named, repositoryCredentials?.credentialsParameter].flatMap((one) => one || []);
}

/** `group region`, the region empty where none is given; nothing where ECS makes the group itself. */
function logGroupsOf({ logConfiguration: log }: Container): string[] {
  const { 'awslogs-group': group, 'awslogs-region': region = '' } = log?.options ?? {};
  const isMade = log?.options?.['awslogs-create-group'] === 'true';
  return log?.logDriver === 'awslogs' && group && !isMade ? [`${group} ${region}`] : [];
}

function readPlacedLogGroup(placed: string, home: Home, clients: NeededClients): Promise<NeededThing> {
  const [group = '', region = ''] = placed.split(' ');
  const isAway = home.region && region && region !== home.region;
  const away: Found = { state: 'unknown', why: `it is in ${region}` };
  return look('log group', group, async () => (isAway ? away : readLogGroup(group, clients)));
}

async function readLogGroup(name: string, { logs }: NeededClients): Promise<Found> {
  const { client, DescribeLogGroupsCommand } = await logs();
  const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name }));
  return { state: logGroups.some(({ logGroupName }) => logGroupName === name) ? 'there' : 'missing' };
}

async function readTargetGroup(arn: string, { elb }: NeededClients): Promise<Found> {
  const { client, DescribeTargetGroupsCommand } = await elb();
  try {
    const { TargetGroups = [] } = await client.send(
      new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] }),
    );
    return { state: TargetGroups.length > 0 ? 'there' : 'missing' };
  } catch (error) {
    if (/^TargetGroupNotFound/.test((error as Error).name)) return { state: 'missing' };
    throw error;
  }
}
