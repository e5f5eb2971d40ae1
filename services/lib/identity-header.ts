import Value from 'typebox/value';
import { type Principal, PrincipalSchema } from './principal.ts';
import { signPayload, tryReadPayload } from './signed-payload.ts';

/** The header in which the gateway tells whom it has recognised, and in which services name themselves. */
export const identityHeader = 'x-berth-identity';

/** How long a signed identity is good for, in milliseconds: it is made for one request. */
const goodForMs = 60_000;
/** The first to be signed with this key: all others name theirs. */
const purpose = '';

/**
 * Signs who asks. `key` is the secret that only our services hold; whoever has it may speak for anyone, so it never
 * leaves them.
 */
export function signIdentity(principal: Principal, key: string, now: number): string {
  return signPayload({ ...principal, until: now + goodForMs }, purpose, key);
}

/** Gives who asks, or `undefined` for a header that is malformed, too old or signed with none of `keys`. */
export function tryReadIdentity(text: string, keys: readonly string[], now: number): Principal | undefined {
  const signed = tryReadPayload(text, purpose, keys) as { until?: unknown } | undefined;
  if (!signed) return undefined;
  const { until, ...principal } = signed;
  if (typeof until !== 'number' || until < now) return undefined;
  return Value.Check(PrincipalSchema, principal) ? principal : undefined;
}
