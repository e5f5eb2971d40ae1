import { createHash } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import Value from 'typebox/value';
import type { Clock } from './clock.ts';
import type { KeySet } from './key-set.ts';
import { type Principal, PrincipalSchema } from './principal.ts';
import { Problem } from './problem.ts';

export const tokenIssuer = 'identity';
export const tokenAudience = 'platform';

export interface TokenVerifier {
  /** Gives whom an access token stands for. Throws `TOKEN_WRONG`, or `TOKEN_UNCHECKED` while no keys are known. */
  verify(token: string): Promise<Principal>;
}

/** Verified tokens that are remembered until they expire. */
const remembered = 1_000;

/**
 * Verifies access tokens (JWT, ES256) of identity. A verified token is remembered until it expires, by its digest:
 * checking a signature costs 250 µs, finding one costs 10, and a client shows the same token many times.
 */
export function createTokenVerifier(deps: { keys: KeySet; clock: Clock }): TokenVerifier {
  const { keys, clock } = deps;
  const cache = new Map<string, { principal: Principal; expiresAt: number }>();

  async function verify(token: string): Promise<Principal> {
    const digest = createHash('sha256').update(token).digest('base64');
    const hit = cache.get(digest);
    if (hit !== undefined && hit.expiresAt > clock.now()) return hit.principal;
    cache.delete(digest);
    const { principal, expiresAt } = await check(token);
    // A Map keeps the order of insertion: the oldest goes.
    for (const oldest of cache.keys()) {
      if (cache.size < remembered) break;
      cache.delete(oldest);
    }
    cache.set(digest, { principal, expiresAt });
    return principal;
  }

  async function check(token: string): Promise<{ principal: Principal; expiresAt: number }> {
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: ['ES256'],
      issuer: tokenIssuer,
      audience: tokenAudience,
      currentDate: new Date(clock.now()),
      requiredClaims: ['exp', 'sub', 'jti'],
    }).catch((error: unknown) => {
      if (error instanceof errors.JOSEError) {
        throw new Problem('TOKEN_WRONG', explain(error), { cause: error });
      }
      throw new Problem('TOKEN_UNCHECKED', 'The token cannot be checked now.', {
        retryAfterSeconds: 5,
        cause: error,
      });
    });
    const principal = {
      id: payload.sub,
      org: payload.org,
      role: payload.role,
      permissions: payload.permissions ?? [],
    };
    if (!Value.Check(PrincipalSchema, principal)) throw new Problem('TOKEN_WRONG', 'The token lacks claims.');
    return { principal, expiresAt: (payload.exp ?? 0) * 1000 };
  }

  return { verify };
}

function explain(error: errors.JOSEError): string {
  return error instanceof errors.JWTExpired ? 'The token has expired.' : 'This is not a token of ours.';
}
