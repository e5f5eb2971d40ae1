import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AwsFault } from '../../fault.ts';
import type { AwsRequest, AwsService } from '../../wire/service.ts';
import { type Gateway, type GatewayRooms, openGateway } from '../gateway.ts';

const asked: AwsRequest[] = [];
const recorder =
  (body: string, type: string): AwsService =>
  async (request) => {
    asked.push(request);
    return { status: 200, headers: { 'content-type': type }, body };
  };

const overheard: [target: string | undefined, body: string][] = [];
const forwarded: { method?: string; url?: string; host?: string; account?: string; body: string }[] = [];
let backend: Server;
let gateway: Gateway;
let rooms: GatewayRooms;
const folder = mkdtempSync(join(tmpdir(), 'berth-gateway-'));
const socketPath = join(folder, 'aws.sock');

const portOf = (server: Server): number => {
  const address = server.address();
  return address && typeof address !== 'string' ? address.port : 0;
};

const credentials = { accessKeyId: '210987654321', secretAccessKey: 'secret' };
const client = () => ({ endpoint: gateway.endpoint, region: 'eu-west-1', credentials });

beforeAll(async () => {
  backend = createServer(async (message, response) => {
    const { method, url, headers } = message;
    const account = String(headers['x-moto-account-id']);
    forwarded.push({ method, url, host: headers.host, account, body: await text(message) });
    response
      .writeHead(200, { 'content-type': 'text/plain', 'content-length': '5', etag: '"e"' })
      .end('hello');
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const identity =
    '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';
  rooms = {
    services: {
      ecs: recorder('{"clusterArns":["c"]}', 'application/x-amz-json-1.1'),
      ecr: recorder('{}', 'application/x-amz-json-1.1'),
      elasticloadbalancing: recorder('<a/>', 'text/xml'),
      sts: recorder(identity, 'text/xml'),
      iam: recorder('<a/>', 'text/xml'),
      'application-autoscaling': recorder('{}', 'application/x-amz-json-1.1'),
    },
    registry: async (_request, response) => void response.writeHead(401).end(),
    admin: { ecr: async (call) => ({ status: 201, body: JSON.stringify(call) }) },
    overhear: (...heard) => void overheard.push(heard),
    taskEndpoints: async (path) => ({ status: 200, body: JSON.stringify({ path }) }),
    backend: `http://127.0.0.1:${portOf(backend)}`,
    standIns: { 'AmazonSQS.ListMessageMoveTasks': recorder('{"Results":[]}', 'application/x-amz-json-1.0') },
    contextOf: (scope) => {
      if (scope?.accessKeyId === 'ASIAGONE') throw new AwsFault('ExpiredTokenException', 'expired', 403);
      const accountId = scope?.accessKeyId ?? '123456789012';
      return { accountId, region: scope?.region ?? 'us-east-1', accessKeyId: accountId, now: 0 };
    },
    onBug: (what, error) => {
      throw new Error(`${what}: ${String(error)}`);
    },
  };
  gateway = await openGateway({ port: 0, socketPath });
  gateway.serve(rooms);
});

afterAll(async () => {
  await gateway.stop();
  backend.close();
  rmSync(folder, { recursive: true });
});

async function overSocket(path: string): Promise<string> {
  const [response]: IncomingMessage[] = await once(request({ socketPath, path }).end(), 'response');
  return response ? text(response) : '';
}

describe('the gateway', () => {
  test('gives a signed call to its service with account and region of the signature', async () => {
    const answer = await new ECSClient(client()).send(new ListClustersCommand({}));
    expect(answer.clusterArns).toEqual(['c']);
    expect(asked.at(-1)).toMatchObject({
      target: 'AmazonEC2ContainerServiceV20141113.ListClusters',
      body: '{}',
      context: { accountId: '210987654321', region: 'eu-west-1' },
    });
  });

  test('gives AWS Query to its service by POST and by GET', async () => {
    await new STSClient(client()).send(new GetCallerIdentityCommand({}));
    expect(asked.at(-1)?.body).toBe('Action=GetCallerIdentity&Version=2011-06-15');
    const credential = 'a%2F20261121%2Fus-east-1%2Fsts%2Faws4_request';
    const query = `Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Credential=${credential}`;
    const answer = await fetch(`${gateway.endpoint}/?${query}`);
    expect(await answer.text()).toContain('<Account>1</Account>');
  });

  test('streams everything else to the back end with its host and account', async () => {
    const s3 = new S3Client({ ...client(), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k ü', Body: 'content' }));
    expect(forwarded.at(-1)).toMatchObject({
      method: 'PUT',
      host: `127.0.0.1:${gateway.port}`,
      account: '210987654321',
      body: expect.stringContaining('content'),
    });
    expect(forwarded.at(-1)?.url).toMatch(/^\/b\/k%20%C3%BC/);
    const got = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('hello');
    expect((await s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).ContentLength).toBe(5);
  });

  test('an unsigned form that is none of ours reaches the back end whole', async () => {
    const body = new URLSearchParams({ Action: 'ListQueues', Version: '2012-11-05' });
    await fetch(gateway.endpoint, { method: 'POST', body });
    expect(forwarded.at(-1)).toMatchObject({
      account: '123456789012',
      body: 'Action=ListQueues&Version=2012-11-05',
    });
  });

  test('answers in the stead of the back end what it lacks, and passes its neighbours on', async () => {
    const call = async (operation: string) => {
      const headers = { 'x-amz-target': `AmazonSQS.${operation}` };
      return (await fetch(gateway.endpoint, { method: 'POST', headers, body: '{"a":1}' })).text();
    };
    expect(await call('ListMessageMoveTasks')).toBe('{"Results":[]}');
    expect(asked.at(-1)).toMatchObject({ target: 'AmazonSQS.ListMessageMoveTasks', body: '{"a":1}' });
    expect(await call('ListQueues')).toBe('hello');
  });

  test('refuses expired credentials before any service sees them', async () => {
    const expired = { ...client(), credentials: { accessKeyId: 'ASIAGONE', secretAccessKey: 's' } };
    const before = asked.length + forwarded.length;
    const ecs = new ECSClient(expired).send(new ListClustersCommand({}));
    await expect(ecs).rejects.toMatchObject({ name: 'ExpiredTokenException' });
    const s3 = new S3Client({ ...expired, forcePathStyle: true }).send(
      new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
    );
    await expect(s3).rejects.toMatchObject({ name: 'ExpiredTokenException', message: 'expired' });
    expect(asked.length + forwarded.length).toBe(before);
  });

  test('serves the registry and the paths of tasks, also on its unix socket', async () => {
    expect((await fetch(`${gateway.endpoint}/v2/`)).status).toBe(401);
    expect(JSON.parse(await overSocket('/_berth/metadata/x'))).toEqual({ path: '/_berth/metadata/x' });
  });

  test('gives an admin call to the room it names, body and all', async () => {
    const answer = await fetch(`${gateway.endpoint}/_berth/ecr/scan-findings`, {
      method: 'PUT',
      body: '{"a":1}',
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({ method: 'PUT', path: '/scan-findings', body: '{"a":1}' });
  });

  test.each([
    ['acm', 'CertificateManager.ImportCertificate', '{"Certificate":"YQ=="}'],
    ['iam', undefined, 'Action=UploadServerCertificate&Version=2010-05-08'],
  ])('overhears a request to %s and passes it on whole', async (service, target, body) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=a/20261121/us-east-1/${service}/aws4_request, Signature=x`;
    const headers = { authorization, ...(target && { 'x-amz-target': target }) };
    await fetch(gateway.endpoint, { method: 'POST', headers, body });
    expect(overheard.at(-1)).toEqual([target, body]);
    expect(forwarded.at(-1)?.body).toBe(body);
  });

  test('chooses another port when the asked one is taken', async () => {
    const second = await openGateway({ port: gateway.port });
    expect(second.port).not.toBe(gateway.port);
    await second.stop();
  });

  test('lets a request wait until there is something to serve it', async () => {
    const early = await openGateway({ port: 0 });
    const answer = fetch(`${early.endpoint}/_berth/metadata/early`);
    early.serve(rooms);
    expect(await (await answer).json()).toEqual({ path: '/_berth/metadata/early' });
    await early.stop();
  });

  test('ends a request at the back end whose caller leaves before the answer', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const before = await openGateway({ port: 0 });
    before.serve({ ...rooms, backend: `http://127.0.0.1:${portOf(silent)}` });
    const leaving = new AbortController();
    const asking = fetch(`${before.endpoint}/`, { signal: leaving.signal }).catch(() => 'left');
    const [message]: IncomingMessage[] = await once(silent, 'request');
    leaving.abort();
    expect(await asking).toBe('left');
    try {
      await once(message?.socket ?? silent, 'close', { signal: AbortSignal.timeout(10_000) });
    } finally {
      silent.close();
      silent.closeAllConnections();
      await before.stop();
    }
  });

  test('names the back end that does not answer', async () => {
    const lost = await openGateway({ port: 0 });
    lost.serve({ ...rooms, backend: 'http://127.0.0.1:1' });
    const answer = await fetch(`${lost.endpoint}/bucket/key`);
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('at http://127.0.0.1:1 does not answer (ECONNREFUSED)');
    await lost.stop();
  });
});
