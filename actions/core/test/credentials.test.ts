import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import nock from 'nock';
import { stsClient } from '../src/aws-clients.ts';
import { sessionNameOf, webIdentityProvider } from '../src/credentials.ts';
import { isTransient } from '../src/ecs/transient.ts';
import { renderError } from '../src/errors.ts';
import { fixedKeys } from './doubles/action-deps.ts';
import { idTokenOf, stsRefusal, stsSession } from './doubles/sts-answers.ts';
import { type VirtualClock, virtualClock } from './doubles/virtual-clock.ts';

// Node's http module outlives a test file: two files' nocks in one worker would answer twice.
afterAll(() => nock.restore());

const roleArn = 'arn:aws:iam::123456789012:role/deploy';
const claims = {
  iss: 'https://token.actions.githubusercontent.com',
  sub: 'repo:acme@11/shop@22:ref:refs/heads/main',
  aud: 'sts.amazonaws.com',
};
const sts = (region = 'us-east-1'): nock.Interceptor => nock(`https://sts.${region}.amazonaws.com`).post('/');

const providerOn = (
  clock: VirtualClock,
  masked: string[] = [],
  given: Partial<Parameters<typeof webIdentityProvider>[0]> = {},
): ReturnType<typeof webIdentityProvider> =>
  webIdentityProvider({
    roleArn,
    sessionName: 'berth-101-1',
    region: 'us-east-1',
    sts: (region) => stsClient({ region, credentials: fixedKeys, tries: 1 }),
    idToken: async () => idTokenOf(claims),
    clock,
    random: () => 1,
    mask: (secret) => void masked.push(secret),
    ...given,
  });

beforeEach(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});

