import { afterEach, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { claimsOf, GITHUB_ISSUER, subjectOf, type WorkflowRun } from '../oidc-claims.ts';
import { type OidcIssuer, startOidcIssuer } from '../oidc-issuer.ts';

const NOW = Date.UTC(2026, 10, 21, 8, 0, 0);

const run: WorkflowRun = {
  repository: 'shop/app',
  repositoryId: 4711,
  repositoryOwnerId: 42,
  repositoryVisibility: 'private',
  ref: 'refs/heads/main',
  sha: 'a'.repeat(40),
  workflow: 'Deploy',
  workflowRef: 'shop/app/.github/workflows/deploy.yml@refs/heads/main',
  runId: '1234',
  runNumber: 7,
  runAttempt: 2,
  actor: 'alice',
  actorId: 99,
  eventName: 'push',
  runnerEnvironment: 'github-hosted',
  jobs: {
    deploy: {
      environment: 'prod',
      jobWorkflowRef: 'OWNER/berth/.github/workflows/deploy.yml@refs/tags/v1',
      jobWorkflowSha: 'b'.repeat(40),
    },
  },
};

const opened: OidcIssuer[] = [];
async function start() {
  const issuer = await startOidcIssuer({ now: () => NOW });
  opened.push(issuer);
  return issuer;
}
afterEach(async () => {
  for (const issuer of opened.splice(0)) await issuer.stop();
});

async function ask(url: string, bearer: string) {
  const response = await fetch(url, { headers: { authorization: `bearer ${bearer}` } });
  const body = (await response.json()) as { value?: string; count?: number };
  return { status: response.status, value: body.value ?? '', count: body.count };
}

describe('the subject', () => {
  test.each([
    ['of a push', run, undefined, 'repo:shop@42/app@4711:ref:refs/heads/main'],
    ['of a job in an environment', run, 'prod', 'repo:shop@42/app@4711:environment:prod'],
    ['of an environment with a colon', run, 'a:b', 'repo:shop@42/app@4711:environment:a%3Ab'],
    [
      'of a pull request',
      { ...run, eventName: 'pull_request' },
      undefined,
      'repo:shop@42/app@4711:pull_request',
    ],
    ['of a tag', { ...run, ref: 'refs/tags/v1' }, undefined, 'repo:shop@42/app@4711:ref:refs/tags/v1'],
  ])('%s is in the immutable form', (_title, of, environment, expected) => {
    expect(subjectOf(of, { environment })).toBe(expected);
  });

  test('needs an owner and a name', () => {
    expect(() => subjectOf({ ...run, repository: 'app' })).toThrow(
      "repository is 'app'; OWNER/REPO was expected.",
    );
  });
});

test('the claims are those of GitHub, all text but the times', () => {
  const claims = claimsOf(run, { jobId: 'deploy', audience: 'sts.amazonaws.com', nowMs: NOW, tokenId: 'id' });
  expect(claims).toEqual({
    jti: 'id',
    sub: 'repo:shop@42/app@4711:environment:prod',
    aud: 'sts.amazonaws.com',
    ref: 'refs/heads/main',
    sha: 'a'.repeat(40),
    repository: 'shop/app',
    repository_owner: 'shop',
    repository_owner_id: '42',
    repository_id: '4711',
    repository_visibility: 'private',
    run_id: '1234',
    run_number: '7',
    run_attempt: '2',
    actor: 'alice',
    actor_id: '99',
    workflow: 'Deploy',
    workflow_ref: 'shop/app/.github/workflows/deploy.yml@refs/heads/main',
    workflow_sha: 'a'.repeat(40),
    job_workflow_ref: 'OWNER/berth/.github/workflows/deploy.yml@refs/tags/v1',
    job_workflow_sha: 'b'.repeat(40),
    head_ref: '',
    base_ref: '',
    event_name: 'push',
    ref_protected: 'false',
    ref_type: 'branch',
    runner_environment: 'github-hosted',
    environment: 'prod',
    iss: GITHUB_ISSUER,
    iat: NOW / 1000,
    nbf: NOW / 1000 - 600,
    exp: NOW / 1000 + 300,
  });
});

describe('the issuer', () => {
  test('signs tokens that its published keys verify', async () => {
    const issuer = await start();
    const { requestUrl, requestToken } = issuer.register(run);
    const { value, count } = await ask(`${requestUrl('deploy')}&audience=sts.amazonaws.com`, requestToken);
    const keys = createRemoteJWKSet(new URL(issuer.jwksUrl));
    const { payload, protectedHeader } = await jwtVerify(value, keys, {
      issuer: GITHUB_ISSUER,
      audience: 'sts.amazonaws.com',
      currentDate: new Date(NOW + 299_000),
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT', kid: expect.any(String) });
    expect(payload.sub).toBe('repo:shop@42/app@4711:environment:prod');
    expect(count).toBe(value.length);
    await expect(jwtVerify(value, keys, { currentDate: new Date(NOW + 301_000) })).rejects.toMatchObject({
      code: 'ERR_JWT_EXPIRED',
    });
  });

  test('gives each job of a run its own claims, and a fresh id each time', async () => {
    const { requestUrl, requestToken } = (await start()).register(run);
    const tokens = await Promise.all(
      ['build', 'deploy', 'deploy'].map((job) => ask(requestUrl(job), requestToken)),
    );
    const claims = tokens.map(({ value }) => decodeJwt(value));
    expect(claims.map(({ sub }) => sub)).toEqual([
      'repo:shop@42/app@4711:ref:refs/heads/main',
      'repo:shop@42/app@4711:environment:prod',
      'repo:shop@42/app@4711:environment:prod',
    ]);
    expect(claims[0]?.aud).toBe('https://github.com/shop');
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(3);
  });

  test('refuses a wrong bearer, that of another run too, and an unknown run', async () => {
    const issuer = await start();
    const mine = issuer.register(run);
    const other = issuer.register(run);
    expect(await ask(mine.requestUrl('deploy'), 'guess')).toMatchObject({ status: 401, value: '' });
    expect(await ask(mine.requestUrl('deploy'), other.requestToken)).toMatchObject({ status: 401 });
    expect(
      await ask(mine.requestUrl('deploy').replace('/idtoken/', '/idtoken/x'), mine.requestToken),
    ).toMatchObject({
      status: 404,
    });
  });

  test('publishes what it can put into a token', async () => {
    const issuer = await start();
    const url = new URL('openid-configuration', issuer.jwksUrl);
    const configuration = (await (await fetch(url)).json()) as { claims_supported: string[] };
    expect(configuration).toMatchObject({ issuer: GITHUB_ISSUER, jwks_uri: issuer.jwksUrl });
    const claims = claimsOf(run, { jobId: 'deploy', nowMs: NOW, tokenId: 'id' });
    expect(configuration.claims_supported.sort()).toEqual(Object.keys(claims).sort());
  });
});
