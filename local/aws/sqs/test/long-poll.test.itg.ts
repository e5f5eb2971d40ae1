import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ensurePythonTools } from '../../../machine/python-tools.ts';
import { type Moto, startMoto } from '../../gateway/moto.ts';
import { type Relay, startRelay } from './relay.ts';

let moto: Moto;
let relay: Relay;
let sqs: SQSClient;

beforeAll(async () => {
  const { bin } = await ensurePythonTools(['moto']);
  moto = await startMoto(bin);
  relay = await startRelay(Number(new URL(moto.url).port));
  const credentials = { accessKeyId: '123456789012', secretAccessKey: 'secret' };
  sqs = new SQSClient({ region: 'us-east-1', endpoint: `http://127.0.0.1:${relay.port}`, credentials });
});
afterAll(async () => {
  sqs?.destroy();
  await moto?.stop();
  await relay?.close();
});

async function makeQueue(QueueName: string): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
  await untilInHand(0);
  return QueueUrl;
}

/** Waits until the back end has so many requests that it has not answered or given up. */
async function untilInHand(count: number): Promise<void> {
  while (relay.open() !== count) await delay(10);
}

test('a long poll gets what comes while it waits, and nothing at its end', async () => {
  const QueueUrl = await makeQueue('waited-for');
  const poll = (WaitTimeSeconds: number) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }));
  const polling = poll(20);
  await untilInHand(1);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'here' }));
  expect((await polling).Messages).toMatchObject([{ Body: 'here' }]);
  expect((await poll(1)).Messages ?? []).toEqual([]);
});

test('a long poll whose caller has left ends before its time and takes no message from those after it', async () => {
  const QueueUrl = await makeQueue('left');
  const leaving = new AbortController();
  const startedAt = performance.now();
  const polls = Array.from({ length: 3 }, () =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: leaving.signal }),
  );
  const ended = Promise.allSettled(polls);
  await untilInHand(3);
  leaving.abort();
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await untilInHand(0);
  expect(performance.now() - startedAt).toBeLessThan(15_000);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for whom is here' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages).toMatchObject([{ Body: 'for whom is here' }]);
});
