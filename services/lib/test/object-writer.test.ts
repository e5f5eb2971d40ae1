import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { createObjectWriter } from '../object-writer.ts';

interface Asked {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the server does with each request in turn; after the last one it answers 200. */
type Reaction = { status: number; body?: string } | 'reset';

const object = {
  key: 'emails/a b.json',
  body: 'ä mail',
  contentType: 'application/json',
  metadata: { who: 'me' },
};
const never = new AbortController().signal;
let server: Server;
let endpoint: string;
let asked: Asked[] = [];
let reactions: Reaction[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      asked.push({ method, url, headers, body });
      const reaction = reactions.shift() ?? { status: 200 };
      if (reaction === 'reset') response.destroy();
      else response.writeHead(reaction.status).end(reaction.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  asked = [];
  reactions = [];
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

function clientWith(maxAttempts: number): S3Client {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'a session' };
  return new S3Client({ region: 'eu-central-1', endpoint, credentials, maxAttempts });
}

/** With no jitter, so that no try waits. */
function writerOf(s3: S3Client) {
  return createObjectWriter({ s3, bucket: 'mails', clock: createManualClock(), random: () => 0 });
}

async function create(...reacts: Reaction[]): Promise<boolean> {
  reactions = reacts;
  const s3 = clientWith(3);
  const clock = { now: Date.now, sleep: async () => undefined };
  const writer = createObjectWriter({ s3, bucket: 'mails', clock, random: () => 0 });
  return writer.create(object, never).finally(() => s3.destroy());
}

describe('writing an object', () => {
  test('sends the body with its type, its metadata and the condition, signed for the session', async () => {
    expect(await create()).toBe(true);
    expect(asked).toMatchObject([
      {
        method: 'PUT',
        url: '/mails/emails/a%20b.json?x-id=PutObject',
        body: object.body,
        headers: {
          'content-type': 'application/json',
          'content-length': '7',
          'if-none-match': '*',
          'x-amz-meta-who': 'me',
          'x-amz-security-token': 'a session',
          authorization: expect.stringMatching(
            /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/s3\/aws4_request, SignedHeaders=[^,]*if-none-match[^,]*, Signature=[0-9a-f]{64}$/,
          ),
        },
      },
    ]);
  });

  test('says so when there is an object of that key, after one try', async () => {
    expect(await create({ status: 412 })).toBe(false);
    expect(asked).toHaveLength(1);
  });

  test.each<[string, Reaction]>([
    ['a slow-down', { status: 503, body: '<Error><Code>SlowDown</Code></Error>' }],
    ['an internal error', { status: 500 }],
    ['a reset connection', 'reset'],
  ])('tries again after %s', async (_what, reaction) => {
    expect(await create(reaction, reaction)).toBe(true);
    expect(asked).toHaveLength(3);
  });

  test('gives up after as many tries as the client makes, with what S3 said', async () => {
    const busy = { status: 503, body: '<Error><Code>SlowDown</Code><Message>Not so fast.</Message></Error>' };
    await expect(create(busy, busy, busy)).rejects.toMatchObject({
      name: 'SlowDown',
      message: 'mails/emails/a b.json: Not so fast.',
      $metadata: { httpStatusCode: 503 },
    });
    expect(asked).toHaveLength(3);
  });

  test('does not repeat what S3 refuses', async () => {
    const denied = { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' };
    await expect(create(denied)).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(asked).toHaveLength(1);
  });

  test('stops when it is told to', async () => {
    const s3 = clientWith(3);
    await expect(writerOf(s3).create(object, AbortSignal.abort())).rejects.toThrow();
    s3.destroy();
  });

  test('names every key as the SDK does', async () => {
    const s3 = clientWith(1);
    const writer = writerOf(s3);
    // "." and ".." are taken for folders by URL parsers on the way, in the SDK as well.
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/^\.+$/.test(text));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 3 }), async (parts) => {
        const key = parts.join('/');
        asked = [];
        await s3.send(new PutObjectCommand({ Bucket: 'mails', Key: key, Body: 'x' }));
        await writer.create({ ...object, key }, never);
        expect(asked[1]?.url).toBe(asked[0]?.url);
      }),
      { numRuns: 100 },
    );
    s3.destroy();
  });
});
