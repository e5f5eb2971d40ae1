import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ApplicationAutoScalingClient,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRepositoryCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  waitUntilServicesStable,
} from '@aws-sdk/client-ecs';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunningAws, runLocalAws } from '../local/aws/test/running-aws.ts';
import { ensureBaseImage } from '../local/machine/base-image.ts';
import { connectDocker } from '../local/machine/docker-client.ts';
import { type ProgramResult, runProgram } from '../local/machine/run-program.ts';

let aws: RunningAws;
let ecs: ECSClient;
let scaling: ApplicationAutoScalingClient;

const SCALED = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/shop/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;
const SERVE = 'setInterval(() => {}, 1000); process.on("SIGTERM", () => process.exit(0))';
const logConfiguration = {
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': '/ecs/web', 'awslogs-region': 'us-east-1', 'awslogs-stream-prefix': 'web' },
};

/** A document of one container that runs until it is told to stop. */
const documentOf = (version: string) => ({
  family: 'web',
  networkMode: 'awsvpc' as const,
  requiresCompatibilities: ['FARGATE' as const],
  cpu: '256',
  memory: '512',
  executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
  containerDefinitions: [
    {
      name: 'web',
      image: `${aws.registry}/web:node`,
      command: ['node', '-e', SERVE],
      environment: [{ name: 'VERSION', value: version }],
      logConfiguration,
    },
  ],
});

async function makeImage(): Promise<void> {
  const base = await ensureBaseImage(connectDocker(aws.dockerHost));
  await new ECRClient(aws.client()).send(new CreateRepositoryCommand({ repositoryName: 'web' }));
  await aws.login();
  for (const line of [`tag ${base} ${aws.registry}/web:node`, `push --quiet ${aws.registry}/web:node`])
    expect(await aws.docker(line)).toMatchObject({ code: 0 });
}

async function makeGround(): Promise<void> {
  const AssumeRolePolicyDocument = JSON.stringify({
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  await new IAMClient(aws.client()).send(
    new CreateRoleCommand({ RoleName: 'execution', AssumeRolePolicyDocument }),
  );
  await new CloudWatchLogsClient(aws.client()).send(new CreateLogGroupCommand({ logGroupName: '/ecs/web' }));
  await ecs.send(new CreateClusterCommand({ clusterName: 'shop' }));
}

beforeAll(async () => {
  aws = await runLocalAws({ timeScale: 0.02 });
  ecs = new ECSClient(aws.client());
  scaling = new ApplicationAutoScalingClient(aws.client());
  await makeImage();
  await makeGround();
  await ecs.send(new RegisterTaskDefinitionCommand(documentOf('1')));
  await ecs.send(
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    }),
  );
  await waitUntilServicesStable(
    { client: ecs, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
    { cluster: 'shop', services: ['web'] },
  );
  const bounds = { MinCapacity: 1, MaxCapacity: 4 };
  await scaling.send(new RegisterScalableTargetCommand({ ...SCALED, ...bounds }));
});
afterAll(async () => {
  await aws.docker(`rmi --force ${aws.registry}/web:node`);
  await aws.stop();
});

/** Runs `berth deploy` as a shell does, with the migration that this program is. */
async function deploy(version: string, program: string): Promise<ProgramResult> {
  const migrate = { command: ['node', '-e', program] };
  const prod = { account: '123456789012', region: 'us-east-1', cluster: 'shop' };
  const manifest = { version: 1, environments: { prod }, services: { web: { migrate } } };
  await writeFile(join(aws.folder, 'berth.yaml'), JSON.stringify(manifest));
  await writeFile(join(aws.folder, 'web.json'), JSON.stringify(documentOf(version)));
  const { endpoint, credentials, region } = aws.client();
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: aws.folder,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    GITHUB_WORKSPACE: aws.folder,
  };
  const words = ['deploy', '--environment', 'prod', '--task-definitions', '{"web":"web.json"}'];
  const berth = join(import.meta.dirname, '..', 'cli', 'berth.mjs');
  return runProgram(process.execPath, [berth, ...words, '--hold-autoscaling', 'all', '--json'], { env });
}

async function running(): Promise<string> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
  return services?.[0]?.taskDefinition?.split('/').at(-1) ?? '';
}

async function suspended(): Promise<boolean> {
  const { ServiceNamespace, ScalableDimension, ResourceId } = SCALED;
  const input = { ServiceNamespace, ScalableDimension, ResourceIds: [ResourceId] };
  const { ScalableTargets } = await scaling.send(new DescribeScalableTargetsCommand(input));
  return Object.values(ScalableTargets?.[0]?.SuspendedState ?? {}).includes(true);
}

describe('a migration in real containers', () => {
  test('is told line by line, and the service follows it', async () => {
    const program = 'let n = 0; setInterval(() => n < 3 ? console.log("step", ++n) : process.exit(0), 1000)';
    const { code, stdout, stderr } = await deploy('2', program);
    expect(stderr).toMatch(
      /migrate\/web \| step 1\n[\s\S]*migrate\/web \| step 2\n[\s\S]*migrate\/web \| step 3\n/,
    );
    expect(stderr).toContain('web: container web ended with exit code 0');
    expect([code, JSON.parse(stdout).changed]).toEqual([0, 'true']);
    expect(await running()).toBe('web:2');
    expect(await suspended()).toBe(false);
  });

  test('that fails leaves the service as it was, and says why', async () => {
    const { code, stderr } = await deploy('3', 'console.error("no such table: orders"); process.exit(3)');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'the migration failed, so nothing was deployed: container web ended with exit code 3',
    );
    expect(stderr).toContain('  | no such table: orders');
    expect(await running()).toBe('web:2');
    expect(await suspended()).toBe(false);
  });
});
