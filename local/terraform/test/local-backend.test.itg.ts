import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeRegistryCommand, ECRClient } from '@aws-sdk/client-ecr';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type LocalAws, startLocalAws } from '../../aws/local-aws.ts';
import { thisMachine } from '../../machine/machine.ts';
import { createLocalBackend } from '../local-backend/local-backend.ts';
import { runTerraform, type TerraformResult } from '../run-terraform.ts';
import { stateBackendArguments } from '../state-backend.ts';
import { ensureTerraform } from '../terraform-program.ts';
import { it } from './needs-terraform.ts';

const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };
const lockKey = 'test/ground.tfstate.tflock';
let aws: LocalAws;
let folder = '';
let backend: ReturnType<typeof createLocalBackend>;
let clients: { ecr: ECRClient; s3: S3Client; sqs: SQSClient };

beforeAll(async () => {
  await ensureTerraform();
  aws = await startLocalAws({ timeScale: 0.05 });
  folder = await mkdtemp(join(tmpdir(), 'berth-ground-'));
  backend = createLocalBackend({
    endpoint: aws.endpoint,
    credentials,
    postgres: { host: '127.0.0.1', port: 5433 },
  });
  const settings = { endpoint: aws.endpoint, region: 'us-east-1', credentials };
  clients = {
    ecr: new ECRClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sqs: new SQSClient(settings),
  };
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'states' }));
  await cp(join(import.meta.dirname, 'ground.tf'), join(folder, 'main.tf'));
  const location = { endpoint: aws.endpoint, bucket: 'states', key: 'test/ground.tfstate', credentials };
  await succeed('init', ...stateBackendArguments(location));
});

