import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SignatureV4 } from '@smithy/signature-v4';
import { sqsClient } from '../sqs.ts';

const region = 'eu-west-1';
let server: Server;
let asked: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  server = createServer(async (request, response) => {
    asked.push({ headers: request.headers, body: await text(request) });
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
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
  const covered = signed.split(';').filter((name) => !['x-amz-date', 'x-amz-security-token'].includes(name));
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

test('each call is signed as the SDK signs it, with the credentials of its time', async () => {
  asked = [];
  const sqs = createClient();
  for (const prefix of ['a', 'ü', 'c']) await sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
  sqs.destroy();
  const keys = asked.map(({ headers }) => /Credential=(KEY\d+)/.exec(headers.authorization ?? '')?.[1] ?? '');
  expect(new Set(keys).size).toBe(3);
  for (const [index, request] of asked.entries()) {
    const key = keys[index] ?? '';
    expect(request.headers.authorization).toBe(await authorizationOf(request, key, `secret ${key.slice(3)}`));
  }
});
