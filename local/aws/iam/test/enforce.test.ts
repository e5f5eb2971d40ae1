import * as ecs from '@aws-sdk/client-ecs';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  ListServicesCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import * as sts from '@aws-sdk/client-sts';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { createVirtualEcs } from '../../ecs/virtual-ecs.ts';
import { type CredentialStore, createCredentialStore } from '../../sts/credentials.ts';
import type { SessionRequest } from '../../sts/role-session.ts';
import { createSts, STS_NAMESPACE } from '../../sts/sts.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { jsonService } from '../../wire/json.ts';
import { queryService } from '../../wire/query.ts';
import { enforceIam } from '../enforce.ts';
import type { RolePermissions } from '../role-policies.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ci/deploy`;
const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/verify`;
const USER = `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run-1`;
const WEB = `arn:aws:ecs:us-east-1:${ACCOUNT}:service/shop/web`;

const policy = (...statements: object[]) => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', Resource: '*', ...statement })),
});

let role: RolePermissions;
let trust: unknown;
let credentials: CredentialStore;
let virtual: ReturnType<typeof createVirtualEcs>;
let root: ECSClient;
let guarded: { ecs: ReturnType<typeof jsonService>; sts: ReturnType<typeof queryService> };

beforeEach(async () => {
  role = { identity: [], tags: {} };
  trust = undefined;
  virtual = createVirtualEcs();
  let seed = 0;
  credentials = createCredentialStore({
    now: () => virtual.clock.now(),
    randomBytes: (size) => Uint8Array.from({ length: size }, () => (seed++ * 37) % 256),
    defaultAccountId: ACCOUNT,
  });
  const iam = {
    readRole: async (arn: string) => ({
      arn,
      roleId: 'AROAVERIFY',
      trustPolicy: trust,
      maxSessionSeconds: 3600,
    }),
    readProviderClientIds: async () => undefined,
  };
  const readManagedPolicy = async (arn: string) =>
    arn.endsWith('/ReadOnly') ? policy({ Action: 'ecs:Describe*' }) : undefined;
  const { handlers: checked } = enforceIam(
    {
      ecs: virtual.ecs.handlers,
      ecr: {},
      elasticloadbalancing: {},
      sts: createSts({ credentials, iam, issuers: {}, readManagedPolicy }).handlers,
    },
    { credentials, iam, policies: { read: async () => role } },
  );
  guarded = { ecs: jsonService(ecs, checked.ecs), sts: queryService(sts, STS_NAMESPACE, checked.sts) };
  root = new ECSClient(settings('ecs', ACCOUNT));
  await root.send(new CreateClusterCommand({ clusterName: 'shop' }));
  await root.send(new RegisterTaskDefinitionCommand(definition));
  await root.send(
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      tags: [{ key: 'team', value: 'shop' }],
    }),
  );
});

const definition = {
  family: 'web',
  requiresCompatibilities: ['FARGATE' as const],
  networkMode: 'awsvpc' as const,
  cpu: '256',
  memory: '512',
  executionRoleArn: `arn:aws:iam::${ACCOUNT}:role/web-execution`,
  containerDefinitions: [{ name: 'web', image: 'web:1', essential: true }],
};

function settings(service: 'ecs' | 'sts', accessKeyId: string) {
  const requestHandler = inProcessHandler(guarded[service], (signer) => {
    const { accountId, session } = credentials.callerOf(signer.accessKeyId, 'json');
    const caller = {
      accountId,
      accessKeyId: signer.accessKeyId,
      region: signer.region,
      now: virtual.clock.now(),
    };
    return session ? { ...caller, roleArn: session.roleArn } : caller;
  });
  const credential = { accessKeyId, secretAccessKey: 'secret' };
  return { region: 'us-east-1', credentials: credential, requestHandler, maxAttempts: 1 };
}

function keyOf(more: Partial<SessionRequest> = {}): string {
  const request = { roleArn: ROLE, accountId: ACCOUNT, sessionName: 'run-1', durationSeconds: 3600, ...more };
  return credentials.issue(request).AccessKeyId;
}

const asRole = (more: Partial<SessionRequest> = {}) => new ECSClient(settings('ecs', keyOf(more)));
const update = { cluster: 'shop', service: 'web', desiredCount: 2 };

describe('a role', () => {
  test('without policies is refused in the words of AWS', async () => {
    await expect(asRole().send(new UpdateServiceCommand(update))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${USER} is not authorized to perform: ecs:UpdateService on resource: ${WEB} because no identity-based policy allows the ecs:UpdateService action`,
      $metadata: { httpStatusCode: 400 },
    });
    const { services } = await root.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
    expect(services?.[0]?.desiredCount).toBe(1);
  });

  test('does what its policies allow and no more', async () => {
    role = { ...role, identity: [policy({ Action: 'ecs:UpdateService', Resource: WEB })] };
    const { service } = await asRole().send(new UpdateServiceCommand(update));
    expect(service?.desiredCount).toBe(2);
    const listing = asRole().send(new ListServicesCommand({ cluster: 'shop' }));
    await expect(listing).rejects.toThrow('ecs:ListServices on resource: * because no identity-based policy');
  });

  test('is kept to its cluster by a condition', async () => {
    const cluster = `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/shop`;
    const Condition = { ArnEquals: { 'ecs:cluster': cluster } };
    role = { ...role, identity: [policy({ Action: 'ecs:ListServices', Condition })] };
    expect((await asRole().send(new ListServicesCommand({ cluster: 'shop' }))).serviceArns).toEqual([WEB]);
    await expect(asRole().send(new ListServicesCommand({ cluster: 'other' }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
    });
  });

  test('is kept to resources by their tags', async () => {
    const Condition = { StringEquals: { 'aws:ResourceTag/team': '${aws:PrincipalTag/team}' } };
    role = { identity: [policy({ Action: 'ecs:UpdateService', Condition })], tags: { team: 'mill' } };
    await expect(asRole().send(new UpdateServiceCommand(update))).rejects.toThrow('not authorized');
    role = { ...role, tags: { team: 'shop' } };
    await asRole().send(new UpdateServiceCommand(update));
    await root.send(new TagResourceCommand({ resourceArn: WEB, tags: [{ key: 'team', value: 'mill' }] }));
    await expect(asRole().send(new UpdateServiceCommand(update))).rejects.toThrow('not authorized');
    await asRole({ sessionTags: { team: 'mill' } }).send(new UpdateServiceCommand(update));
  });

  test('passes only the roles it may pass, and only to ECS tasks', async () => {
    const register = { Action: 'ecs:RegisterTaskDefinition' };
    const pass = (service: string) => ({
      Action: 'iam:PassRole',
      Resource: definition.executionRoleArn,
      Condition: { StringEquals: { 'iam:PassedToService': service } },
    });
    const send = (...statements: object[]) => {
      role = { ...role, identity: [policy(register, ...statements)] };
      return asRole().send(new RegisterTaskDefinitionCommand(definition));
    };
    const refused = `iam:PassRole on resource: ${definition.executionRoleArn} because`;
    await expect(send()).rejects.toThrow(refused);
    await expect(send(pass('ec2.amazonaws.com'))).rejects.toThrow(refused);
    expect((await send(pass('ecs-tasks.amazonaws.com'))).taskDefinition?.revision).toBe(2);
  });

  test('tags what it makes only with ecs:TagResource under the action', async () => {
    const family = { ...definition, executionRoleArn: undefined, tags: [{ key: 'run', value: '1' }] };
    const send = (createAction: string) => {
      const Condition = { StringEquals: { 'ecs:CreateAction': createAction } };
      const tag = { Action: 'ecs:TagResource', Condition };
      role = { ...role, identity: [policy({ Action: 'ecs:RegisterTaskDefinition' }, tag)] };
      return asRole().send(new RegisterTaskDefinitionCommand(family));
    };
    await expect(send('CreateService')).rejects.toThrow('ecs:TagResource on resource');
    await send('RegisterTaskDefinition');
  });

  test('is narrowed by boundary and session policy, each named in the refusal', async () => {
    const all = policy({ Action: '*' });
    const reads = policy({ Action: 'ecs:Describe*' });
    role = { ...role, identity: [all], boundary: reads };
    await expect(asRole().send(new UpdateServiceCommand(update))).rejects.toThrow(
      'because no permissions boundary allows the ecs:UpdateService action',
    );
    role = { ...role, boundary: all };
    const session = asRole({ sessionPolicies: [reads] });
    await expect(session.send(new UpdateServiceCommand(update))).rejects.toThrow(
      'because no session policy allows',
    );
    await session.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
  });

  test('is nobody once its credentials have expired', async () => {
    role = { ...role, identity: [policy({ Action: '*' })] };
    const client = asRole({ durationSeconds: 900 });
    await client.send(new ListServicesCommand({ cluster: 'shop' }));
    await virtual.clock.sleep(900_000);
    await expect(client.send(new ListServicesCommand({ cluster: 'shop' }))).rejects.toMatchObject({
      code: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    });
  });
});

