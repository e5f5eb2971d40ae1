import { hash, timingSafeEqual } from 'node:crypto';
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import { Problem } from '../lib/problem.ts';

/** How long a token read from SSM is used, in milliseconds. */
const refreshEveryMs = 60_000;
/** A wrong token makes us read SSM again, but not more often than this, in milliseconds. */
const forcedRefreshEveryMs = 5_000;

export interface TokenCheck {
  /**
   * Tells whether `candidate` is the token, in a time that does not depend on where they differ.
   *
   * A mismatch reads SSM once more (at most every five seconds), so that a rotated token works at once.
   * Throws `TOKEN_UNCHECKED` when SSM has not given a token yet.
   */
  matches(candidate: string): Promise<boolean>;
  /** Throws until the first token is there. */
  assertLoaded(): void;
  /** Reads now and then every minute until `signal` aborts; a failure keeps the last good token and is logged. */
  keepFresh(signal: AbortSignal): Promise<void>;
}

export function createTokenCheck(deps: {
  read: () => Promise<string>;
  clock: Clock;
  log: Logger;
}): TokenCheck {
  const { read, clock, log } = deps;
  let digest: Buffer | undefined;
  let reading: Promise<void> | undefined;
  let lastReadAt = Number.NEGATIVE_INFINITY;

  /** Joins the reading under way, if there is one. Never rejects: what was good stays good. */
  function refresh(): Promise<void> {
    reading ??= read()
      .then(
        (token) => {
          digest = digestOf(token);
        },
        (error: unknown) => log.error({ err: error, kept: digest !== undefined }, 'token not read from SSM'),
      )
      .finally(() => {
        lastReadAt = clock.now();
        reading = undefined;
      });
    return reading;
  }

  async function matches(candidate: string): Promise<boolean> {
    const offered = digestOf(candidate);
    if (digest !== undefined && timingSafeEqual(digest, offered)) return true;
    if (reading !== undefined || clock.now() - lastReadAt >= forcedRefreshEveryMs) await refresh();
    if (digest === undefined) {
      throw new Problem('TOKEN_UNCHECKED', 'The token has not been read yet.', { retryAfterSeconds: 5 });
    }
    return timingSafeEqual(digest, offered);
  }

  async function keepFresh(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await refresh();
      await clock.sleep(refreshEveryMs, signal).catch(() => undefined);
    }
  }

  function assertLoaded(): void {
    if (digest === undefined) throw new Error('SSM has not given the token yet.');
  }

  return { matches, assertLoaded, keepFresh };
}

/** Reads a SecureString. Throws when it is empty, because an empty token would let everybody in. */
export async function readTokenParameter(ssm: SSMClient, name: string): Promise<string> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  if (!Parameter?.Value) throw new Error(`The SSM parameter ${name} is empty; it must hold the token.`);
  return Parameter.Value;
}

/** Only the digest is kept: equal lengths for the comparison, and no token in a heap dump. */
function digestOf(token: string): Buffer {
  return hash('sha256', token, 'buffer');
}
