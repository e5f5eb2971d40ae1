import { describe, expect, test } from '@jest/globals';
import { signPayload, tryReadPayload } from '../signed-payload.ts';

// By `openssl dgst -sha256 -hmac key`: instances of two versions read each other's while one replaces the other.
const signed = 'eyJhIjoxfQ.UG19-shWNPAE9SX1L-YA-Oq2kyl6Or7czuxNnq5gG4Y';

describe('a signed payload', () => {
  test('is as others make it', () => {
    expect(signPayload({ a: 1 }, 'p:', 'key')).toBe(signed);
  });

  test('is read with any of the keys, for its own purpose only', () => {
    expect(tryReadPayload(signed, 'p:', ['another', 'key'])).toEqual({ a: 1 });
    expect(tryReadPayload(signed, 'p:', ['another'])).toBeUndefined();
    expect(tryReadPayload(signed, 'q:', ['key'])).toBeUndefined();
    expect(tryReadPayload(signed, '', ['key'])).toBeUndefined();
  });

  test.each(['', '.', 'a', 'a.b', `${signed}.`, `x${signed}`, signed.slice(0, -2)])('refuses %j', (text) => {
    expect(tryReadPayload(text, 'p:', ['key'])).toBeUndefined();
  });
});