describe('AssumeRole', () => {
  const assume = (more: object = {}) =>
    new STSClient(settings('sts', keyOf())).send(
      new AssumeRoleCommand({ RoleArn: OTHER_ROLE, RoleSessionName: 'look', ...more }),
    );
  const trusting = (AWS: string) => ({
    Statement: [{ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' }],
  });

  test('takes a permission of the caller where the trust policy names its account', async () => {
    trust = trusting(`arn:aws:iam::${ACCOUNT}:root`);
    await expect(assume()).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${USER} is not authorized to perform: sts:AssumeRole on resource: ${OTHER_ROLE} because no identity-based policy allows the sts:AssumeRole action`,
      $metadata: { httpStatusCode: 403 },
    });
    role = { ...role, identity: [policy({ Action: 'sts:AssumeRole', Resource: OTHER_ROLE })] };
    expect((await assume()).AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/verify/look`);
  });

  test('takes none where the trust policy names the role itself, unless something denies it', async () => {
    trust = trusting(ROLE);
    await assume();
    role = { ...role, boundary: policy({ Action: 'ecs:*' }) };
    await expect(assume()).rejects.toThrow(
      'because no permissions boundary allows the sts:AssumeRole action',
    );
    role = { identity: [policy({ Effect: 'Deny', Action: 'sts:*' })], tags: {} };
    await expect(assume()).rejects.toThrow('with an explicit deny in an identity-based policy');
  });

  test('gives a session that is narrowed by the policies that came with it', async () => {
    trust = trusting(ROLE);
    role = { ...role, identity: [policy({ Action: '*' })] };
    const narrowed = await assume({ Policy: JSON.stringify(policy({ Action: 'ecs:ListServices' })) });
    const client = new ECSClient(settings('ecs', narrowed.Credentials?.AccessKeyId ?? ''));
    await client.send(new ListServicesCommand({ cluster: 'shop' }));
    await expect(client.send(new UpdateServiceCommand(update))).rejects.toThrow('no session policy allows');
    const byArn = await assume({ PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnly' }] });
    const reader = new ECSClient(settings('ecs', byArn.Credentials?.AccessKeyId ?? ''));
    await reader.send(new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }));
    await expect(reader.send(new UpdateServiceCommand(update))).rejects.toThrow('no session policy allows');
  });

  test.each([
    [{ Policy: '{"Statement"' }, 'MalformedPolicyDocumentException', 'This policy contains invalid Json'],
    [{ Policy: ' '.repeat(2049) }, 'ValidationError', /^1 validation error detected: Value at 'policy'/],
    [
      { PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/None' }] },
      'MalformedPolicyDocumentException',
      'Policy arn:aws:iam::aws:policy/None does not exist.',
    ],
  ])('refuses a session policy that cannot be read: %j', async (more, name, message) => {
    trust = trusting(ROLE);
    await expect(assume(more)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });

  test('lets everybody ask who they are', async () => {
    const identity = await new STSClient(settings('sts', keyOf())).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(USER);
  });
});