describe('webIdentityProvider', () => {
  test('keeps a session until 5 minutes before its end, then makes a new one', async () => {
    const clock = virtualClock();
    const end = clock.now() + 3_600_000;
    sts().reply(200, stsSession('ONE', end));
    const provide = providerOn(clock);
    expect(await provide()).toMatchObject({ accessKeyId: 'ASIAONE', accountId: '123456789012' });
    clock.advance(3_300_000 - 1);
    expect((await provide()).accessKeyId).toBe('ASIAONE');
    sts().reply(200, stsSession('TWO', end + 3_600_000));
    clock.advance(1);
    expect((await provide()).accessKeyId).toBe('ASIATWO');
  });

  test('makes one session for all who ask at the same time, also at renewal', async () => {
    const clock = virtualClock();
    const provide = providerOn(clock);
    sts().reply(200, stsSession('ONE', clock.now() + 3_600_000));
    expect(new Set((await Promise.all([provide(), provide(), provide()])).map((s) => s.accessKeyId))).toEqual(
      new Set(['ASIAONE']),
    );
    clock.advance(3_500_000);
    sts().reply(200, stsSession('TWO', clock.now() + 3_600_000));
    expect(new Set((await Promise.all([provide(), provide(), provide()])).map((s) => s.accessKeyId))).toEqual(
      new Set(['ASIATWO']),
    );
  });

  test('does not keep a failure', async () => {
    const clock = virtualClock();
    const provide = providerOn(clock);
    sts().reply(403, stsRefusal('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    await expect(provide()).rejects.toThrow('does not trust this job');
    sts().reply(200, stsSession('ONE', clock.now() + 3_600_000));
    expect((await provide()).accessKeyId).toBe('ASIAONE');
  });

  test('masks the token and all parts of the session', async () => {
    const masked: string[] = [];
    const clock = virtualClock();
    sts().reply(200, stsSession('ONE', clock.now() + 3_600_000));
    const session = await providerOn(clock, masked)();
    expect(masked).toEqual(
      expect.arrayContaining([
        idTokenOf(claims),
        session.accessKeyId,
        session.secretAccessKey,
        session.sessionToken,
      ]),
    );
  });

  test('shows the claims of a refused token and a trust policy that accepts it, after one call', async () => {
    sts().reply(403, stsRefusal('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    const error: Error = await providerOn(virtualClock())().then(
      () => new Error('accepted'),
      (e) => e,
    );
    expect(error).toMatchObject({ code: 'CREDENTIALS_REFUSED' });
    expect(error.message).toContain(`sub "${claims.sub}", aud "sts.amazonaws.com"`);
    expect(JSON.parse(error.message.slice(error.message.indexOf('{')))).toEqual({
      Effect: 'Allow',
      Principal: { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': claims.sub,
        },
      },
    });
  });

  test('shows every claim of a refused token that a trust policy may ask for, and no other', async () => {
    const said = {
      repository_id: '22',
      ref: 'refs/heads/main',
      environment: 'prod',
      job_workflow_ref: 'acme/berth/.github/workflows/deploy.yml@0123456789abcdef0123456789abcdef01234567',
    };
    sts().reply(403, stsRefusal('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    const idToken = async () =>
      idTokenOf({ ...claims, aud: [claims.aud], ...said, jti: 'one', actor: 'ann' });
    const { message }: Error = await providerOn(virtualClock(), [], { idToken })().then(
      () => new Error('accepted'),
      (e) => e,
    );
    const [sentence] = message.split('\n');
    expect(sentence).toContain(
      `The job's token says ${Object.entries({ sub: claims.sub, aud: claims.aud, ...said })
        .map(([name, value]) => `${name} "${value}"`)
        .join(', ')}.`,
    );
  });

  test('says how to make the identity provider when the account has none', async () => {
    sts().reply(400, stsRefusal('InvalidIdentityToken', 'No OpenIDConnect provider found in your account'));
    await expect(providerOn(virtualClock())()).rejects.toThrow(
      'aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com',
    );
  });
});

describe('where STS gives no answer', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  /** A provider whose n-th token says so in its `jti`, and the tokens that STS was sent. */
  function numberingTokens(region: string) {
    const clock = virtualClock();
    const sent: unknown[] = [];
    let drawn = 0;
    const idToken = async (): Promise<string> => idTokenOf({ ...claims, jti: `${++drawn}` });
    const note = (body: Record<string, string>): boolean => {
      const [, payload = ''] = String(body.WebIdentityToken).split('.');
      sent.push(JSON.parse(Buffer.from(payload, 'base64url').toString()).jti);
      return true;
    };
    const at = (one: string): nock.Interceptor => nock(`https://sts.${one}.amazonaws.com`).post('/', note);
    return { clock, sent, at, provide: providerOn(clock, [], { region, idToken }) };
  }

  test('draws a fresh token for each try', async () => {
    const { clock, sent, at, provide } = numberingTokens('eu-west-1');
    at('eu-west-1').reply(503, 'busy');
    at('eu-west-1').reply(200, stsSession('ONE', clock.now() + 3_600_000));
    expect((await provide()).accessKeyId).toBe('ASIAONE');
    expect(sent).toEqual(['1', '2']);
  });

  test.each([
    ['eu-west-1', 'us-east-1'],
    ['us-east-1', 'us-west-2'],
  ])('that of %s is asked twice, then that of %s', async (region, second) => {
    const { clock, sent, at, provide } = numberingTokens(region);
    at(region).times(2).replyWithError(refused);
    at(second).reply(200, stsSession('TWO', clock.now() + 3_600_000));
    expect((await provide()).accessKeyId).toBe('ASIATWO');
    expect(sent).toEqual(['1', '2', '3']);
  });

  test('nor in the second region, says where, and that nothing was changed; it may be asked again', async () => {
    const { at, provide } = numberingTokens('eu-west-1');
    at('eu-west-1').times(2).replyWithError(refused);
    at('us-east-1').times(2).reply(503, 'busy');
    const error: unknown = await provide().catch((one: unknown) => one);
    expect(isTransient(error)).toBe(true);
    expect(renderError(error)).toContain(`no session of ${roleArn} in eu-west-1 and us-east-1`);
    expect(renderError(error)).toContain('nothing was changed');
  });

  test('to a token that grew old on its way, or for want of GitHub’s keys, tries a fresh one', async () => {
    const { clock, sent, at, provide } = numberingTokens('eu-west-1');
    at('eu-west-1').reply(400, stsRefusal('ExpiredTokenException', 'Token expired'));
    at('eu-west-1').reply(400, stsRefusal('IDPCommunicationError', 'could not reach the provider'));
    at('us-east-1').reply(200, stsSession('ONE', clock.now() + 3_600_000));
    expect((await provide()).accessKeyId).toBe('ASIAONE');
    expect(sent).toEqual(['1', '2', '3']);
  });

  test('a refusal is an answer: no second token, no second region', async () => {
    const { sent, at, provide } = numberingTokens('eu-west-1');
    at('eu-west-1').reply(403, stsRefusal('AccessDenied', 'Not authorized'));
    await expect(provide()).rejects.toThrow('does not trust this job');
    expect(sent).toEqual(['1']);
  });
});

test.each([
  ['101', '2', 'berth-101-2'],
  ['', '', 'berth'],
  ['a b', '1', 'berth-a-b-1'],
  ['9'.repeat(80), '1', `berth-${'9'.repeat(58)}`],
])('names the session of run %j, attempt %j, %s', (run, attempt, expected) => {
  expect(sessionNameOf(run, attempt)).toBe(expected);
});
