import type { StsClient } from './aws-clients.ts';
import type { Clock, Random } from './clock.ts';
import { isTransient } from './ecs/transient.ts';
import { isAwsFailure, NoAnswerError, renderError, tryAwsFailure, UserError } from './errors.ts';
import { trySecondRegion } from './region.ts';

/** What STS gave: keys, their end, and the role they belong to. `expiration` is a `Date`, as the SDK wants it. */
export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly assumedRoleArn: string;
  readonly accountId: string;
}

/** `roleArn` is the role to assume; `sessionName` shows in CloudTrail, 2 to 64 of `[\w+=,.@-]`. */
export interface WebIdentity {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly durationSeconds?: number | undefined;
  /** The region whose STS is asked first. */
  readonly region: string;
  /** STS of a region. Its client makes a call once, since each try has a token of its own. */
  readonly sts: (region: string) => StsClient;
  readonly idToken: () => Promise<string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly mask: (secret: string) => void;
}

const RENEW_BEFORE_END_MS = 5 * 60_000;
const TRIES_A_REGION = 2;
const FIRST_WAIT_MS = 500;
/** Besides no answer: STS could not reach GitHub's keys, or the token grew old on its way. */
const MENDED_BY_A_NEW_TOKEN = /IDPCommunicationError|ExpiredToken/;

/**
 * A credential provider for SDK clients that trades the job's OIDC token for a session of the role, and makes a
 * new one when the last has 5 minutes or less to live. Askers at the same time share one session. A failure is
 * not kept: the next asker tries again.
 */
export function webIdentityProvider(identity: WebIdentity): () => Promise<RoleSession> {
  let current: Promise<RoleSession> | undefined;
  const isFresh = (session: RoleSession): boolean =>
    session.expiration.getTime() - identity.clock.now() > RENEW_BEFORE_END_MS;
  const renew = (): Promise<RoleSession> => {
    const next = assumeRole(identity);
    next.catch(() => {
      if (current === next) current = undefined;
    });
    current = next;
    return next;
  };
  return async () => {
    const asked = current;
    if (!asked) return renew();
    const session = await asked;
    if (isFresh(session)) return session;
    return current === asked ? renew() : (current ?? renew());
  };
}

/**
 * Makes one session. One call to the token service and one to STS for each try: a token may end while STS does not
 * answer. Where it does not, it is asked twice, then twice in another region of the partition, whose sessions are
 * good everywhere; a refusal is not tried again. `NoAnswerError` where nobody answers.
 * Throws `CREDENTIALS_REFUSED` with the token's own claims and the trust policy that would accept them,
 * `CREDENTIALS_NO_PROVIDER` when the account does not know GitHub, `CREDENTIALS_BAD_ROLE` for a malformed role or too
 * long a duration.
 */
export async function assumeRole(identity: WebIdentity): Promise<RoleSession> {
  const { region, roleArn, clock, random } = identity;
  const regions = [region, trySecondRegion(region)].flatMap((one) => one ?? []);
  const tries = regions.flatMap((one) => Array.from({ length: TRIES_A_REGION }, () => one));
  let failure: unknown;
  for (const [made, one] of tries.entries()) {
    if (made > 0) await clock.sleep(FIRST_WAIT_MS * 2 ** made * random());
    try {
      return await tryAssume(identity, one);
    } catch (error) {
      if (!isTransient(error) && !MENDED_BY_A_NEW_TOKEN.test(tryAwsFailure(error)?.name ?? '')) throw error;
      failure = error;
    }
  }
  throw new NoAnswerError(
    `STS gave no session of ${roleArn} in ${regions.join(' and ')}, so nothing was changed with one. ` +
      `The last answer: ${renderError(failure)} Run the job again.`,
  );
}

