import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';

/** The public keys of identity, as `/.well-known/jwks.json` gives them. */
export interface KeySet {
  /** Finds the key of a token, for jose. */
  readonly find: JWTVerifyGetKey;
  /** Throws until the keys have been read once, and when they could not be read for a day. */
  assertKnown(): void;
}

/** The answer may be cached for 300 s (its Cache-Control). */
const freshMs = 300_000;
/** While identity is away its keys stay good for this long: they are public, and rotated with notice. */
const staleMs = 24 * 60 * 60 * 1000;
/** An unknown key id has the keys read again, but not more often than this. */
const unknownEveryMs = 5_000;
const requestTimeoutMs = 3_000;

export function createKeySet(deps: { url: string; clock: Clock; log: Logger }): KeySet {
  const { url, clock, log } = deps;
  let known: { find: JWTVerifyGetKey; readAt: number } | undefined;
  let reading: Promise<void> | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;

  /** Joins the reading under way. Never rejects: what was good stays good. */
  function refresh(): Promise<void> {
    askedAt = clock.now();
    reading ??= fetchKeys()
      .then(
        (keys) => {
          known = { find: createLocalJWKSet(keys), readAt: clock.now() };
        },
        (error: unknown) =>
          log.warn({ err: error, kept: known !== undefined }, 'keys not read from identity'),
      )
      .finally(() => {
        reading = undefined;
      });
    return reading;
  }

  async function fetchKeys(): Promise<JSONWebKeySet> {
    const answer = await fetch(url, { signal: AbortSignal.timeout(requestTimeoutMs) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
    return (await answer.json()) as JSONWebKeySet;
  }

  function assertKnown(): void {
    if (known === undefined || clock.now() - known.readAt > staleMs) {
      throw new Error('The keys of identity are not known.');
    }
  }

  return {
    assertKnown,
    async find(header, token) {
      const age = clock.now() - (known?.readAt ?? Number.NEGATIVE_INFINITY);
      if (known === undefined || age > staleMs) await refresh();
      // In the background: a request need not wait for keys that are still good.
      else if (age > freshMs && clock.now() - askedAt > unknownEveryMs) void refresh();
      assertKnown();
      try {
        return await (known as NonNullable<typeof known>).find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey) || clock.now() - askedAt < unknownEveryMs)
          throw error;
        await refresh();
        return (known as NonNullable<typeof known>).find(header, token);
      }
    },
  };
}
