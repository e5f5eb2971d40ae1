import { CreateRepositoryCommand } from '@aws-sdk/client-ecr';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { GITHUB_ISSUER } from '../github/oidc-claims.ts';
import type { Clients } from './clients.ts';
import { type PolicyPlace, ROLE_NAMES, rolePolicies } from './role-policies.ts';

/** What the services stand on: everything Terraform makes in a real account. */
export interface Ground {
  cluster: string;
  /** URL of the load balancer's listener. */
  url: string;
  targetGroupArn: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  bucket: string;
  /** Name of the SSM parameter with the e-mail API's token. */
  tokenParameter: string;
  roles: { build: string; deploy: string; verify: string };
  taskRoles: { execution: string; api: string; consumer: string };
}

/** Who may assume the pack's roles: `sub` claims of one GitHub repository, by its immutable ids. */
export interface Subjects {
  /** Jobs without an environment: may build. */
  branch: string;
  /** Jobs with the environment `prod`: may deploy and verify. */
  environment: string;
}

/** Makes cluster, registry, load balancer, roles, queues, bucket and parameter of the `prod` environment. */
export async function makeGround(
  clients: Clients,
  accountId: string,
  subjects: Subjects,
  apiToken: string,
): Promise<Ground> {
  const cluster = 'shop-prod';
  await clients.ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  for (const repositoryName of ['shop/email-api', 'shop/email-consumer'])
    await clients.ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
  const bucket = 'shop-prod-emails';
  const tokenParameter = '/prod/email-api/token';
  const region = await clients.ecs.config.region();
  const place = { accountId, region, cluster, bucket, tokenParameter };
  const [balancer, queues, roles] = [
    await makeLoadBalancer(clients),
    await makeQueues(clients),
    await makeRoles(clients, place, subjects),
  ];
  await clients.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  await clients.ssm.send(
    new PutParameterCommand({ Name: tokenParameter, Type: 'SecureString', Value: apiToken, Overwrite: true }),
  );
  return { cluster, bucket, tokenParameter, ...balancer, ...queues, ...roles };
}

async function makeLoadBalancer({ elb }: Clients): Promise<{ url: string; targetGroupArn: string }> {
  const made = await elb.send(
    new CreateLoadBalancerCommand({
      Name: 'shop-prod',
      Subnets: ['subnet-a', 'subnet-b'],
      Scheme: 'internet-facing',
    }),
  );
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: 'shop-prod-email-api',
      Protocol: 'HTTP',
      Port: 8000,
      VpcId: 'vpc-shop',
      TargetType: 'ip',
      HealthCheckPath: '/health',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const targetGroupArn = required(TargetGroups?.[0]?.TargetGroupArn, 'target group');
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
    }),
  );
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: required(made.LoadBalancers?.[0]?.LoadBalancerArn, 'load balancer'),
      Protocol: 'HTTP',
      Port: 8080,
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
  const host = required(made.LoadBalancers?.[0]?.DNSName, 'load balancer name');
  return { url: `http://${host}:${required(Listeners?.[0]?.Port, 'listener')}`, targetGroupArn };
}

async function makeQueues({ sqs }: Clients): Promise<{ queueUrl: string; deadLetterQueueUrl: string }> {
  const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'email-dlq' }));
  const deadLetterQueueUrl = required(dead.QueueUrl, 'dead-letter queue');
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterQueueUrl, AttributeNames: ['QueueArn'] }),
  );
  const queue = await sqs.send(
    new CreateQueueCommand({
      QueueName: 'email',
      Attributes: {
        VisibilityTimeout: '30',
        ReceiveMessageWaitTimeSeconds: '20',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 }),
      },
    }),
  );
  return { queueUrl: required(queue.QueueUrl, 'queue'), deadLetterQueueUrl };
}

async function makeRoles(
  { iam }: Clients,
  place: PolicyPlace,
  subjects: Subjects,
): Promise<Pick<Ground, 'roles' | 'taskRoles'>> {
  const { accountId } = place;
  const policies = rolePolicies(place);
  const issuerHost = new URL(GITHUB_ISSUER).host;
  await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: GITHUB_ISSUER,
      ClientIDList: ['sts.amazonaws.com'],
      ThumbprintList: ['6938fd4d98bab03faadb97b34396831e3780aea1'],
    }),
  );
  const fromGitHub = (subject: string) => ({
    Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${issuerHost}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { [`${issuerHost}:aud`]: 'sts.amazonaws.com' },
      StringLike: { [`${issuerHost}:sub`]: subject },
    },
  });
  const fromEcs = { Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const role = async (kind: keyof typeof ROLE_NAMES, statement: object): Promise<string> => {
    const RoleName = ROLE_NAMES[kind];
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', ...statement }],
    });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const Statement = policies[kind].map((allowed) => ({ Effect: 'Allow', ...allowed }));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'berth', PolicyDocument }));
    return required(Role?.Arn, `role ${RoleName}`);
  };
  return {
    roles: {
      build: await role('build', fromGitHub(subjects.branch)),
      deploy: await role('deploy', fromGitHub(subjects.environment)),
      verify: await role('verify', fromGitHub(subjects.environment)),
    },
    taskRoles: {
      execution: await role('execution', fromEcs),
      api: await role('api', fromEcs),
      consumer: await role('consumer', fromEcs),
    },
  };
}

/** The value, or an error that names what the local AWS did not return. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the local AWS returned no ${what}`);
  return value;
}
