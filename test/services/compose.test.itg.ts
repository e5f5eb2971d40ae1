import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { importJWK } from 'jose';
import { parse } from 'yaml';
import { type Moto, startMoto } from '../../local/aws/gateway/moto.ts';
import { ensurePythonTools } from '../../local/machine/python-tools.ts';
import { createFileLinks } from '../../services/order/file-links.ts';

const run = promisify(execFile);
const services = join(import.meta.dirname, '../../services');
const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };

let moto: Moto;
beforeAll(async () => {
  moto = await startMoto((await ensurePythonTools(['moto'], {})).bin);
});
afterAll(() => moto.stop());

const prepare = () =>
  run(process.execPath, [join(services, 'compose/prepare.mjs')], {
    env: {
      AWS_ENDPOINT_URL: moto.url,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    },
  });

test('what the services find in AWS is made in moto, and left alone the second time', async () => {
  const client = { region: 'us-east-1', endpoint: moto.url, credentials };
  const readKeys = async () => {
    const secrets = new SecretsManagerClient(client);
    const { SecretString = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: 'jwt/keys' }));
    return SecretString;
  };
  await prepare();
  const keys = await readKeys();
  await prepare();
  expect(await readKeys()).toBe(keys);
  const { current } = JSON.parse(keys);
  expect(current.kid).toBe('local');
  await importJWK(current, 'ES256');

  const s3 = new S3Client({ ...client, forcePathStyle: true });
  for (const Bucket of ['uploads', 'emails']) await s3.send(new HeadBucketCommand({ Bucket }));
  const sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: false });
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: `${moto.url}/123456789012/email`,
      AttributeNames: ['RedrivePolicy'],
    }),
  );
  expect(Attributes?.RedrivePolicy).toContain('email-dlq');
  const { Table } = await new DynamoDBClient(client).send(
    new DescribeTableCommand({ TableName: 'notifications' }),
  );
  expect(Table?.KeySchema?.map(({ AttributeName }) => AttributeName)).toEqual(['pk', 'sk']);
  const token = { Name: '/platform/email-token', WithDecryption: true };
  const { Parameter } = await new SSMClient(client).send(new GetParameterCommand(token));
  expect(Parameter).toMatchObject({ Type: 'SecureString', Value: 'local-token' });
});

test('the links to files that order gives are opened on the machine it runs on', async () => {
  await prepare();
  const compose = parse(await readFile(join(services, 'compose.yaml'), 'utf8'), { merge: true });
  const { environment } = compose.services.order;
  // The environment is that of this test file alone.
  Object.assign(process.env, environment);
  const links = createFileLinks(environment.UPLOADS_BUCKET, environment.AWS_REGION, {});
  const [put, get] = [await links.toPut('receipts/1', 'text/plain'), await links.toGet('receipts/1')];
  await links.close();
  const inside = new URL(environment.AWS_ENDPOINT_URL).port;
  expect(compose.services.aws.ports).toEqual([`${new URL(put).host}:${inside}`]);
  const onMoto = (link: string) => link.replace(new URL(link).origin, moto.url);
  const headers = { 'content-type': 'text/plain' };
  expect((await fetch(onMoto(put), { method: 'PUT', headers, body: 'paid' })).status).toBe(200);
  expect(await (await fetch(onMoto(get))).text()).toBe('paid');
});

test('the services are written as a folder that Docker can build', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-platform-'));
  await run(process.execPath, [join(services, 'standalone/write.ts'), folder]);
  for (const path of ['package-lock.json', 'compose.yaml', 'Dockerfile', 'all.ts', 'compose/prepare.mjs']) {
    expect(existsSync(join(folder, path))).toBe(true);
  }
  const hasCompose = await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  );
  if (hasCompose) await run('docker', ['compose', 'config', '--quiet'], { cwd: folder });
  await rm(folder, { recursive: true });
});
