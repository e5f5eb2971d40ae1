import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  ReceiveMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import { writeMetric } from '../lib/emf.ts';
import { Problem } from '../lib/problem.ts';
import type { JobFaults } from './job-faults.ts';
import { createLoop, type Loop } from './loop.ts';

/** A parked job. Its body is not shown: it is private. */
export interface DeadLetter {
  readonly messageId: string;
  /** ISO. */
  readonly sentAt: string;
  readonly reason?: string;
}

/** A redrive under way or done. */
export interface MoveTask {
  readonly status: string;
  readonly moved: number;
  readonly toMove?: number;
}

/** The dead-letter queue of the jobs. Every call but `measure` throws `QUEUE_UNAVAILABLE` while SQS does not answer. */
export interface DeadLetters {
  /** How many there are, about; up to ten of them with their reasons; and the newest redrive. */
  look(): Promise<{ depth: number; messages: DeadLetter[]; redrive?: MoveTask }>;
  /** Moves all of them back to where they came from. Throws `STATE_CONFLICT` while that is under way already. */
  redrive(): Promise<{ depth: number }>;
  /** Approximate number of messages. Throws what the SDK does. */
  measure(): Promise<number>;
}

const retryAfterSeconds = 5;
/** The most that SQS moves in a second. */
const mostPerSecond = 500;

export function createDeadLetters(deps: {
  sqs: SQSClient;
  queueUrl: string;
  faults: JobFaults;
}): DeadLetters {
  const { sqs, queueUrl, faults } = deps;

  async function readQueue(): Promise<{ arn: string; depth: number }> {
    const { Attributes = {} } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ['QueueArn', 'ApproximateNumberOfMessages'],
      }),
    );
    return { arn: Attributes.QueueArn ?? '', depth: Number(Attributes.ApproximateNumberOfMessages ?? 0) };
  }

  async function findTask(arn: string): Promise<MoveTask | undefined> {
    const { Results: [task] = [] } = await sqs.send(
      new ListMessageMoveTasksCommand({ SourceArn: arn, MaxResults: 1 }),
    );
    if (!task) return undefined;
    const {
      Status,
      ApproximateNumberOfMessagesMoved: moved = 0,
      ApproximateNumberOfMessagesToMove: toMove,
    } = task;
    return { status: Status ?? 'UNKNOWN', moved, ...(toMove !== undefined && { toMove }) };
  }

  /** They stay visible, so looking takes nothing away from a redrive. */
  async function peek(): Promise<DeadLetter[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    const reasons = await faults.find(Messages.map(({ MessageId = '' }) => MessageId));
    return Messages.map(({ MessageId: messageId = '', Attributes }) => {
      const reason = reasons.get(messageId);
      const sentAt = new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString();
      return { messageId, sentAt, ...(reason !== undefined && { reason }) };
    });
  }

  return {
    look: () =>
      answered(async () => {
        const { arn, depth } = await readQueue();
        const [messages, redrive] = await Promise.all([peek(), findTask(arn)]);
        return { depth, messages, ...(redrive && { redrive }) };
      }),
    redrive: () =>
      answered(async () => {
        const { arn, depth } = await readQueue();
        if ((await findTask(arn))?.status === 'RUNNING') {
          throw new Problem('STATE_CONFLICT', 'The jobs are being moved already.');
        }
        await sqs.send(
          new StartMessageMoveTaskCommand({ SourceArn: arn, MaxNumberOfMessagesPerSecond: mostPerSecond }),
        );
        return { depth };
      }),
    measure: async () => (await readQueue()).depth,
  };
}

async function answered<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Problem) throw error;
    const detail = 'The dead-letter queue does not answer now.';
    throw new Problem('QUEUE_UNAVAILABLE', detail, { retryAfterSeconds, cause: error });
  }
}

const measureEveryMs = 30_000;

/** Keeps the depth as a metric, and writes it to the log for CloudWatch, which an alarm at 1 reads. */
export function createDeadLetterWatch(deps: {
  deadLetters: DeadLetters;
  metricNamespace: string;
  registry: Registry;
  clock: Clock;
  log: Logger;
}): Loop {
  const { deadLetters, clock, log } = deps;
  const gauge = new Gauge({
    name: 'notification_dlq_depth',
    help: 'Jobs in the dead-letter queue.',
    registers: [deps.registry],
  });
  return createLoop({
    clock,
    async turn() {
      const depth = await deadLetters.measure();
      gauge.set(depth);
      const name = 'notification_dlq_depth';
      writeMetric(log, { namespace: deps.metricNamespace, name, value: depth, at: clock.now() });
      return false;
    },
    pauseMs: measureEveryMs,
    faultPauseMs: measureEveryMs,
    onFault: (error) => log.warn({ err: error }, 'depth of the dead-letter queue not read'),
  });
}
