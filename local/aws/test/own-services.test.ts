import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { CreateClusterCommand, ECSClient, ListClustersCommand } from '@aws-sdk/client-ecs';
import { DeleteRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualEcs } from '../ecs/virtual-ecs.ts';
import { type Gateway, openGateway } from '../gateway/gateway.ts';
import type { RolePermissions } from '../iam/role-policies.ts';
import { createOwnServices, type OwnServices } from '../own-services.ts';
import { identifyCallers } from '../sts/callers.ts';
import { createCredentialStore } from '../sts/credentials.ts';
import { createSts } from '../sts/sts.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;

const stored: string[] = [];
let backend: Server;
let gateway: Gateway;
let own: OwnServices;
let role: RolePermissions = { identity: [], tags: {} };
let kept: RolePermissions | undefined;
let roleReads = 0;
let roleKey = '';

beforeAll(async () => {
  backend = createServer(async (request, response) => {
    stored.push(`${request.method} ${await text(request)}`);
    response.end('object');
  }).listen(0, '127.0.0.1');
  await once(backend, 'listening');
  const now = () => Date.now();
  const randomBytes = (size: number) => Uint8Array.from({ length: size }, (_, index) => index);
  const credentials = createCredentialStore({ now, randomBytes, defaultAccountId: ACCOUNT });
  const session = { roleArn: ROLE, accountId: ACCOUNT, sessionName: 'run-1', durationSeconds: 3600 };
  roleKey = credentials.issue(session).AccessKeyId;
  const iam = { readRole: async () => undefined, readProviderClientIds: async () => undefined };
  own = createOwnServices({
    handlers: {
      ecs: createVirtualEcs({ clock: { now, sleep: async () => undefined } }).ecs.handlers,
      ecr: {},
      elasticloadbalancing: {},
      sts: createSts({ credentials, iam, issuers: {} }).handlers,
    },
    ...{ credentials, iam, enforceIam: true, apiBuckets: true },
    policies: {
      read: async () => {
        if (!kept) roleReads++;
        kept ??= role;
        return kept;
      },
      readManaged: async () => undefined,
      forget: () => {
        kept = undefined;
      },
    },
    sleep: async () => undefined,
  });
  gateway = await openGateway({ port: 0 });
  const address = backend.address();
  gateway.serve({
    services: own.services,
    aroundBackend: own.aroundBackend,
    admin: own.admin,
    registry: async (_request, response) => void response.writeHead(401).end(),
    taskEndpoints: async () => ({ status: 404, body: '{}' }),
    backend: `http://127.0.0.1:${address && typeof address !== 'string' ? address.port : 0}`,
    contextOf: identifyCallers(credentials, { region: 'us-east-1', now }),
    onBug: (what, error) => {
      throw new Error(`${what}: ${String(error)}`);
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  backend.closeAllConnections();
  backend.close();
});

beforeEach(() => {
  own.faults.clear();
  own.calls.clear();
});

const settings = (accessKeyId = ACCOUNT, maxAttempts = 1) => ({
  endpoint: gateway.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId, secretAccessKey: 'secret' },
  maxAttempts,
});
const ecs = (accessKeyId?: string, maxAttempts?: number) => new ECSClient(settings(accessKeyId, maxAttempts));
const s3 = () => new S3Client({ ...settings(), forcePathStyle: true });
const create = (clusterName: string, client = ecs()) =>
  client.send(new CreateClusterCommand({ clusterName }));
const has = async (name: string) =>
  (await ecs().send(new ListClustersCommand({}))).clusterArns?.some((arn) => arn.endsWith(`/${name}`));

const admin = async (method: string, path: string, body?: object) => {
  const answer = await fetch(`${gateway.endpoint}/_berth/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  const said: unknown = await answer.json();
  return { status: answer.status, said };
};
const fault = (rule: object) => admin('POST', 'faults', { rules: [rule] });

describe('faults over HTTP', () => {
  test('are set, listed with what they did, and cleared', async () => {
    const throttle = { operation: 'CreateCluster', count: 1, fault: { kind: 'throttle' } };
    expect(await fault(throttle)).toMatchObject({
      status: 200,
      said: { rules: [{ ...throttle, struck: 0 }] },
    });
    await expect(create('throttled')).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await admin('GET', 'faults')).toMatchObject({ said: { rules: [{ struck: 1 }] } });
    expect(await admin('DELETE', 'faults')).toEqual({ status: 200, said: { rules: [] } });
  });

  test('that cannot be read are refused with their place', async () => {
    expect(await fault({ fault: { kind: 'fire' } })).toEqual({
      status: 400,
      said: { message: expect.stringMatching(/^rules\[0\]\.fault\.kind: expected one of/) },
    });
    expect(await admin('PUT', 'faults')).toMatchObject({ status: 405 });
  });

  test.each([
    ['before', false],
    ['after', true],
  ] as const)('reset the connection %s the write: cluster made is %s', async (when, isMade) => {
    await fault({ operation: 'CreateCluster', count: 1, fault: { kind: 'reset', when } });
    await expect(create(`reset-${when}`)).rejects.toThrow('ECONNRESET');
    expect(await has(`reset-${when}`)).toBe(isMade);
  });

  test('are overcome by a client that tries again', async () => {
    await fault({ operation: 'CreateCluster', count: 1, fault: { kind: 'reset', when: 'before' } });
    await fault({ operation: 'CreateCluster', count: 1, fault: { kind: 'error', status: 500 } });
    const { $metadata } = await create('tried-again', ecs(ACCOUNT, 3));
    expect($metadata.attempts).toBe(3);
  });

  test('strike a service of the back end in its own words, before and after it acts', async () => {
    const put = () => s3().send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'content' }));
    await fault({ service: 's3', count: 1, fault: { kind: 'throttle' } });
    await expect(put()).rejects.toMatchObject({ name: 'SlowDown', $metadata: { httpStatusCode: 503 } });
    expect(stored).toEqual([]);
    await fault({ service: 's3', count: 1, fault: { kind: 'reset', when: 'after' } });
    await expect(put()).rejects.toThrow('ECONNRESET');
    expect(stored).toHaveLength(1);
    const got = await s3().send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('object');
  });

  test("put the server's clock ahead of the caller's, who corrects itself", async () => {
    await fault({ service: 'ecs', fault: { kind: 'clock-offset', ms: 3_600_000 } });
    await expect(ecs().send(new ListClustersCommand({}))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    const answer = await ecs(ACCOUNT, 2).send(new ListClustersCommand({}));
    expect(answer.$metadata.attempts).toBe(2);
  });
});

describe('the call log', () => {
  test('tells who called what and what came of it, also at the back end', async () => {
    await create('logged');
    await expect(create('refused', ecs(roleKey))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await new STSClient(settings(roleKey)).send(new GetCallerIdentityCommand({}));
    await s3().send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'content' }));
    await fault({ operation: 'CreateCluster', count: 1, fault: { kind: 'reset', when: 'before' } });
    await expect(create('lost')).rejects.toThrow('ECONNRESET');
    const root = { caller: `arn:aws:iam::${ACCOUNT}:root`, accountId: ACCOUNT, region: 'us-east-1' };
    const deploy = { ...root, caller: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run-1` };
    const at = expect.any(Number);
    const { said } = await admin('GET', 'calls');
    expect(said).toEqual({
      calls: [
        { ...root, at, service: 'ecs', operation: 'CreateCluster', status: 200 },
        {
          ...deploy,
          at,
          service: 'ecs',
          operation: 'CreateCluster',
          status: 400,
          errorCode: 'AccessDeniedException',
        },
        { ...deploy, at, service: 'sts', operation: 'GetCallerIdentity', status: 200 },
        { ...root, at, service: 's3', status: 200 },
        { ...root, at, service: 'ecs', operation: 'CreateCluster', status: 0 },
      ],
    });
    expect(await admin('DELETE', 'calls')).toEqual({ status: 200, said: { calls: [] } });
    expect(await admin('POST', 'calls')).toMatchObject({ status: 405 });
  });
});

