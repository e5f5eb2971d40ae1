import { exportVariable } from '@actions/core';
import { afterEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import type { Action } from '../../core/src/github/action-run.ts';
import { type Driven, driveAction } from '../../core/test/doubles/action-drive.ts';
import { reachNockOnly } from '../../core/test/doubles/nock-only.ts';
import { idTokenOf, stsRefusal, stsSession } from '../../core/test/doubles/sts-answers.ts';
import { inputs, outputs } from '../src/inputs.ts';
import { run } from '../src/run.ts';

// Node's http module outlives a test file: two files' nocks in one worker would answer twice.

const action: Action<typeof inputs, (typeof outputs)[number]> = {
  inputs,
  outputs,
  run: (given, deps) => run(given, { ...deps, exportVariable }),
};
const token = idTokenOf({
  iss: 'https://token.actions.githubusercontent.com',
  sub: 'repo:acme@11/shop@22:environment:prod',
  aud: 'sts.amazonaws.com',
});
const expiresAt = Date.UTC(2026, 10, 21, 12);
const env = {
  ACTIONS_ID_TOKEN_REQUEST_URL: 'https://oidc.example/token?api-version=2',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
  GITHUB_RUN_ID: '101',
  GITHUB_RUN_ATTEMPT: '2',
};
const drive = (
  given: Record<string, string> = {},
  environment: Record<string, string> = env,
): Promise<Driven> =>
  driveAction(action, {
    inputs: { 'role-to-assume': 'arn:aws:iam::123456789012:role/deploy', region: 'eu-west-1', ...given },
    env: environment,
  });
const github = (): nock.Scope =>
  nock('https://oidc.example')
    .get('/token')
    .query({ 'api-version': '2', audience: 'sts.amazonaws.com' })
    .reply(200, { value: token });
const sts = (form: Record<string, string> = {}): nock.Interceptor =>
  nock('https://sts.eu-west-1.amazonaws.com').post('/', (body: Record<string, string>) =>
    Object.entries(form).every(([name, value]) => body[name] === value),
  );

afterEach(() => expect(nock.pendingMocks()).toEqual([]));
reachNockOnly();

describe('assume-role', () => {
  test('exports a masked session of the role for the later steps', async () => {
    github();
    sts({
      RoleArn: 'arn:aws:iam::123456789012:role/deploy',
      RoleSessionName: 'berth-101-2',
      DurationSeconds: '3600',
      WebIdentityToken: token,
    }).reply(200, stsSession('ONE', expiresAt));
    const driven = await drive();
    expect(driven.exported).toEqual({
      AWS_ACCESS_KEY_ID: 'ASIAONE',
      AWS_SECRET_ACCESS_KEY: 'secret-ONE',
      AWS_SESSION_TOKEN: 'session-ONE',
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
    });
    expect(driven.outputs).toEqual({
      'account-id': '123456789012',
      'role-arn': 'arn:aws:sts::123456789012:assumed-role/deploy/berth',
      expiration: '2026-11-21T12:00:00.000Z',
    });
    const unmasked = driven.stdout.replace(/^::add-mask::.*$/gm, '');
    for (const secret of ['ASIAONE', 'secret-ONE', 'session-ONE', token]) {
      expect(driven.stdout).toContain(`::add-mask::${secret}`);
      expect(unmasked).not.toContain(secret);
    }
  });

  test('passes on the session name and duration it is given', async () => {
    github();
    sts({ RoleSessionName: 'nightly', DurationSeconds: '900' }).reply(200, stsSession('ONE', expiresAt));
    expect((await drive({ 'session-name': 'nightly', 'duration-seconds': '900' })).failed).toBe(false);
  });

  test('shows the sub of a refused token and the trust policy to write, after one call and without exports', async () => {
    github();
    sts().reply(403, stsRefusal('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    const driven = await drive();
    expect(driven).toMatchObject({ failed: true, outputs: {}, exported: {} });
    expect(driven.stdout).toContain('sub "repo:acme@11/shop@22:environment:prod", aud "sts.amazonaws.com"');
    expect(driven.stdout).toContain(
      '"token.actions.githubusercontent.com:sub": "repo:acme@11/shop@22:environment:prod"',
    );
  });

  test.each([
    ['without the permission for a token', {}, {}, 'Add `id-token: write` to the job'],
    ['without a role', { 'role-to-assume': '' }, env, 'input "role-to-assume" is required and empty'],
    ['with a role name for its ARN', { 'role-to-assume': 'deploy' }, env, 'expected the ARN of an IAM role'],
    [
      'with a duration out of bounds',
      { 'duration-seconds': '60' },
      env,
      'expected a whole number from 900 to 43200',
    ],
    ['with an unusable session name', { 'session-name': 'a b' }, env, 'expected 2 to 64 letters'],
  ])('fails %s before it calls STS', async (_, given, environment, expected) => {
    const driven = await drive(given, environment);
    expect(driven.failed).toBe(true);
    expect(driven.stdout).toContain(expected);
  });
});
