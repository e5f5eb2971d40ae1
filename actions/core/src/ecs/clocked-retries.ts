import type { ECSClientConfig } from '@aws-sdk/client-ecs';
import type { Clock, Random } from '../clock.ts';

/** The form in which the SDK takes another way to try again; its own waits by the wall clock and nothing else. */
type RetryStrategy = Extract<ECSClientConfig['retryStrategy'], { acquireInitialRetryToken: unknown }>;
type Token = Awaited<ReturnType<RetryStrategy['acquireInitialRetryToken']>>;

/** How often a call is made at most: being throttled is a matter of waiting, anything else seldom passes. */
const TRIES = { THROTTLING: 8, TRANSIENT: 3 };
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 5_000;

/**
 * Tries a call again that AWS throttled or had no answer for, as the SDK does, but with waits by the given clock:
 * growing, with full jitter. A refusal is not tried again.
 */
export function clockedRetries({ clock, random }: { clock: Clock; random: Random }): RetryStrategy {
  return {
    acquireInitialRetryToken: async () => tokenOf(0),
    async refreshRetryTokenForRetry(token, { error, errorType }) {
      const retries = token.getRetryCount() + 1;
      const tries = errorType === 'THROTTLING' || errorType === 'TRANSIENT' ? TRIES[errorType] : 1;
      if (retries >= tries) throw error ?? new Error('the call is not tried again');
      await clock.sleep(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retries) * random());
      return tokenOf(retries);
    },
    recordSuccess: () => undefined,
  };
}

/** The wait is over when the SDK gets the token. */
function tokenOf(retries: number): Token {
  return { getRetryCount: () => retries, getRetryDelay: () => 0 };
}
