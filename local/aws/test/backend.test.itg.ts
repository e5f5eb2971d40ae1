import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../../machine/python-tools.ts';

import type { Gateway } from '../gateway/gateway.ts';
import { type Moto, startMoto } from '../gateway/moto.ts';
import { openBackendGateway } from './backend-gateway.ts';

let moto: Moto;
let gateway: Gateway;

const client = (accountId = '123456789012') => ({
  endpoint: gateway.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: accountId, secretAccessKey: 'local' },
});

beforeAll(async () => {
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
  gateway = await openBackendGateway(moto.url);
});

afterAll(async () => {
  await gateway.stop();
  await moto.stop();
});

describe('moto behind the gateway', () => {
  test('keeps objects, also those streamed in chunks, and gives them to unsigned readers', async () => {
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'mails' }));
    const body = 'a line of text\n'.repeat(20_000);
    await s3.send(
      new PutObjectCommand({
        Bucket: 'mails',
        Key: 'emails/2026/11/a b.json',
        Body: body,
        ACL: 'public-read',
      }),
    );
    const chunks = new ReadableStream({
      start(controller) {
        for (const part of ['one ', 'two ', 'three']) controller.enqueue(Buffer.from(part));
        controller.close();
      },
    });
    const streamed = await fetch(`${gateway.endpoint}/mails/streamed`, {
      method: 'PUT',
      body: chunks,
      duplex: 'half',
    });
    expect(streamed.status).toBe(200);
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'mails', Key: 'emails/2026/11/a b.json' }));
    expect(head.ContentLength).toBe(body.length);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'mails', Key: 'streamed' }));
    expect(await got.Body?.transformToString()).toBe('one two three');
    const read = await fetch(`${gateway.endpoint}/mails/emails/2026/11/a%20b.json`);
    expect(await read.text()).toBe(body);
  });

  test("files a caller's things under the caller's account", async () => {
    const other = new S3Client({ ...client('210987654321'), forcePathStyle: true });
    await other.send(new CreateBucketCommand({ Bucket: 'others' }));
    const namesOf = async (s3: S3Client) =>
      (await s3.send(new ListBucketsCommand({}))).Buckets?.map((bucket) => bucket.Name);
    expect(await namesOf(other)).toEqual(['others']);
    const ssm = (accountId?: string) => new SSMClient(client(accountId));
    await ssm().send(new PutParameterCommand({ Name: '/token', Value: 'secret', Type: 'SecureString' }));
    const read = (accountId?: string) =>
      ssm(accountId).send(new GetParameterCommand({ Name: '/token', WithDecryption: true }));
    expect((await read()).Parameter?.Value).toBe('secret');
    await expect(read('210987654321')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  test('gives queue URLs that lead through the gateway', async () => {
    const sqs = new SQSClient(client());
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'mails' }));
    expect(QueueUrl).toBe(`${gateway.endpoint}/123456789012/mails`);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(received.Messages?.map((message) => message.Body)).toEqual(['hello']);
  });

  test('says why it did not start', async () => {
    await expect(startMoto('/nowhere')).rejects.toThrow(/moto's server in \/nowhere did not start: .*ENOENT/);
  });
});
