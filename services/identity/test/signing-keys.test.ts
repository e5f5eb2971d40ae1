import { describe, expect, test } from '@jest/globals';
import { decodeProtectedHeader, exportJWK, generateKeyPair, type JWK } from 'jose';
import { fixedSecret } from '../../lib/secret.ts';
import { createTokenVerifier } from '../../lib/tokens.ts';
import { createManualClock } from '../../test/doubles/manual-clock.ts';
import { createSigningKeys } from '../signing-keys.ts';
import type { User } from '../users.ts';

const lifeSeconds = 900;
const user = { id: 'ada', org: 'public', role: 'customer', permissions: [] } as unknown as User;

async function makeKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

/** Signing keys over a secret that can be rotated, and a verifier of what they sign. */
function createRig(ring: object) {
  const stored = { text: JSON.stringify(ring) };
  const clock = createManualClock();
  const secret = { read: async () => stored.text, forget: () => undefined };
  const keys = createSigningKeys({ secret, lifeSeconds, clock, random: Math.random });
  const tokens = createTokenVerifier({ keys: keys.set, clock });
  return { stored, clock, keys, tokens };
}

describe('a signing key that is rotated', () => {
  test('is published before it signs, and after it no longer does; no token of it is refused until it ends', async () => {
    const [old, fresh] = [await makeKey('old'), await makeKey('fresh')];
    const { stored, clock, keys, tokens } = createRig({ current: old });
    const published = async () => (await keys.published()).keys.map(({ kid }) => kid);
    const signer = async () => decodeProtectedHeader(await keys.sign(user)).kid;
    const early = await keys.sign(user);

    stored.text = JSON.stringify({ current: old, next: fresh });
    expect([await published(), await signer()]).toEqual([['old', 'fresh'], 'old']);

    stored.text = JSON.stringify({ current: fresh, previous: old });
    expect([await published(), await signer()]).toEqual([['fresh', 'old'], 'fresh']);
    const late = await keys.sign(user);
    await clock.advance((lifeSeconds - 1) * 1_000);
    expect(await tokens.verify(early)).toMatchObject({ id: 'ada', role: 'customer' });
    expect(await tokens.verify(late)).toMatchObject({ id: 'ada' });

    stored.text = JSON.stringify({ current: fresh });
    await clock.advance(2_000);
    await expect(tokens.verify(early)).rejects.toMatchObject({ code: 'TOKEN_WRONG' });
    expect(await published()).toEqual(['fresh']);
  });

  test('that is taken away at once has its tokens refused by whoever has not seen them yet', async () => {
    const { stored, keys, tokens } = createRig({ current: await makeKey('lost') });
    const token = await keys.sign(user);
    stored.text = JSON.stringify({ current: await makeKey('fresh') });
    await expect(tokens.verify(token)).rejects.toMatchObject({ code: 'TOKEN_WRONG' });
  });
});

test('only the public halves are published, whatever else the secret holds', async () => {
  const { keys } = createRig({
    current: { ...(await makeKey('one')), note: 'private' },
    next: await makeKey('two'),
  });
  for (const key of (await keys.published()).keys) {
    expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  }
});

test('the age of the key is told, so that an old one can be rung for', async () => {
  const { clock, keys } = createRig({ current: { ...(await makeKey('one')), iat: 0 } });
  expect(await keys.ageSeconds()).toBe(clock.now() / 1_000);
});

test.each(['hunter2', '{}', '{"current":{"kid":"hunter2"}}'])(
  'a secret that holds no keys is refused without being quoted: %s',
  async (text) => {
    const clock = createManualClock();
    const secret = fixedSecret(text);
    const keys = createSigningKeys({ secret, lifeSeconds, clock, random: Math.random });
    await expect(keys.assertReadable()).rejects.toThrow('The signing keys must be JSON with `current`');
    await expect(keys.assertReadable()).rejects.not.toThrow('hunter2');
  },
);
