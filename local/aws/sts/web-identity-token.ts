import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import { AwsFault } from '../fault.ts';

/** Claims of GitHub's tokens that AWS offers as condition keys, beside `sub` and `aud` (since 2026-01). */
const GITHUB_CLAIMS = [
  'actor',
  'actor_id',
  'job_workflow_ref',
  'repository',
  'repository_id',
  'workflow',
  'ref',
  'environment',
  'enterprise_id',
];

const GITHUB = 'token.actions.githubusercontent.com';

export type WebIdentity = {
  /** The issuer without `https://`, as in the provider's ARN. */
  provider: string;
  subject: string;
  audience: string;
  claims: Readonly<Record<string, unknown>>;
};

export type TokenCheck = {
  /** Where the keys of an issuer are, by the token's `iss`; others are found by OpenID discovery. */
  issuers: Readonly<Record<string, string>>;
  /** Client ids of the account's provider for an issuer (without scheme), `undefined` when there is none. */
  clientIdsOf: (provider: string) => Promise<readonly string[] | undefined>;
  /** Epoch milliseconds. */
  now: number;
};

/**
 * Verifies an OpenID Connect token as STS does: a known provider, its signature by the issuer's published
 * keys, issuer, audience and expiry. Throws the fault that STS answers with, in its words.
 */
export async function verifyWebIdentity(token: string, check: TokenCheck): Promise<WebIdentity> {
  const unverified = decode(token);
  const issuer = unverified.iss ?? '';
  const provider = issuer.replace(/^https?:\/\//, '');
  const clientIds = await check.clientIdsOf(provider);
  if (!clientIds) throw invalid(`No OpenIDConnect provider found in your account for ${issuer}`);
  const claims = await verify(token, issuer, check);
  const [audience = ''] = [claims.azp ?? claims.aud ?? []].flat().map(String);
  if (!clientIds.includes(audience)) throw invalid('Incorrect token audience');
  return { provider, subject: claims.sub ?? '', audience, claims };
}

/** The condition keys that a verified token gives to a trust policy, in lower case. */
export function conditionKeysOf(identity: WebIdentity): Map<string, string[]> {
  const names = identity.provider === GITHUB ? ['amr', ...GITHUB_CLAIMS] : ['amr'];
  const keys = new Map([
    ['sub', [identity.subject]],
    ['aud', [identity.audience]],
  ]);
  for (const name of names) {
    const value = identity.claims[name];
    if (value !== undefined && value !== null) keys.set(name, [value].flat().map(String));
  }
  return new Map([...keys].map(([name, values]) => [`${identity.provider}:${name}`.toLowerCase(), values]));
}

function decode(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw invalid(
      'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
    );
  }
}

async function verify(token: string, issuer: string, check: TokenCheck): Promise<JWTPayload> {
  try {
    const keys = createRemoteJWKSet(new URL(check.issuers[issuer] ?? (await discoverKeys(issuer))));
    const options = { issuer, currentDate: new Date(check.now), requiredClaims: ['exp', 'sub'] };
    return (await jwtVerify(token, keys, options)).payload;
  } catch (error) {
    throw asFault(error, check.now);
  }
}

async function discoverKeys(issuer: string): Promise<string> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  const configuration: unknown = await response.json();
  if (typeof configuration === 'object' && configuration !== null && 'jwks_uri' in configuration) {
    return String(configuration.jwks_uri);
  }
  throw new Error(`${issuer} publishes no jwks_uri`);
}

function asFault(error: unknown, now: number): AwsFault {
  if (error instanceof errors.JWTExpired) {
    const seconds = Math.floor(now / 1000);
    const message = `Token expired: current date/time ${seconds} must be before the expiration date/time ${error.payload.exp}`;
    return new AwsFault('ExpiredTokenException', message);
  }
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(`The token is not acceptable: ${error.message}`);
  return invalid(
    "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements",
  );
}

const invalid = (message: string): AwsFault => new AwsFault('InvalidIdentityToken', message);
