import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import * as sts from '@aws-sdk/client-sts';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { inProcessHandler } from '../../wire/in-process.ts';
import { queryService } from '../../wire/query.ts';
import { type CredentialStore, createCredentialStore } from '../credentials.ts';
import type { IamRecords, RoleRecord } from '../iam-records.ts';
import { createSts, STS_NAMESPACE } from '../sts.ts';

const ISSUER = 'https://token.actions.githubusercontent.com';
const ROLE = 'arn:aws:iam::123456789012:role/ci/deploy';
const NOW = 1_800_000_000_000;

const signer = await generateKeyPair('RS256');
const stranger = await generateKeyPair('RS256');
let issuer: Server;
let jwksUrl = '';

beforeAll(async () => {
  const keys = { keys: [{ ...(await exportJWK(signer.publicKey)), kid: 'k1', alg: 'RS256' }] };
  issuer = createServer((_request, response) => response.end(JSON.stringify(keys))).listen(0, '127.0.0.1');
  await once(issuer, 'listening');
  const address = issuer.address();
  jwksUrl = `http://127.0.0.1:${address && typeof address !== 'string' ? address.port : 0}/jwks`;
});

afterAll(() => {
  issuer.closeAllConnections();
  issuer.close();
});

const trust = (condition: object): unknown => ({
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: condition,
    },
  ],
});

let now = NOW;
let role: RoleRecord;
let credentials: CredentialStore;

beforeEach(() => {
  now = NOW;
  const subject = { 'token.actions.githubusercontent.com:sub': 'repo:acme@1/shop@2:*' };
  role = {
    arn: ROLE,
    roleId: 'AROAEXAMPLE',
    trustPolicy: trust({ StringLike: subject }),
    maxSessionSeconds: 3600,
  };
  let seed = 0;
  credentials = createCredentialStore({
    now: () => now,
    randomBytes: (size) => Uint8Array.from({ length: size }, () => (seed++ * 37) % 256),
    defaultAccountId: '123456789012',
  });
});

function client(accessKeyId = 'AKIAEXAMPLE') {
  const iam: IamRecords = {
    readRole: async (arn) => (arn === role.arn ? role : undefined),
    readProviderClientIds: async (account, provider) =>
      account === '123456789012' && ISSUER.endsWith(provider) ? ['sts.amazonaws.com'] : undefined,
  };
  const service = queryService(
    sts,
    STS_NAMESPACE,
    createSts({ credentials, iam, issuers: { [ISSUER]: jwksUrl } }).handlers,
  );
  const requestHandler = inProcessHandler(service, ({ accessKeyId, region }) => {
    const { accountId, session } = credentials.callerOf(accessKeyId, 'query');
    return { accountId, roleArn: session?.roleArn, accessKeyId, region, now };
  });
  const credential = { accessKeyId, secretAccessKey: 'secret' };
  return new STSClient({ region: 'us-east-1', credentials: credential, requestHandler, maxAttempts: 1 });
}

async function token(claims: JWTPayload = {}, key = signer.privateKey) {
  const payload = { sub: 'repo:acme@1/shop@2:ref:refs/heads/main', aud: 'sts.amazonaws.com', ...claims };
  return new SignJWT({ iss: ISSUER, exp: NOW / 1000 + 300, ...payload })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .sign(key);
}

const assume = (
  WebIdentityToken: string,
  more: { RoleArn?: string; RoleSessionName?: string; DurationSeconds?: number } = {},
) =>
  client().send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: ROLE,
      RoleSessionName: 'run-1',
      WebIdentityToken,
      ...more,
    }),
  );

