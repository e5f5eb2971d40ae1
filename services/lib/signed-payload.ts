import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * Signs a value: `<payload>.<HMAC-SHA256>`, both base64url. What is signed begins with `purpose`, so that no text for
 * another one, signed with the same key, can stand for it.
 */
export function signPayload(value: object, purpose: string, key: string): string {
  const payload = Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${payload}.${signatureOf(payload, purpose, key).toString('base64url')}`;
}

/** Gives the signed value, or `undefined` for a text that is malformed or signed with none of `keys`. */
export function tryReadPayload(text: string, purpose: string, keys: readonly string[]): unknown {
  const [payload, signature, ...rest] = text.split('.');
  if (!payload || !signature || rest.length > 0) return undefined;
  const given = Buffer.from(signature, 'base64url');
  const isOurs = keys.some((key) => {
    const wanted = signatureOf(payload, purpose, key);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
  return isOurs ? JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) : undefined;
}

function signatureOf(payload: string, purpose: string, key: string): Buffer {
  return createHmac('sha256', key).update(`${purpose}${payload}`).digest();
}
