import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Moto, startMoto } from '../../local/aws/gateway/moto.ts';
import { ensurePythonTools } from '../../local/machine/python-tools.ts';
import { type ServiceProcess, startServiceProcess } from '../../services/test/doubles/service-process.ts';
import { keepBundles } from './kept-bundles.ts';
import { eventually } from './platform/caller.ts';

type Name = 'email-api' | 'email-consumer';
const token = 'a-long-random-token';

/** The file of each one's image. */
let mains: Record<Name, string>;
let moto: Moto;
let clients: { sqs: SQSClient; s3: S3Client; ssm: SSMClient };
let ground: { queueUrl: string; deadLetterUrl: string; bucket: string; parameter: string };
let environment: Record<string, string>;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  mains = await keepBundles('email-api', 'email-consumer');
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
  const access = {
    region: 'us-east-1',
    endpoint: moto.url,
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'secret' },
  };
  clients = {
    sqs: new SQSClient({ ...access, useQueueUrlAsEndpoint: false }),
    s3: new S3Client({ ...access, forcePathStyle: true }),
    ssm: new SSMClient(access),
  };
});

beforeEach(async () => {
  ground = await createGround();
  environment = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: moto.url,
    AWS_ACCESS_KEY_ID: '123456789012',
    AWS_SECRET_ACCESS_KEY: 'secret',
    // As AWS writes it: a host that is not the endpoint and answers nothing here.
    SQS_QUEUE_URL: `https://sqs.us-east-1.amazonaws.com${new URL(ground.queueUrl).pathname}`,
    SSM_TOKEN_PARAMETER: ground.parameter,
    S3_BUCKET_NAME: ground.bucket,
    PORT: '0',
    METRICS_PORT: '0',
    DRAIN_DELAY_MS: '0',
    // What a killed consumer had in work is another's after so long.
    SQS_VISIBILITY_TIMEOUT: '4',
    // The machine may be busy with other tests, and every mail has to be taken.
    SHED_ABOVE_MS: '0',
  };
});

afterEach(async () => {
  for (const { kill } of processes) kill('SIGKILL');
  await Promise.all(processes.splice(0).map(({ exited }) => exited));
});

afterAll(async () => {
  await moto.stop();
});

/** A queue with its dead-letter queue, a bucket and the token, all of new names. */
async function createGround(): Promise<typeof ground> {
  const id = randomUUID().slice(0, 8);
  const { sqs, s3, ssm } = clients;
  const deadLetter = await sqs.send(new CreateQueueCommand({ QueueName: `email-${id}-dlq` }));
  const deadLetterUrl = deadLetter.QueueUrl ?? '';
  const deadLetterTargetArn = (await readAttributes(deadLetterUrl)).QueueArn;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 3 });
  const queue = await sqs.send(
    new CreateQueueCommand({ QueueName: `email-${id}`, Attributes: { RedrivePolicy } }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: `emails-${id}` }));
  const parameter = `/email/${id}/token`;
  await ssm.send(new PutParameterCommand({ Name: parameter, Value: token, Type: 'SecureString' }));
  return { queueUrl: queue.QueueUrl ?? '', deadLetterUrl, bucket: `emails-${id}`, parameter };
}

async function readAttributes(queueUrl: string): Promise<Record<string, string>> {
  const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] });
  return (await clients.sqs.send(command)).Attributes ?? {};
}

async function start(name: Name): Promise<ServiceProcess> {
  const instance = await startServiceProcess(mains[name], environment);
  processes.push(instance);
  return instance;
}

/** Posts mails with the subjects 0 to count - 1, ten at a time, and gives the message ids answered 202. */
async function postMails(url: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let first = 0; first < count; first += 10) {
    const subjects = Array.from({ length: Math.min(10, count - first) }, (_, index) => `${first + index}`);
    ids.push(...(await Promise.all(subjects.map((subject) => postMail(url, subject)))));
  }
  return ids;
}