describe('AssumeRoleWithWebIdentity', () => {
  test('gives credentials that are the role until they expire', async () => {
    const answer = await assume(await token());
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: 'repo:acme@1/shop@2:ref:refs/heads/main',
      Audience: 'sts.amazonaws.com',
      Provider: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
      AssumedRoleUser: {
        AssumedRoleId: 'AROAEXAMPLE:run-1',
        Arn: 'arn:aws:sts::123456789012:assumed-role/deploy/run-1',
      },
    });
    expect(answer.Credentials?.Expiration).toEqual(new Date(NOW + 3_600_000));
    const key = answer.Credentials?.AccessKeyId ?? '';
    expect(await client(key).send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      UserId: 'AROAEXAMPLE:run-1',
      Arn: 'arn:aws:sts::123456789012:assumed-role/deploy/run-1',
    });
    now = NOW + 3_600_000;
    expect(() => credentials.callerOf(key, 'json')).toThrow(
      'The security token included in the request is expired',
    );
  });

  test.each<[string, JWTPayload, string, string | RegExp]>([
    [
      'of another repository',
      { sub: 'repo:acme@1/mill@3:ref:refs/heads/main' },
      'AccessDenied',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ],
    [
      'for another audience',
      { aud: 'https://github.com/acme' },
      'InvalidIdentityToken',
      'Incorrect token audience',
    ],
    [
      'that has expired',
      { exp: NOW / 1000 - 1 },
      'ExpiredTokenException',
      /^Token expired: current date\/time 1800000000 must be before/,
    ],
    [
      'of an issuer without a provider',
      { iss: 'https://example.com' },
      'InvalidIdentityToken',
      'No OpenIDConnect provider found in your account for https://example.com',
    ],
    ['that is not yet valid', { nbf: NOW / 1000 + 900 }, 'InvalidIdentityToken', /"nbf" claim/],
    ['without a subject', { sub: undefined }, 'InvalidIdentityToken', /"sub" claim/],
  ])('refuses a token %s', async (_what, claims, code, message) => {
    const error = await assume(await token(claims)).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ Code: code, message: expect.stringMatching(message) });
  });

  test('refuses a token that another key has signed, and one that is none', async () => {
    const forged = assume(await token({}, stranger.privateKey));
    await expect(forged).rejects.toThrow("Couldn't retrieve verification key from your identity provider");
    await expect(assume('junk')).rejects.toThrow('The ID Token provided is not a valid JWT.');
  });

  test('a role that does not exist is refused like one that does not trust', async () => {
    const call = assume(await token(), { RoleArn: 'arn:aws:iam::123456789012:role/nobody' });
    await expect(call).rejects.toThrow('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  });

  test("offers GitHub's claims as condition keys, and none but those AWS has", async () => {
    const condition = { StringEquals: { 'token.actions.githubusercontent.com:repository_id': '2' } };
    role = { ...role, trustPolicy: trust(condition) };
    expect((await assume(await token({ repository_id: '2' }))).Credentials).toBeDefined();
    role = {
      ...role,
      trustPolicy: trust({ StringEquals: { 'token.actions.githubusercontent.com:run_id': '7' } }),
    };
    await expect(assume(await token({ run_id: '7' }))).rejects.toThrow('Not authorized');
  });

  test.each([
    [
      { DurationSeconds: 7200 },
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ],
    [{ DurationSeconds: 60 }, "Value '60' at 'durationSeconds' failed to satisfy constraint"],
    [{ RoleSessionName: 'a b' }, "Value 'a b' at 'roleSessionName' failed to satisfy constraint"],
    [{ RoleArn: 'deploy' }, 'deploy is invalid'],
  ])('refuses the request %j', async (more, message) => {
    await expect(assume(await token(), more)).rejects.toThrow(message);
  });
});

describe('AssumeRole', () => {
  const command = () => new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'chained', ExternalId: 'x' });
  const allow = (more: object) => ({ Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...more }] });

  test('gives the role to whom its trust policy names', async () => {
    const Condition = { StringEquals: { 'sts:ExternalId': 'x' } };
    role = { ...role, trustPolicy: allow({ Principal: { AWS: '123456789012' }, Condition }) };
    const answer = await client('123456789012').send(command());
    expect(answer.AssumedRoleUser?.Arn).toBe('arn:aws:sts::123456789012:assumed-role/deploy/chained');
  });

  test('names caller, action and role when it refuses', async () => {
    role = { ...role, trustPolicy: allow({ Principal: { AWS: '210987654321' } }) };
    await expect(client().send(command())).rejects.toThrow(
      `User: arn:aws:iam::123456789012:root is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`,
    );
  });
});

describe('credentials', () => {
  test('12 digits are an account, an unknown long-lived key is the default account', async () => {
    const digits = await client('210987654321').send(new GetCallerIdentityCommand({}));
    expect(digits).toMatchObject({ Account: '210987654321', Arn: 'arn:aws:iam::210987654321:root' });
    expect(await client().send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012' });
  });

  test('an unknown temporary key is refused in the words of the protocol', () => {
    expect(() => credentials.callerOf('ASIAUNKNOWN', 'json')).toThrow(
      'The security token included in the request is invalid.',
    );
    expect(() => credentials.callerOf('ASIAUNKNOWN', 'query')).toThrow(
      expect.objectContaining({ code: 'InvalidClientTokenId', status: 403 }),
    );
  });
});
