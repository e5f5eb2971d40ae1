import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateRepositoryCommand, DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  type Action,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureBaseImage } from '../../machine/base-image.ts';
import { connectDocker } from '../../machine/docker-client.ts';
import { type RunningAws, runLocalAws } from './running-aws.ts';

let aws: RunningAws;
let ecr: ECRClient;

beforeAll(async () => {
  aws = await runLocalAws({ timeScale: 0.02 });
  ecr = new ECRClient(aws.client());
  for (const [repositoryName, imageTagMutability] of [
    ['web', 'MUTABLE'],
    ['fixed', 'IMMUTABLE'],
  ] as const) {
    await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability }));
  }
});
afterAll(() => aws.stop());

/** Builds an image of one small file and gives its reference. */
async function buildImage(repository: string, tag: string, content: string): Promise<string> {
  const image = `${aws.registry}/${repository}:${tag}`;
  await writeFile(join(aws.folder, 'content'), content);
  await writeFile(join(aws.folder, 'Dockerfile'), 'FROM scratch\nCOPY content /content\nCMD ["/content"]\n');
  const built = await aws.docker(`build --quiet --tag ${image} ${aws.folder}`);
  expect(built).toMatchObject({ code: 0 });
  return image;
}

describe("AWS's command line", () => {
  test('is told its account by 12 digits of its access key id', async () => {
    const identity = async (env = {}) => JSON.parse((await aws.cli('sts get-caller-identity', env)).stdout);
    expect(await identity()).toEqual({
      UserId: '123456789012',
      Account: '123456789012',
      Arn: 'arn:aws:iam::123456789012:root',
    });
    expect(await identity({ AWS_ACCESS_KEY_ID: '210987654321' })).toMatchObject({ Account: '210987654321' });
  });

  test('reads the name of an operation that is not there', async () => {
    const answer = await aws.cli('ecs list-container-instances --cluster x');
    expect(answer.stderr).toContain('The local AWS does not offer the operation ListContainerInstances.');
  });
});

describe('S3', () => {
  test('takes a large file in parts from the command line and gives it back', async () => {
    const file = join(aws.folder, 'large');
    const content = Buffer.alloc(20 * 1024 * 1024, 'berth ');
    await writeFile(file, content);
    expect(await aws.cli('s3 mb s3://files')).toMatchObject({ code: 0 });
    expect(await aws.cli(`s3 cp --quiet ${file} s3://files/large`)).toMatchObject({ code: 0 });
    expect(await aws.cli(`s3 cp --quiet s3://files/large ${file}-back`)).toMatchObject({ code: 0 });
    expect((await readFile(`${file}-back`)).equals(content)).toBe(true);
  });
});

describe('docker', () => {
  test('logs in, pushes, and pulls by the digest that ECR describes', async () => {
    expect(await aws.login()).toMatchObject({ code: 0, stdout: expect.stringContaining('Login Succeeded') });
    const image = await buildImage('web', 'v1', 'version one');
    expect(await aws.docker(`push --quiet ${image}`)).toMatchObject({ code: 0 });
    const command = new DescribeImagesCommand({ repositoryName: 'web', imageIds: [{ imageTag: 'v1' }] });
    const [detail] = (await ecr.send(command)).imageDetails ?? [];
    const pinned = `${aws.registry}/web@${detail?.imageDigest}`;
    await aws.docker(`rmi --force ${image}`);
    expect(await aws.docker(`pull --quiet ${pinned}`)).toMatchObject({ code: 0 });
    const inspected = await aws.docker(`image inspect --format {{.RepoDigests}} ${pinned}`);
    expect(inspected.stdout).toContain(pinned);
    expect(detail?.imageSizeInBytes).toBeGreaterThan(100);
    await aws.docker(`rmi --force ${pinned}`);
  });

  test('may push the same image under an immutable tag again, another one not', async () => {
    const image = await buildImage('fixed', 'v1', 'first');
    expect(await aws.docker(`push --quiet ${image}`)).toMatchObject({ code: 0 });
    expect(await aws.docker(`push --quiet ${image}`)).toMatchObject({ code: 0 });
    await buildImage('fixed', 'v1', 'second');
    const refused = await aws.docker(`push --quiet ${image}`);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(
      "The image tag 'v1' already exists in the 'fixed' repository and cannot be overwritten",
    );
    await aws.docker(`rmi --force ${image}`);
  });

  test('is refused a repository that was not created', async () => {
    const image = await buildImage('nowhere', 'v1', 'x');
    const refused = await aws.docker(`push ${image}`);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(
      "The repository with name 'nowhere' does not exist in the registry with id '123456789012'",
    );
    await aws.docker(`rmi --force ${image}`);
  });
});

