import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type StorageAws, startStorageAws } from '../../storage-aws.ts';

let aws: StorageAws;
let sqs: SQSClient;

beforeAll(async () => {
  aws = await startStorageAws({ log: () => undefined });
  const credentials = { accessKeyId: aws.accountId, secretAccessKey: 'secret' };
  sqs = new SQSClient({ region: aws.region, endpoint: aws.endpoint, credentials });
});
afterAll(async () => {
  sqs.destroy();
  await aws.stop();
});

async function makeQueue(QueueName: string): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
  return QueueUrl;
}

test('a long poll gets what comes while it waits, and nothing at its end', async () => {
  const QueueUrl = await makeQueue('waited-for');
  const poll = (WaitTimeSeconds: number) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }));
  const polling = poll(20);
  await wait(300);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'here' }));
  expect((await polling).Messages).toMatchObject([{ Body: 'here' }]);
  expect((await poll(1)).Messages ?? []).toEqual([]);
});

test('a long poll whose caller has left takes no message from those after it', async () => {
  const QueueUrl = await makeQueue('left');
  const leaving = new AbortController();
  const polls = Array.from({ length: 3 }, () =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: leaving.signal }),
  );
  const ended = Promise.allSettled(polls);
  await wait(300);
  leaving.abort();
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  // Each looks once more at most.
  await wait(500);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for whom is here' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages).toMatchObject([{ Body: 'for whom is here' }]);
});