describe('calls of a role to the back end', () => {
  const allow = (statement: object) => {
    role = { identity: [{ Statement: { Effect: 'Allow', Resource: '*', ...statement } }], tags: {} };
    kept = undefined;
  };
  const ssm = () => new SSMClient(settings(roleKey));
  const put = (Name: string) => ssm().send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }));
  const USER = `User: arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run-1 is not authorized to perform:`;
  const PARAMETER = `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter`;

  test('are refused what its policies do not allow, in the words of AWS, and reach nobody', async () => {
    allow({ Action: 'ssm:PutParameter', Resource: `${PARAMETER}/prod/*` });
    stored.length = 0;
    await expect(put('/mill/token')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `${USER} ssm:PutParameter on resource: ${PARAMETER}/mill/token because no identity-based policy allows the ssm:PutParameter action`,
    });
    expect(stored).toEqual([]);
    expect(own.calls.list().at(-1)).toMatchObject({
      operation: 'PutParameter',
      status: 400,
      errorCode: 'AccessDeniedException',
    });
    await put('/prod/token').catch(() => undefined);
    expect(stored).toEqual([expect.stringContaining('"Name":"/prod/token"')]);
  });

  test('to S3 are told from their path, and stream', async () => {
    allow({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' });
    const client = new S3Client({ ...settings(roleKey), forcePathStyle: true });
    stored.length = 0;
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' })),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('s3:PutObject on resource: arn:aws:s3:::b/k'),
      $metadata: { httpStatusCode: 403 },
    });
    expect(stored).toEqual([]);
    const got = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(await got.Body?.transformToString()).toBe('object');
  });

  test('as forms are told by their action', async () => {
    allow({ Action: 'iam:GetRole' });
    const iam = new IAMClient(settings(roleKey));
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'web' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`iam:DeleteRole on resource: arn:aws:iam::${ACCOUNT}:role/web`),
    });
  });

  test('of the registry are asked for by its repository', async () => {
    allow({ Action: 'ecr:BatchGetImage', Resource: '*' });
    const caller = { accountId: ACCOUNT, accessKeyId: roleKey, region: 'us-east-1', now: Date.now() };
    const use = { repositoryArn: `arn:aws:ecr:us-east-1:${ACCOUNT}:repository/web` };
    expect(await own.mayUseRegistry(caller, { ...use, action: 'ecr:BatchGetImage' })).toBe(undefined);
    expect(await own.mayUseRegistry(caller, { ...use, action: 'ecr:PutImage' })).toBe(
      `${USER} ecr:PutImage on resource: ${use.repositoryArn} because no identity-based policy allows the ecr:PutImage action`,
    );
  });
});

describe('IAM and limits over HTTP', () => {
  test('a change in IAM that comes through the gateway counts at once', async () => {
    role = { identity: [], tags: {} };
    kept = undefined;
    const list = () => ecs(roleKey).send(new ListClustersCommand({}));
    await expect(list()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    role = {
      identity: [{ Statement: { Effect: 'Allow', Action: 'ecs:ListClusters', Resource: '*' } }],
      tags: {},
    };
    const before = roleReads;
    await expect(list()).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const scope = `Credential=${ACCOUNT}/20261121/us-east-1/iam/aws4_request`;
    const body = 'Action=PutRolePolicy&Version=2010-05-08';
    await fetch(gateway.endpoint, {
      method: 'POST',
      headers: { authorization: `AWS4-HMAC-SHA256 ${scope}` },
      body,
    });
    await list();
    expect(roleReads).toBe(before + 1);
  });

  test('the buckets count for real clients', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => create(`many-${index}`)),
    );
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of outcomes.filter((outcome) => outcome.status === 'rejected')) {
      expect(reason).toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    }
  });
});
