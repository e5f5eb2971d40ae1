import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { systemClock } from '../clock.ts';
import { createMessageSender } from '../message-sender.ts';
import { sqsClient } from '../sqs.ts';

const region = 'eu-west-1';
let server: Server;
let asked: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push({ headers: request.headers, body: await text(request) });
    response
      .setHeader('content-type', 'application/x-amz-json-1.0')
      .end('{"Successful":[{"Id":"0","MessageId":"m"}]}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.close();
});

/** A client whose credentials are others each time, and always about to end, as those of a task once were. */
function createClient(): SQSClient {
  let count = 0;
  const credentials = async () => {
    count += 1;
    const expiration = new Date(Date.now() + 1_000);
    return { accessKeyId: `KEY${count}`, secretAccessKey: `secret ${count}`, sessionToken: 's', expiration };
  };
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return sqsClient(region, { requestTimeoutMs: 5_000, maxAttempts: 1 }, { endpoint, credentials });
}

/** What the SDK's signer, with the SDK's own SHA-256, says the signature of a request is. */
async function authorizationOf({ headers, body }: (typeof asked)[number], key: string, secret: string) {
  const [, signed = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  // What the signer adds by itself; it would take a hash of another body as it finds it.
  const added = ['x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'];
  const covered = signed.split(';').filter((name) => !added.includes(name));
  const signer = new SignatureV4({
    service: 'sqs',
    region,
    credentials: { accessKeyId: key, secretAccessKey: secret, sessionToken: 's' },
    sha256: new SQSClient({ region }).config.sha256,
  });
  const at = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const wanted = await signer.sign(
    {
      method: 'POST',
      protocol: 'http:',
      hostname: '127.0.0.1',
      path: '/',
      headers: Object.fromEntries(covered.map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate: new Date(at) },
  );
  return wanted.headers.authorization;
}

test.each<[string, (sqs: SQSClient) => (word: string) => Promise<unknown>]>([
  ['by the client', (sqs) => (word) => sqs.send(new ListQueuesCommand({ QueueNamePrefix: word }))],
  [
    'of the message sender',
    (sqs) => {
      const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/123456789012/email';
      const send = createMessageSender({ sqs, queueUrl, clock: systemClock, random: Math.random });
      return (word) => send([word]);
    },
  ],
])(
  'each call %s is signed as the SDK signs it, with the credentials of its time',
  async (_whose, callWith) => {
    asked = [];
    const sqs = createClient();
    const call = callWith(sqs);
    for (const word of ['a', 'ü', 'c']) await call(word);
    sqs.destroy();
    const keys = asked.map(
      ({ headers }) => /Credential=(KEY\d+)/.exec(headers.authorization ?? '')?.[1] ?? '',
    );
    expect(new Set(keys).size).toBe(3);
    for (const [index, request] of asked.entries()) {
      const key = keys[index] ?? '';
      expect(request.headers.authorization).toBe(
        await authorizationOf(request, key, `secret ${key.slice(3)}`),
      );
    }
  },
);