/** Tells who it is and what it was given, and answers with its version until it is stopped. */
const PROGRAM = `
  import { createServer } from 'node:http';
  const { env } = process;
  const headers = { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN };
  const credentials = await (await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, { headers })).json();
  console.log(JSON.stringify({ version: env.VERSION, token: env.TOKEN, role: credentials.RoleArn }));
  const server = createServer((request, response) => response.end(env.VERSION)).listen(8080);
  process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

async function prepareService(): Promise<void> {
  const base = await ensureBaseImage(connectDocker(aws.dockerHost));
  const image = `${aws.registry}/web:node`;
  await aws.login();
  for (const line of [`tag ${base} ${image}`, `push --quiet ${image}`]) {
    expect(await aws.docker(line)).toMatchObject({ code: 0 });
  }
  const AssumeRolePolicyDocument = JSON.stringify({
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  await new IAMClient(aws.client()).send(
    new CreateRoleCommand({ RoleName: 'task', AssumeRolePolicyDocument }),
  );
  await new SSMClient(aws.client()).send(
    new PutParameterCommand({ Name: '/token', Value: 'sesame', Type: 'SecureString' }),
  );
  await new CloudWatchLogsClient(aws.client()).send(new CreateLogGroupCommand({ logGroupName: '/ecs/web' }));
}

async function register(version: string): Promise<string> {
  const { taskDefinition } = await new ECSClient(aws.client()).send(
    new RegisterTaskDefinitionCommand({
      family: 'web',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      taskRoleArn: 'arn:aws:iam::123456789012:role/task',
      executionRoleArn: 'arn:aws:iam::123456789012:role/task',
      containerDefinitions: [
        {
          name: 'web',
          image: `${aws.registry}/web:node`,
          command: ['node', '--input-type=module', '-e', PROGRAM],
          portMappings: [{ containerPort: 8080 }],
          environment: [{ name: 'VERSION', value: version }],
          secrets: [{ name: 'TOKEN', valueFrom: 'arn:aws:ssm:us-east-1:123456789012:parameter/token' }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': '/ecs/web',
              'awslogs-region': 'us-east-1',
              'awslogs-stream-prefix': 'web',
            },
          },
        },
      ],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
}

/** Makes a load balancer with one target group and gives that and where it listens. */
async function createLoadBalancer(): Promise<{ targetGroupArn: string; url: string }> {
  const client = new ElasticLoadBalancingV2Client(aws.client());
  const { LoadBalancers } = await client.send(
    new CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['subnet-1', 'subnet-2'] }),
  );
  const group = { Name: 'web', Protocol: 'HTTP', Port: 8080, VpcId: 'vpc-1', TargetType: 'ip' } as const;
  const checks = { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2, HealthyThresholdCount: 2 };
  const { TargetGroups } = await client.send(new CreateTargetGroupCommand({ ...group, ...checks }));
  const targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const DefaultActions: Action[] = [{ Type: 'forward', TargetGroupArn: targetGroupArn }];
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn;
  const listener = new CreateListenerCommand({
    LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 18080,
    DefaultActions,
  });
  const { Listeners } = await client.send(listener);
  return { targetGroupArn, url: `http://${LoadBalancers?.[0]?.DNSName}:${Listeners?.[0]?.Port}` };
}

async function runningTasks() {
  const client = new ECSClient(aws.client());
  const { taskArns } = await client.send(new ListTasksCommand({ cluster: 'shop', serviceName: 'web' }));
  return (await client.send(new DescribeTasksCommand({ cluster: 'shop', tasks: taskArns }))).tasks ?? [];
}

async function loggedLines(): Promise<unknown[]> {
  const logs = new CloudWatchLogsClient(aws.client());
  const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/ecs/web' }));
  return (events ?? []).map((event) => JSON.parse(event.message ?? '{}'));
}

describe('a service', () => {
  test('runs containers of the pushed image with role, secret, log and load balancer, and is rolled by the command line', async () => {
    await prepareService();
    await aws.cli('ecs create-cluster --cluster-name shop');
    const network = '--launch-type FARGATE --network-configuration awsvpcConfiguration={subnets=[subnet-1]}';
    const { targetGroupArn, url } = await createLoadBalancer();
    const balancer = `--load-balancers targetGroupArn=${targetGroupArn},containerName=web,containerPort=8080`;
    const first = await register('one');
    const created = await aws.cli(
      `ecs create-service --cluster shop --service-name web --desired-count 1 --task-definition ${first} ${network} ${balancer}`,
    );
    expect(created).toMatchObject({ code: 0 });
    const wait = () => aws.cli('ecs wait services-stable --cluster shop --services web');
    expect(await wait()).toMatchObject({ code: 0 });
    const [{ containers } = {}] = await runningTasks();
    const images = await ecr.send(
      new DescribeImagesCommand({ repositoryName: 'web', imageIds: [{ imageTag: 'node' }] }),
    );
    expect(containers?.[0]?.imageDigest).toBe(images.imageDetails?.[0]?.imageDigest);
    const role = 'arn:aws:iam::123456789012:role/task';
    expect(await loggedLines()).toEqual([{ version: 'one', token: 'sesame', role }]);

    expect(await (await fetch(url)).text()).toBe('one');

    const second = await register('two');
    const updated = await aws.cli(
      `ecs update-service --cluster shop --service web --task-definition ${second}`,
    );
    expect(updated).toMatchObject({ code: 0 });
    expect(await wait()).toMatchObject({ code: 0 });
    expect(await (await fetch(url)).text()).toBe('two');
    expect((await runningTasks()).map((task) => task.taskDefinitionArn)).toEqual([second]);
    expect(await loggedLines()).toContainEqual({ version: 'two', token: 'sesame', role });
  });

  test('is gone with every container when the local AWS stops', async () => {
    const containers = () =>
      aws.docker(
        'ps --all --quiet --filter label=com.amazonaws.ecs.cluster=arn:aws:ecs:us-east-1:123456789012:cluster/shop',
      );
    expect((await containers()).stdout).not.toBe('');
    const image = `${aws.registry}/web:node`;
    await aws.cli('ecs update-service --cluster shop --service web --desired-count 2');
    await aws.docker(`rmi --force ${image}`);
    const { endpoint } = aws;
    await aws.stop();
    expect((await containers()).stdout).toBe('');
    await expect(fetch(endpoint)).rejects.toThrow('fetch failed');
  });
});
