import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { acceptedEntry, md5, startAwsServer } from '../../services/test/doubles/aws-server.ts';

/** SQS, SSM and S3 as far as the e-mail services and their peers ask, answering after a fixed time as AWS does. */
export interface AwsStub {
  readonly url: string;
  /** Puts messages into a queue and resolves when all of them have been deleted from it. */
  drainQueue(queue: string, bodies: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

interface Message {
  id: string;
  body: string;
  sentAt: number;
}

interface Queue {
  waiting: Message[];
  inFlight: Map<string, Message>;
  /** Long polls that wait for a message. */
  pollers: (() => void)[];
  onEmpty?: () => void;
}

interface Input {
  QueueUrl?: string;
  MessageBody?: string;
  MaxNumberOfMessages?: number;
  WaitTimeSeconds?: number;
  ReceiptHandle?: string;
  Entries?: { Id: string; MessageBody?: string; ReceiptHandle?: string }[];
}

/** How long AWS takes, in milliseconds: what was measured inside a region. */
const delayMs = { sqs: 8, s3: 20 };

export async function startAwsStub(): Promise<AwsStub> {
  const queues = new Map<string, Queue>();
  const queueOf = (url: string | undefined): Queue => {
    const name = url?.split('/').at(-1) ?? '';
    const known = queues.get(name) ?? { waiting: [], inFlight: new Map(), pollers: [] };
    queues.set(name, known);
    return known;
  };
  const succeed = ({ Entries = [] }: Input) => ({
    Successful: Entries.map(({ Id }) => ({ Id })),
    Failed: [],
  });

  const operations: Readonly<Record<string, (input: Input) => unknown>> = {
    GetParameter: () => ({ Parameter: { Type: 'SecureString', Value: 'right-token' } }),
    SendMessage: ({ MessageBody = '' }) => acceptedEntry({ Id: '', MessageBody }),
    SendMessageBatch: ({ Entries = [] }) => ({
      Successful: Entries.map(({ Id, MessageBody = '' }) => acceptedEntry({ Id, MessageBody })),
      Failed: [],
    }),
    ReceiveMessage: (input) => receive(queueOf(input.QueueUrl), input),
    DeleteMessage: (input) => {
      remove(queueOf(input.QueueUrl), input.ReceiptHandle);
      return {};
    },
    DeleteMessageBatch: (input) => {
      for (const { ReceiptHandle } of input.Entries ?? []) remove(queueOf(input.QueueUrl), ReceiptHandle);
      return succeed(input);
    },
    ChangeMessageVisibilityBatch: succeed,
  };

  const { url, close } = await startAwsServer<Input>({
    async carryOut(operation, input) {
      await wait(delayMs.sqs);
      return operations[operation]?.(input);
    },
    putObject: () => wait(delayMs.s3),
  });
  return {
    url,
    drainQueue(name, bodies) {
      const queue = queueOf(name);
      const sentAt = Date.now();
      return new Promise((resolve) => {
        queue.onEmpty = resolve;
        queue.waiting.push(
          ...bodies.map((body, index) => ({ id: randomUUID(), body, sentAt: sentAt + index })),
        );
        for (const wake of queue.pollers.splice(0)) wake();
      });
    },
    stop: close,
  };
}

async function receive(
  queue: Queue,
  { MaxNumberOfMessages = 1, WaitTimeSeconds = 0 }: Input,
): Promise<unknown> {
  if (queue.waiting.length === 0 && WaitTimeSeconds > 0) {
    const polling = new AbortController();
    queue.pollers.push(() => polling.abort());
    await wait(WaitTimeSeconds * 1_000, undefined, { signal: polling.signal, ref: false }).catch(
      () => undefined,
    );
  }
  const messages = queue.waiting.splice(0, MaxNumberOfMessages);
  for (const message of messages) queue.inFlight.set(message.id, message);
  return {
    Messages: messages.map(({ id, body, sentAt }) => ({
      MessageId: id,
      ReceiptHandle: id,
      Body: body,
      MD5OfBody: md5(body),
      Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: '1' },
    })),
  };
}

function remove(queue: Queue, receiptHandle = ''): void {
  queue.inFlight.delete(receiptHandle);
  if (queue.waiting.length === 0 && queue.inFlight.size === 0) queue.onEmpty?.();
}
