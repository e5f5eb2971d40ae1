import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a track token allows: to look at one order until a moment, in epoch milliseconds. */
export interface TrackGrant {
  readonly orderId: string;
  readonly until: number;
}

/**
 * Signs a grant: `<payload>.<HMAC-SHA256>`, both base64url, for a link that somebody without an account may open. What
 * is signed begins with the purpose, so that no other text signed with the same key can stand for it, nor it for them.
 */
export function signTrackGrant(grant: TrackGrant, key: string): string {
  const payload = Buffer.from(JSON.stringify(grant)).toString('base64url');
  return `${payload}.${signatureOf(payload, key).toString('base64url')}`;
}

/** Gives the grant, or `undefined` for a token that is malformed, expired or signed with none of `keys`. */
export function tryReadTrackGrant(
  token: string,
  keys: readonly string[],
  now: number,
): TrackGrant | undefined {
  const [payload, signature, ...rest] = token.split('.');
  if (!payload || !signature || rest.length > 0) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const isOurs = keys.some((key) => {
    const wanted = signatureOf(payload, key);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  if (!isOurs) return undefined;
  const grant = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as TrackGrant;
  return grant.until > now ? grant : undefined;
}

function signatureOf(payload: string, key: string): Buffer {
  return createHmac('sha256', key).update(`track:${payload}`).digest();
}