async function postMail(url: string, email_subject: string): Promise<string> {
  // One sender, so that mails of one millisecond meet in one key.
  const data = { email_subject, email_sender: 'John doe', email_timestream: '1', email_content: 'c' };
  const response = await fetch(`${url}/api/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ data }),
  });
  expect(response.status).toBe(202);
  return ((await response.json()) as { messageId: string }).messageId;
}

async function listKeys(): Promise<string[]> {
  const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: ground.bucket }));
  return Contents.map(({ Key = '' }) => Key);
}

async function readStored(): Promise<{ messageId: string; subject: string }[]> {
  const keys = await listKeys();
  return Promise.all(
    keys.map(async (Key) => {
      const object = await clients.s3.send(new GetObjectCommand({ Bucket: ground.bucket, Key }));
      const mail = JSON.parse((await object.Body?.transformToString()) ?? '');
      return { messageId: object.Metadata?.['message-id'] ?? '', subject: mail.email_subject };
    }),
  );
}

/** How far it has come: mails that are stored, and messages that are in the queue and beside it, in work or not. */
interface Progress {
  readonly stored: number;
  readonly queued: number;
  readonly parked: number;
}

async function readProgress(): Promise<Progress> {
  const [keys, queued, parked] = await Promise.all([
    listKeys(),
    countMessages(ground.queueUrl),
    countMessages(ground.deadLetterUrl),
  ]);
  return { stored: keys.length, queued, parked };
}

async function countMessages(queueUrl: string): Promise<number> {
  const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesNotVisible: inWork } =
    await readAttributes(queueUrl);
  return Number(waiting) + Number(inWork);
}

/** Waits until it has come so far: for a long while, as the mails are many and the machine may be busy. */
const until = (isSo: (progress: Progress) => boolean) => eventually(readProgress, isSo, 200_000);

describe('the e-mail pipeline', () => {
  test('stores each mail that was answered 202 as one object in S3', async () => {
    const api = await start('email-api');
    await start('email-consumer');
    const ids = await postMails(api.url, 200);
    await until(({ stored, queued }) => stored >= 200 && queued === 0);
    const stored = await readStored();
    expect(stored.map(({ messageId }) => messageId).sort()).toEqual(ids.sort());
    expect(stored.map(({ subject }) => Number(subject)).sort((a, b) => a - b)).toEqual([
      ...Array(200).keys(),
    ]);
    const shape = /^emails\/\d{4}\/\d{2}\/\d{2}\/email-\d{13}-[0-9a-f]{16}\.json$/;
    expect((await listKeys()).filter((key) => !shape.test(key))).toEqual([]);
  });

  test('parks a poison message in the dead-letter queue and stores the good ones', async () => {
    const api = await start('email-api');
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: ground.queueUrl, MessageBody: 'not a mail' }));
    await postMails(api.url, 50);
    await start('email-consumer');
    await until(({ queued, parked }) => parked > 0 && queued === 0);
    const parked = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: ground.deadLetterUrl }));
    expect(parked.Messages?.map(({ Body }) => Body)).toEqual(['not a mail']);
    expect(await listKeys()).toHaveLength(50);
  });

  test('counts what it stored and what was poison on METRICS_PORT', async () => {
    const api = await start('email-api');
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: ground.queueUrl, MessageBody: '{}' }));
    await postMails(api.url, 5);
    const consumer = await start('email-consumer');
    await until(({ queued, parked }) => parked > 0 && queued === 0);
    const text = await (await fetch(`${consumer.url}/metrics`)).text();
    expect(text).toContain('emails_stored_total{result="stored",service="email-consumer"} 5');
    expect(text).toContain('emails_stored_total{result="poison",service="email-consumer"} 3');
    expect(text).toContain('email_end_to_end_seconds_count{service="email-consumer"} 5');
  });

  test('loses nothing when the consumer is killed with messages in work', async () => {
    const api = await start('email-api');
    const ids: string[] = [];
    // On a busy machine it may be done before we see that it has begun: then once more.
    while ((await countMessages(ground.queueUrl)) === 0) {
      ids.push(...(await postMails(api.url, 300)));
      const before = (await listKeys()).length;
      const killed = await start('email-consumer');
      await until(({ stored }) => stored > before);
      killed.kill('SIGKILL');
      await killed.exited;
    }
    await start('email-consumer');
    await until(({ stored, queued }) => stored >= ids.length && queued === 0);
    expect((await readStored()).map(({ messageId }) => messageId).sort()).toEqual(ids.sort());
  });

  test('hands over at once what is in work when the consumer is told to stop', async () => {
    const api = await start('email-api');
    const ids = await postMails(api.url, 300);
    const first = await start('email-consumer');
    await until(({ stored }) => stored > 0);
    first.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const attributes = await readAttributes(ground.queueUrl);
    expect(attributes.ApproximateNumberOfMessagesNotVisible).toBe('0');
    await start('email-consumer');
    await until(({ stored }) => stored >= 300);
    expect((await readStored()).map(({ messageId }) => messageId).sort()).toEqual(ids.sort());
  });
});
