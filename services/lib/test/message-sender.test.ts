import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { HttpRequest as Request } from '@smithy/core/protocols';
import { createMessageSender } from '../message-sender.ts';
import { sqsClient } from '../sqs.ts';

/** What the server does with each call in turn; with the last one for all that follow. */
type Reaction = { status: number; body: object; headers?: Record<string, string> } | 'reset' | 'silence';

interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/email';
const bodies = ['one', 'two ä 👋 "\\\n'];
const accepted = {
  status: 200,
  body: { Successful: bodies.map((_body, index) => ({ Id: String(index), MessageId: `id-${index}` })) },
};

let server: Server;
let asked: Asked[];
let reactions: Reaction[];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    asked.push({ method, url, headers, body: await text(request) });
    const reaction = reactions.length > 1 ? reactions.shift() : reactions[0];
    if (reaction === 'silence') return;
    if (reaction === undefined || reaction === 'reset') response.destroy();
    else {
      response
        .writeHead(reaction.status, { 'content-type': 'application/x-amz-json-1.0', ...reaction.headers })
        .end(JSON.stringify(reaction.body));
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  asked = [];
  reactions = [accepted];
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

const senderOf = (sqs: SQSClient) =>
  createMessageSender({ sqs, queueUrl, clock: { sleep: async () => undefined }, random: () => 0 });

function createClient({ maxAttempts = 1, requestTimeoutMs = 5_000 } = {}): SQSClient {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'a session' };
  return sqsClient('eu-west-1', { requestTimeoutMs, maxAttempts }, { endpoint, credentials });
}

/** The same call as the client makes it by itself. */
function sendAsClient(sqs: SQSClient) {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
  return sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
}

/** What a call that failed throws, as far as its callers may look at it. */
async function faultOf(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { $fault?: string; $metadata?: { httpStatusCode?: number } },
  );
  const { name, message, $fault, $metadata } = error ?? {};
  return { name, message, $fault, status: $metadata?.httpStatusCode, tries: asked.length };
}

describe('a call of SendMessageBatch', () => {
  test('is the one that the client makes, but for the names of the SDK', async () => {
    const sqs = createClient();
    await sendAsClient(sqs);
    await senderOf(sqs)(bodies);
    sqs.destroy();
    const [asClient, ours] = asked.map(({ headers, ...rest }) => {
      const {
        'user-agent': _agent,
        'x-amz-user-agent': _amazonAgent,
        'amz-sdk-invocation-id': invocation,
        'x-amz-date': date,
        authorization,
        ...others
      } = headers;
      const [credential, signed] = (authorization ?? '').split(', ');
      const isSigned = {
        invocation: invocation !== undefined,
        date: date !== undefined,
        credential,
        headers: (signed ?? '')
          .split(/[=;]/)
          .filter((name) => !['content-length', 'x-amz-user-agent'].includes(name)),
      };
      return { ...rest, headers: others, isSigned };
    });
    expect(ours).toEqual(asClient);
  });
});

const throttled = { status: 400, body: { __type: 'ThrottlingException', message: 'Not so fast.' } };
const faults: readonly (readonly [string, Reaction])[] = [
  ['a throttled call', throttled],
  ['a call of too many', { status: 429, body: {} }],
  ['an internal error', { status: 500, body: { __type: 'InternalFailure' } }],
  ['an unavailable service', { status: 503, body: {} }],
  ['a reset connection', 'reset'],
  ['no answer in time', 'silence'],
  ['a call without the right', { status: 403, body: { __type: 'AccessDeniedException', Message: 'No.' } }],
  [
    'a queue that does not exist',
    {
      status: 400,
      headers: { 'x-amzn-query-error': 'AWS.SimpleQueueService.NonExistentQueue;Sender' },
      body: { __type: 'com.amazonaws.sqs#QueueDoesNotExist', message: 'There is no such queue.' },
    },
  ],
];

describe('a call that fails', () => {
  test.each(faults)('throws for %s what the client throws, after as many tries', async (_what, reaction) => {
    reactions = [reaction];
    const sqs = createClient({ maxAttempts: 2, requestTimeoutMs: 150 });
    const wanted = await faultOf(sendAsClient(sqs));
    asked = [];
    const fault = await faultOf(senderOf(sqs)(bodies));
    sqs.destroy();
    expect(fault).toEqual(wanted);
    expect(fault.name).toBeDefined();
  });

  test.each(faults.slice(0, 6))(
    'is made again after %s, and then gives its outcomes',
    async (_what, reaction) => {
      reactions = [reaction, accepted];
      const sqs = createClient({ maxAttempts: 2, requestTimeoutMs: 150 });
      const outcomes = await senderOf(sqs)(bodies);
      sqs.destroy();
      expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'accepted']);
      expect(asked.map(({ headers }) => headers['amz-sdk-request'])).toEqual([
        'attempt=1; max=2',
        'attempt=2; max=2',
      ]);
      expect(new Set(asked.map(({ headers }) => headers['amz-sdk-invocation-id'])).size).toBe(1);
    },
  );
});

describe('where a call goes', () => {
  test.each<[string, Record<string, string>]>([
    ['the region', {}],
    ['FIPS', { AWS_USE_FIPS_ENDPOINT: 'true' }],
    ['dual stack', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
    ['an endpoint for all', { AWS_ENDPOINT_URL: 'http://aws.internal:4566' }],
    [
      'an endpoint for SQS',
      { AWS_ENDPOINT_URL: 'http://x', AWS_ENDPOINT_URL_SQS: 'https://sqs.internal/in/a/folder' },
    ],
  ])('is where the client sends it: %s', async (_what, environment) => {
    const before = { ...process.env };
    Object.assign(process.env, environment);
    const requests: object[] = [];
    const requestHandler = {
      handle: async ({ protocol, hostname, port, path, headers }: Request) => {
        requests.push({ protocol, hostname, port, path, host: headers.host });
        throw Object.assign(new Error('asked'), { name: 'Asked' });
      },
      updateHttpClientConfig() {},
      httpHandlerConfigs: () => ({}),
    };
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
    const timing = { requestTimeoutMs: 5_000, maxAttempts: 1 };
    const sqs = sqsClient('eu-west-1', timing, { requestHandler, credentials });
    try {
      await expect(sendAsClient(sqs)).rejects.toThrow('asked');
      await expect(senderOf(sqs)(bodies)).rejects.toThrow('asked');
    } finally {
      process.env = before;
    }
    expect(requests).toHaveLength(2);
    expect(requests[1]).toEqual(requests[0]);
  });
});
