import { type CryptoKey, createLocalJWKSet, importJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose';
import type { Clock } from '../lib/clock.ts';
import type { KeySet } from '../lib/key-set.ts';
import type { SecretSource } from '../lib/secret.ts';
import { tokenAudience, tokenIssuer } from '../lib/tokens.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { User } from './users.ts';

/**
 * The keys of one moment, private JWKs of ES256 with a `kid` each. A new key is published as `next` for at least three
 * cache lives (15 min) before it signs as `current`; the old one stays published as `previous` until its last token
 * has expired. So no verifier ever meets a key it cannot know.
 */
interface KeyRing {
  current: JWK & {
    /** When it was made, epoch seconds. */
    iat?: number;
  };
  previous?: JWK;
  next?: JWK;
}

export interface SigningKeys {
  /** Signs an access token for a user. */
  sign(user: User): Promise<string>;
  /** The public halves, for verifiers. */
  published(): Promise<JSONWebKeySet>;
  /** Age of the signing key in seconds; 0 when it does not say when it was made. */
  ageSeconds(): Promise<number>;
  /** The same keys for checking tokens in this process. */
  readonly set: KeySet;
  /** Throws while no keys can be read. */
  assertReadable(): Promise<void>;
}

/** Reads the keys from a secret: a rotated one is used from its next reading on, without a restart. */
export function createSigningKeys(deps: {
  secret: SecretSource;
  lifeSeconds: number;
  clock: Clock;
  random: () => number;
}): SigningKeys {
  const { secret, lifeSeconds, clock, random } = deps;
  let parsed: { text: string; ring: KeyRing; key: Promise<CryptoKey | Uint8Array> } | undefined;

  async function read() {
    const text = await secret.read();
    if (parsed?.text !== text) {
      const ring = parseKeyRing(text);
      parsed = { text, ring, key: importJWK(ring.current, 'ES256') };
    }
    return parsed;
  }

  async function published(): Promise<JSONWebKeySet> {
    const { ring } = await read();
    const keys = [ring.current, ring.next, ring.previous].flatMap((key) => (key ? [publicHalf(key)] : []));
    return { keys };
  }

  return {
    published,
    set: {
      find: async (header, token) => createLocalJWKSet(await published())(header, token),
      assertKnown: () => undefined,
    },
    async sign(user) {
      const { ring, key } = await read();
      const now = Math.floor(clock.now() / 1000);
      return new SignJWT({ org: user.org, role: user.role, permissions: user.permissions })
        .setProtectedHeader({ alg: 'ES256', kid: ring.current.kid, typ: 'at+jwt' })
        .setSubject(user.id)
        .setJti(uuidV7(clock.now(), random))
        .setIssuer(tokenIssuer)
        .setAudience(tokenAudience)
        .setIssuedAt(now)
        .setExpirationTime(now + lifeSeconds)
        .sign(await key);
    },
    async ageSeconds() {
      const { iat } = (await read()).ring.current;
      return iat === undefined ? 0 : clock.now() / 1000 - iat;
    },
    async assertReadable() {
      await read();
    },
  };
}

/** Only what a public key consists of is copied, so that nothing else of the secret can be published. */
function publicHalf({ kty, crv, x, y, kid }: JWK): JWK {
  return { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' } as JWK;
}

function parseKeyRing(text: string): KeyRing {
  const fault =
    'The signing keys must be JSON with `current`, a private JWK of the curve P-256 with a `kid`.';
  let ring: Partial<KeyRing>;
  try {
    ring = JSON.parse(text) as Partial<KeyRing>;
  } catch {
    // The parser's message would quote the secret.
    throw new Error(fault);
  }
  for (const key of [ring.current, ring.previous, ring.next]) {
    if (key !== undefined && !(key.kid && key.crv === 'P-256' && key.x && key.y)) throw new Error(fault);
  }
  if (!ring.current?.d) throw new Error(fault);
  return ring as KeyRing;
}
