import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListClustersCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { makeSelfSigned } from '../../aws/elbv2/tls/self-signed.ts';
import { type LocalAws, startLocalAws } from '../../aws/local-aws.ts';
import { thisMachine } from '../../machine/machine.ts';
import { createLocalBackend } from '../local-backend/local-backend.ts';
import { openStack, type Stack } from '../stack.ts';
import { ensureTerraform } from '../terraform-program.ts';
import { it } from './needs-terraform.ts';

const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };
const stateBucket = 'shop-terraform-123456789012';
const names = [
  ...['gateway', 'identity', 'order', 'driver', 'dispatch', 'notification', 'tracking', 'customer'],
  ...['email-api', 'email-consumer', 'nats'],
];
const imageOf = (repository: string) =>
  `123456789012.dkr.ecr.us-east-1.amazonaws.com/${repository}@sha256:${'a'.repeat(64)}`;
let aws: LocalAws;
let folder = '';
let backend: ReturnType<typeof createLocalBackend>;
let clients: {
  alarms: CloudWatchClient;
  ecs: ECSClient;
  s3: S3Client;
  secrets: SecretsManagerClient;
  ssm: SSMClient;
};
let stacks: { foundation: Stack; services: Stack; single: Stack };

beforeAll(async () => {
  await ensureTerraform();
  aws = await startLocalAws({ timeScale: 0.05 });
  folder = await mkdtemp(join(tmpdir(), 'berth-stacks-'));
  backend = createLocalBackend({ endpoint: aws.endpoint, credentials });
  const settings = { endpoint: aws.endpoint, region: 'us-east-1', credentials };
  clients = {
    alarms: new CloudWatchClient(settings),
    ecs: new ECSClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    secrets: new SecretsManagerClient(settings),
    ssm: new SSMClient(settings),
  };
  await clients.s3.send(new CreateBucketCommand({ Bucket: stateBucket }));
  await storeCertificate();
  stacks = {
    foundation: stackOf('foundation', {}),
    services: stackOf('services', {
      images: Object.fromEntries(names.map((name) => [name, imageOf(`shop/${name}`)])),
    }),
    single: stackOf('single', { image: imageOf('solo/app') }),
  };
  await Promise.all(Object.values(stacks).map((stack) => stack.init()));
});

afterAll(async () => {
  for (const client of Object.values(clients ?? {})) client.destroy();
  backend?.close();
  await aws?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** In order: each begins with what the one before has left. */
describe('the stacks on the local AWS', () => {
  it('are made, the services on their foundation', async () => {
    await Promise.all([stacks.foundation.apply(), stacks.single.apply()]);
    await stacks.services.apply();
    expect(await stacks.foundation.count()).toBeGreaterThan(100);
    expect(await stacks.services.count()).toBeGreaterThan(300);
    expect(await stacks.single.count()).toBeGreaterThan(50);
    const { CompositeAlarms } = await clients.alarms.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'] }),
    );
    expect(CompositeAlarms?.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'shop-dev-unwell',
      'solo-dev-unwell',
    ]);
  });

  it('are what their plans say', async () => {
    const plans = await Promise.all([stacks.foundation, stacks.services, stacks.single].map((s) => s.plan()));
    expect(plans).toEqual([[], [], []]);
  });

  it('leave a deployment, a rollback and a scale-out to others', async () => {
    const services = [
      { stack: stacks.services, cluster: 'shop-dev', service: 'email-api' },
      { stack: stacks.single, cluster: 'solo-dev', service: 'app' },
    ];
    const plans = () => Promise.all(services.map(({ stack }) => stack.plan()));
    const first = await Promise.all(services.map(revisionOf));
    const newer = await Promise.all(first.map(registerAgain));
    await Promise.all(services.map((at, index) => update(at, { taskDefinition: newer[index] })));
    expect(await Promise.all(services.map(revisionOf))).toEqual(newer);
    expect(await plans()).toEqual([[], []]);
    await Promise.all(services.map((at, index) => update(at, { taskDefinition: first[index] })));
    expect(await plans()).toEqual([[], []]);
    await Promise.all(services.map((at) => update(at, { desiredCount: 3 })));
    expect(await plans()).toEqual([[], []]);
  });

  it('leave nothing when they are destroyed', async () => {
    await Promise.all([stacks.services.destroy(), stacks.single.destroy()]);
    await stacks.foundation.destroy();
    const counts = await Promise.all(Object.values(stacks).map((stack) => stack.count()));
    expect(counts).toEqual([0, 0, 0]);
    const { clusterArns } = await clients.ecs.send(new ListClustersCommand());
    const { Buckets } = await clients.s3.send(new ListBucketsCommand());
    const { CompositeAlarms } = await clients.alarms.send(
      new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'] }),
    );
    const { SecretList } = await clients.secrets.send(new ListSecretsCommand());
    expect({ clusterArns, CompositeAlarms, SecretList }).toEqual({
      clusterArns: [],
      CompositeAlarms: [],
      SecretList: [],
    });
    expect(Buckets?.map(({ Name }) => Name)).toEqual([stateBucket]);
  });
});

type ServicePlace = { cluster: string; service: string };

async function revisionOf({ cluster, service }: ServicePlace): Promise<string> {
  const { services } = await clients.ecs.send(new DescribeServicesCommand({ cluster, services: [service] }));
  return services?.[0]?.taskDefinition ?? '';
}

/** Registers a revision again as the next one, as CI does with another digest. */
async function registerAgain(revision: string): Promise<string> {
  const described = await clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: revision }));
  const { family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn } =
    described.taskDefinition ?? {};
  const { taskDefinition } = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      ...{ family, cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn },
      containerDefinitions: described.taskDefinition?.containerDefinitions,
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
}

async function update(
  { cluster, service }: ServicePlace,
  change: { taskDefinition?: string | undefined; desiredCount?: number },
): Promise<void> {
  await clients.ecs.send(new UpdateServiceCommand({ cluster, service, ...change }));
}

function stackOf(name: string, variables: Record<string, unknown>): Stack {
  const { endpoint } = aws;
  return openStack({
    root: `stacks/${name}`,
    variables: { environment: 'dev', rehearsal: true, ...variables },
    state: { endpoint, bucket: stateBucket, key: `dev/${name}.tfstate`, credentials },
    // The services' stack reads the foundation's state by itself.
    env: {
      ...thisMachine().env,
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    backend,
    dataDir: join(folder, name),
  });
}

/** What a self-signed load balancer reads: the stacks make no keys. */
async function storeCertificate(): Promise<void> {
  const { certificatePem, privateKeyPem } = makeSelfSigned(['localhost'], Date.now(), randomBytes(8));
  const put = async (Name: string, Type: 'SecureString' | 'String', Value: string) =>
    await clients.ssm.send(new PutParameterCommand({ Name, Type, Value }));
  await put('/dev/tls/certificate', 'String', certificatePem);
  await put('/dev/tls/private-key', 'SecureString', privateKeyPem);
}
