import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AskBackend } from '../../autoscaling/live/back-end.ts';
import { byTarget } from '../../test/by-target.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { createMoveTasks } from '../move-tasks.ts';
import { sqsStandIns } from '../stand-ins.ts';

const place = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '123456789012', now: 0 };
const arnOf = (name: string) => `arn:aws:sqs:us-east-1:123456789012:${name}`;

/** Bodies by queue; `jobs` and `other` may park in `dlq`. */
let queues: Record<string, string[]>;
let sources: string[];

const ask: AskBackend = async (_place, { operation, input }) => {
  const { QueueName, QueueUrl = '', MessageBody } = input as Record<string, string>;
  const name = QueueName ?? QueueUrl.split('/').at(-1) ?? '';
  const queue = queues[name];
  if (!queue) throw new Error('400: AWS.SimpleQueueService.NonExistentQueue');
  const answers: Record<string, () => unknown> = {
    GetQueueUrl: () => ({ QueueUrl: `http://sqs/123456789012/${name}` }),
    ListDeadLetterSourceQueues: () => ({ queueUrls: sources.map((one) => `http://sqs/123456789012/${one}`) }),
    GetQueueAttributes: () => ({ Attributes: { ApproximateNumberOfMessages: String(queue.length) } }),
    ReceiveMessage: () => ({ Messages: queue.slice(0, 10).map((Body) => ({ Body, ReceiptHandle: Body })) }),
    SendMessage: () => void queue.push(MessageBody ?? ''),
    DeleteMessage: () => void queue.shift(),
  };
  return answers[operation]?.();
};

let handlers: ReturnType<typeof createMoveTasks>['handlers'];
let slept: number;

beforeEach(() => {
  queues = { dlq: Array.from({ length: 25 }, (_, index) => `job ${index}`), jobs: [], other: [] };
  sources = ['jobs'];
  slept = 0;
  const sleep = async (ms: number) => {
    slept += ms;
  };
  ({ handlers } = createMoveTasks({ ask, now: () => 5_000, sleep }));
});

const list = async () => (await handlers.ListMessageMoveTasks({ SourceArn: arnOf('dlq') }, place)).Results[0];
async function ended() {
  for (;;) {
    const task = await list();
    if (task?.Status !== 'RUNNING' && task?.Status !== 'CANCELLING') return task;
  }
}

describe('a move task', () => {
  test('moves everything back to where it was parked from, at the pace that was asked for', async () => {
    await handlers.StartMessageMoveTask({ SourceArn: arnOf('dlq'), MaxNumberOfMessagesPerSecond: 50 }, place);
    expect(await ended()).toEqual({
      Status: 'COMPLETED',
      SourceArn: arnOf('dlq'),
      MaxNumberOfMessagesPerSecond: 50,
      ApproximateNumberOfMessagesToMove: 25,
      ApproximateNumberOfMessagesMoved: 25,
      StartedTimestamp: 5_000,
    });
    expect([queues.dlq?.length, queues.jobs?.length]).toEqual([0, 25]);
    expect(slept).toBe(500);
  });

  test('moves to another queue when it is named', async () => {
    sources = ['jobs', 'other'];
    const named = { SourceArn: arnOf('dlq'), DestinationArn: arnOf('other') };
    await handlers.StartMessageMoveTask(named, place);
    expect(await ended()).toMatchObject({ Status: 'COMPLETED', DestinationArn: arnOf('other') });
    expect(queues.other).toHaveLength(25);
  });

  test('is one at a time, and can be cancelled while it runs', async () => {
    const start = () => handlers.StartMessageMoveTask({ SourceArn: arnOf('dlq') }, place);
    const { TaskHandle } = await start();
    await expect(start()).rejects.toThrow('There is already a task running.');
    await handlers.CancelMessageMoveTask({ TaskHandle });
    expect(await ended()).toMatchObject({ Status: 'CANCELLED' });
    await expect(handlers.CancelMessageMoveTask({ TaskHandle })).rejects.toThrow('Task does not exist.');
    expect(queues.dlq?.length).toBeGreaterThan(0);
  });

  test.each([
    ['a queue that is not there', { SourceArn: arnOf('nowhere') }, "doesn't exist"],
    [
      'a pace that SQS does not have',
      { SourceArn: arnOf('dlq'), MaxNumberOfMessagesPerSecond: 501 },
      '1 to 500',
    ],
  ])('is refused for %s', async (_what, input, message) => {
    await expect(handlers.StartMessageMoveTask(input, place)).rejects.toThrow(message);
  });

  test('is refused for a queue that nothing parks in, and for one of several without a destination', async () => {
    const start = () => handlers.StartMessageMoveTask({ SourceArn: arnOf('dlq') }, place);
    sources = [];
    await expect(start()).rejects.toThrow('must be configured as a Dead Letter Queue');
    sources = ['jobs', 'other'];
    await expect(start()).rejects.toThrow('give a DestinationArn');
  });
});

test('an unmodified client starts, lists and cancels them', async () => {
  const standIns = sqsStandIns({ ask, now: () => 5_000, sleep: async () => undefined });
  const client = new SQSClient({
    region: 'us-east-1',
    credentials: { accessKeyId: '1', secretAccessKey: '2' },
    requestHandler: inProcessHandler(byTarget(standIns), () => place),
  });
  const SourceArn = arnOf('dlq');
  const { TaskHandle } = await client.send(new StartMessageMoveTaskCommand({ SourceArn }));
  const { Results } = await client.send(new ListMessageMoveTasksCommand({ SourceArn }));
  expect(Results).toHaveLength(1);
  await client.send(new CancelMessageMoveTaskCommand({ TaskHandle })).catch((error: unknown) => {
    // It may have ended meanwhile.
    expect(error).toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
