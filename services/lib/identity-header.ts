import { createHmac, timingSafeEqual } from 'node:crypto';
import Value from 'typebox/value';
import { type Principal, PrincipalSchema } from './principal.ts';

/** The header in which the gateway tells whom it has recognised, and in which services name themselves. */
export const identityHeader = 'x-berth-identity';

/** How long a signed identity is good for, in milliseconds: it is made for one request. */
const goodForMs = 60_000;

/**
 * Signs who asks: `<payload>.<HMAC-SHA256>`, both base64url. `key` is the secret that only our services hold; whoever
 * has it may speak for anyone, so it never leaves them.
 */
export function signIdentity(principal: Principal, key: string, now: number): string {
  const payload = Buffer.from(JSON.stringify({ ...principal, until: now + goodForMs })).toString('base64url');
  return `${payload}.${signatureOf(payload, key).toString('base64url')}`;
}

/** Gives who asks, or `undefined` for a header that is malformed, too old or signed with none of `keys`. */
export function tryReadIdentity(text: string, keys: readonly string[], now: number): Principal | undefined {
  const [payload, signature, ...rest] = text.split('.');
  if (!payload || !signature || rest.length > 0) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const isOurs = keys.some((key) => {
    const wanted = signatureOf(payload, key);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (!isOurs) return undefined;
  const { until, ...principal } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as {
    until?: unknown;
  };
  if (typeof until !== 'number' || until < now) return undefined;
  return Value.Check(PrincipalSchema, principal) ? principal : undefined;
}

function signatureOf(payload: string, key: string): Buffer {
  return createHmac('sha256', key).update(payload).digest();
}
