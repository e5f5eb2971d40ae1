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
  const [QueueUrl, quietQueue] = [await makeQueue('left'), await makeQueue('stayed')];
  const [leaving, staying] = [new AbortController(), new AbortController()];
  const poll = (from: string, { signal: abortSignal }: AbortController) =>
    sqs.send(new ReceiveMessageCommand({ QueueUrl: from, WaitTimeSeconds: 20 }), { abortSignal });
  const answered: string[] = [];
  // Begun before the others, so that none of those ends by its time while this one still waits.
  const stayed = poll(quietQueue, staying).then(
    () => void answered.push('who stayed'),
    () => undefined,
  );
  await untilInHand(1);
  const ended = Promise.allSettled(Array.from({ length: 3 }, () => poll(QueueUrl, leaving)));
  await untilInHand(4);
  leaving.abort();
  expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  await untilInHand(1);
  expect(answered).toEqual([]);
  staying.abort();
  await stayed;
  await untilInHand(0);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'for whom is here' }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  expect(Messages).toMatchObject([{ Body: 'for whom is here' }]);
});
