import type { FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import type { Clock } from './clock.ts';
import { identityHeader, tryReadIdentity } from './identity-header.ts';
import type { Principal, Role } from './principal.ts';
import { Problem } from './problem.ts';
import type { SecretSource } from './secret.ts';
import type { TokenVerifier } from './tokens.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; set on every route registered with `requireRole`. */
    principal: Principal | undefined;
  }
}

/** An identity signed with an unknown key has the keys read again, but not more often than this, in milliseconds. */
const unknownKeyEveryMs = 5_000;

/** Lets a request through when its principal has one of the roles. */
export type RequireRole = (...allowed: readonly Role[]) => (request: FastifyRequest) => Promise<void>;

/**
 * Adds `request.principal` and gives the guard for routes: `{ preValidation: requireRole('manager') }`. Before
 * validation, so that who may not ask learns nothing of the schema.
 *
 * A principal comes from `Authorization: Bearer <access token>` or from the identity header that the gateway and our
 * services sign with the service key. `serviceKey` holds one key a line: the newest first, older ones still accepted.
 */
export function registerAccess(
  app: App,
  deps: { tokens: TokenVerifier; serviceKey: SecretSource; clock: Clock },
): RequireRole {
  app.decorateRequest('principal', undefined);
  const { serviceKey, clock } = deps;
  let forgotAt = Number.NEGATIVE_INFINITY;

  /** Whoever signed may have read the rotated key before us. */
  async function readIdentity(signed: string): Promise<Principal | undefined> {
    const read = async () => tryReadIdentity(signed, keysOf(await serviceKey.read()), clock.now());
    const principal = await read();
    if (principal !== undefined) return principal;
    if (clock.now() - forgotAt >= unknownKeyEveryMs) {
      forgotAt = clock.now();
      serviceKey.forget();
    }
    return read();
  }

  async function recognise(request: FastifyRequest): Promise<Principal> {
    const signed = request.headers[identityHeader];
    if (typeof signed === 'string') {
      const principal = await readIdentity(signed);
      if (principal === undefined) throw new Problem('TOKEN_WRONG', 'The identity header is not good.');
      return principal;
    }
    const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (bearer === undefined)
      throw new Problem('TOKEN_MISSING', 'Send an access token as Authorization: Bearer.');
    return deps.tokens.verify(bearer);
  }

  return (...allowed) =>
    async (request) => {
      const principal = await recognise(request);
      request.principal = principal;
      if (allowed.length > 0 && !allowed.includes(principal.role)) {
        throw new Problem(
          'ACCESS_DENIED',
          `This needs the role ${allowed.join(' or ')}; yours is ${principal.role}.`,
        );
      }
    };
}

/** The principal of a guarded route. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === undefined)
    throw new Error(`${request.routeOptions.url} has no requireRole guard.`);
  return request.principal;
}

/** Says whether the data of that organisation are the principal's to see. */
export function isOfOrg(principal: Principal, org: string): boolean {
  return principal.role === 'service' || principal.org === org;
}

/** The keys of a service key secret, the newest first. */
export function keysOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