afterAll(async () => {
  backend?.close();
  for (const client of Object.values(clients ?? {})) client.destroy();
  await aws?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** In order: each begins with what the one before has left. */
describe('terraform on the local AWS', () => {
  it('makes what the configuration says', async () => {
    await succeed('apply', '-auto-approve');
    const outputs = JSON.parse((await succeed('output', '-json')).stdout);
    expect(outputs.service.value).toBe('arn:aws:ecs:us-east-1:123456789012:service/shop/web');
    expect(outputs.database.value).toBe('127.0.0.1:5433');
    expect(await visibilityTimeout()).toBe('60');
  });

  it('finds nothing to do in a second plan', async () => {
    const { code, stdout } = await terraform('plan', '-detailed-exitcode');
    expect([code, stdout]).toEqual([0, expect.stringContaining('No changes.')]);
  });

  it('sees and undoes what somebody changed behind its back', async () => {
    const QueueUrl = await queueUrl();
    await clients.sqs.send(
      new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '5' } }),
    );
    const { code, stdout } = await terraform('plan', '-detailed-exitcode');
    expect([code, stdout]).toEqual([2, expect.stringMatching(/visibility_timeout_seconds\s+= 5 -> 60/)]);
    await succeed('apply', '-auto-approve');
    expect(await visibilityTimeout()).toBe('60');
  });

  it('changes in place what can be changed, and replaces what cannot', async () => {
    await edit('visibility_timeout_seconds = 60', 'visibility_timeout_seconds = 90');
    await edit('name = "alarms"', 'name = "alarms-2"');
    await edit('"us-west-2"', '"eu-west-1"');
    const { stdout } = await succeed('apply', '-auto-approve');
    expect(stdout).toContain('1 added, 2 changed, 1 destroyed');
    expect(await visibilityTimeout()).toBe('90');
    expect(await replicationRules()).toMatchObject([
      { destinations: [{ region: 'eu-west-1' }], repositoryFilters: [{ filter: 'shop/' }] },
    ]);
    expect((await terraform('plan', '-detailed-exitcode')).code).toBe(0);
  });

  it('takes over what is there already, by its id', async () => {
    await succeed('state', 'rm', 'aws_sqs_queue.mails');
    await succeed('import', 'aws_sqs_queue.mails', await queueUrl());
    await succeed('state', 'rm', 'aws_ecr_replication_configuration.this');
    await succeed('import', 'aws_ecr_replication_configuration.this', '123456789012');
    expect((await terraform('plan', '-detailed-exitcode')).code).toBe(0);
  });

  it('refuses a type that it cannot make, and says where to add it', async () => {
    await writeFile(join(folder, 'more.tf'), 'resource "aws_guardduty_detector" "this" {\n}\n');
    const { code, stderr } = await terraform('apply', '-auto-approve');
    expect(code).toBe(1);
    expect(stderr).toContain('The local back end has no resource aws_guardduty_detector');
    expect(stderr).toContain('local/terraform/local-backend/rows/');
    await rm(join(folder, 'more.tf'));
  });

  it('gives the words of AWS for what AWS refuses', async () => {
    const twin = 'resource "aws_ecr_repository" "twin" {\n  name = "shop/web"\n}\n';
    await writeFile(join(folder, 'more.tf'), twin);
    const { code, stderr } = await terraform('apply', '-auto-approve');
    expect(code).toBe(1);
    expect(stderr).toContain('RepositoryAlreadyExistsException');
    expect(stderr).toContain('on more.tf line 1');
    await rm(join(folder, 'more.tf'));
  });

  it('holds its state locked: a second apply is refused', async () => {
    const lock = JSON.stringify({ ID: 'somebody', Operation: 'OperationTypeApply', Who: 'somebody else' });
    await clients.s3.send(new PutObjectCommand({ Bucket: 'states', Key: lockKey, Body: lock }));
    const { code, stderr } = await terraform('apply', '-auto-approve');
    expect([code, stderr]).toEqual([1, expect.stringContaining('Error acquiring the state lock')]);
    expect(stderr).toContain('somebody else');
    await succeed('force-unlock', '-force', 'somebody');
    await expect(
      clients.s3.send(new HeadObjectCommand({ Bucket: 'states', Key: lockKey })),
    ).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('leaves nothing after destroy', async () => {
    await succeed('destroy', '-auto-approve');
    expect((await succeed('state', 'list')).stdout).toBe('');
    await expect(queueUrl()).rejects.toMatchObject({ name: expect.stringContaining('QueueDoesNotExist') });
    expect(await replicationRules()).toEqual([]);
  });
});

async function replicationRules() {
  const { replicationConfiguration } = await clients.ecr.send(new DescribeRegistryCommand({}));
  return replicationConfiguration?.rules;
}

async function terraform(...args: string[]): Promise<TerraformResult> {
  const { env } = thisMachine();
  const command =
    args[0] === 'output' ? args : [...args.slice(0, 1), ...plainFlag(args[0]), ...args.slice(1)];
  return await runTerraform({
    cwd: folder,
    args: command,
    env,
    backend,
    dataDir: join(folder, '.terraform'),
  });
}

function plainFlag(command: string | undefined): string[] {
  return ['apply', 'destroy', 'plan', 'import', 'init'].includes(command ?? '') ? ['-no-color'] : [];
}

async function succeed(...args: string[]): Promise<TerraformResult> {
  const result = await terraform(...args);
  if (result.code !== 0) throw new Error(`terraform ${args[0]}:\n${result.stderr}`);
  return result;
}

async function edit(before: string, after: string): Promise<void> {
  const path = join(folder, 'main.tf');
  const text = await readFile(path, 'utf8');
  if (!text.includes(before)) throw new Error(`${before} is not in ground.tf`);
  await writeFile(path, text.replace(before, after));
}

async function queueUrl(): Promise<string> {
  return (await clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'mails' }))).QueueUrl ?? '';
}

async function visibilityTimeout(): Promise<string | undefined> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(),
    AttributeNames: ['VisibilityTimeout'],
  });
  return (await clients.sqs.send(command)).Attributes?.VisibilityTimeout;
}