async function tryAssume(identity: WebIdentity, region: string): Promise<RoleSession> {
  const { roleArn, sessionName, durationSeconds, sts, idToken, mask } = identity;
  const token = await idToken();
  mask(token);
  const { client, AssumeRoleWithWebIdentityCommand } = await sts(region)();
  const command = new AssumeRoleWithWebIdentityCommand({
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    WebIdentityToken: token,
    DurationSeconds: durationSeconds ?? 3600,
  });
  const answer = await client.send(command).catch((error: unknown) => {
    throw refusalOf(error, roleArn, token);
  });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = answer.Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new UserError('CREDENTIALS_EMPTY', `STS answered for ${roleArn} without credentials; try again.`);
  }
  const assumedRoleArn = answer.AssumedRoleUser?.Arn ?? roleArn;
  mask(SecretAccessKey);
  mask(SessionToken);
  mask(AccessKeyId);
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
    assumedRoleArn,
    accountId: accountOf(assumedRoleArn),
  };
}

/** `berth-<run id>-<attempt>`, so that CloudTrail leads back to the run; a role's session name is 2 to 64 characters. */
export function sessionNameOf(runId: string, runAttempt: string): string {
  const name = ['berth', runId, runAttempt].filter((part) => part !== '').join('-');
  return name.replace(/[^\w+=,.@-]/g, '-').slice(0, 64);
}

function refusalOf(error: unknown, roleArn: string, token: string): unknown {
  const failure = tryAwsFailure(error);
  const claims = claimsOf(token);
  const account = accountOf(roleArn);
  if (isAwsFailure(error, 'AccessDenied') || isAwsFailure(error, 'AccessDeniedException')) {
    return new UserError('CREDENTIALS_REFUSED', trustSentence(roleArn, account, claims), { cause: error });
  }
  if (failure && /InvalidIdentityToken/.test(failure.name)) {
    const message =
      `STS does not accept this job's OIDC token for ${roleArn}: ${failure.message} ` +
      `Account ${account} needs an IAM identity provider for ${claims.iss} with the audience ${claims.aud}; ` +
      `create it with: aws iam create-open-id-connect-provider --url ${claims.iss} --client-id-list ${claims.aud}`;
    return new UserError('CREDENTIALS_NO_PROVIDER', message, { cause: error });
  }
  if (failure && /ValidationError|Validation/.test(failure.name)) {
    const hint = /DurationSeconds/.test(failure.message)
      ? "Ask for less, or raise the role's maximum session duration."
      : 'Expected role-to-assume like arn:aws:iam::123456789012:role/deploy.';
    const message = `STS refused the request for "${roleArn}": ${failure.message} ${hint}`;
    return new UserError('CREDENTIALS_BAD_ROLE', message, { cause: error });
  }
  return error;
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

interface Claims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  /** All that a trust policy may ask for and the token has, as `name "value"`. */
  readonly asked: readonly string[];
}

/**
 * Those that are about the job, not about people. Source: AWS, "STS supports validation of identity provider claims",
 * 2026-01 (reference/terraform.md section 3).
 */
const trustedClaims = [
  'sub',
  'aud',
  'repository',
  'repository_id',
  'ref',
  'environment',
  'workflow',
  'job_workflow_ref',
];

/** The claims are shown to the user only; STS alone judges the signature. */
function claimsOf(token: string): Claims {
  const read = (): Record<string, unknown> => {
    const text = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    return JSON.parse(text);
  };
  try {
    const claims = read();
    const asked = trustedClaims.flatMap((name) =>
      claims[name] === undefined ? [] : [`${name} "${textOf(claims[name])}"`],
    );
    return { iss: textOf(claims.iss), sub: textOf(claims.sub), aud: textOf(claims.aud), asked };
  } catch {
    const unreadable = '(unreadable)';
    return { iss: unreadable, sub: unreadable, aud: unreadable, asked: [unreadable] };
  }
}

const textOf = (claim: unknown): string => [claim].flat().join(', ');

function trustSentence(roleArn: string, account: string, { iss, sub, aud, asked }: Claims): string {
  const host = iss.replace(/^https:\/\//, '');
  const partition = roleArn.split(':')[1] ?? 'aws';
  const statement = {
    Effect: 'Allow',
    Principal: { Federated: `arn:${partition}:iam::${account}:oidc-provider/${host}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${host}:aud`]: aud, [`${host}:sub`]: sub } },
  };
  return [
    `${roleArn} does not trust this job, or does not exist. The job's token says ${asked.join(', ')}.`,
    'Its trust policy must hold a statement of which every condition fits these, for example:',
    JSON.stringify(statement, null, 2),
  ].join('\n');
}
