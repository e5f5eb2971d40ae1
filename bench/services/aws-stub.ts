import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

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

  const operations: Readonly<Record<string, (input: Input) => unknown | Promise<unknown>>> = {
    GetParameter: () => ({ Parameter: { Type: 'SecureString', Value: 'right-token' } }),
    SendMessage: ({ MessageBody = '' }) => ({ MessageId: randomUUID(), MD5OfMessageBody: md5(MessageBody) }),
    SendMessageBatch: ({ Entries = [] }) => ({
      Successful: Entries.map(({ Id, MessageBody = '' }) => ({
        Id,
        MessageId: randomUUID(),
        MD5OfMessageBody: md5(MessageBody),
      })),
      Failed: [],
    }),
    ReceiveMessage: (input) => receive(queueOf(input.QueueUrl), input),
    DeleteMessage: (input) => {
      remove(queueOf(input.QueueUrl), input.ReceiptHandle);
      return {};
    },
    DeleteMessageBatch: ({ QueueUrl, Entries = [] }) => {
      for (const { ReceiptHandle } of Entries) remove(queueOf(QueueUrl), ReceiptHandle);
      return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
    },
    ChangeMessageVisibilityBatch: ({ Entries = [] }) => ({
      Successful: Entries.map(({ Id }) => ({ Id })),
      Failed: [],
    }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request);
    const operation = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    if (operation === undefined) {
      await wait(delayMs.s3);
      response.writeHead(200, { etag: '"0"' }).end();
      return;
    }
    const carryOut = operations[operation];
    if (carryOut === undefined) {
      response
        .writeHead(400)
        .end(JSON.stringify({ __type: 'UnknownOperationException', message: operation }));
      return;
    }
    await wait(delayMs.sqs);
    const output = await carryOut(JSON.parse(body) as Input);
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(output));
  }

  const server = createServer((request, response) => void answer(request, response));
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
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

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
