import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';

const retryDelay = { baseMs: 500, maxMs: 10_000 };

/**
 * Does something again and again while what it needs is away, for at most `patienceMs`: for work on a message, which
 * is parked after a few deliveries although nothing is wrong with it. Rejects with the last fault, and at once with one
 * that does not pass; what is done must be safe to do twice.
 */
export async function outlast<Result>(
  work: () => Promise<Result>,
  options: {
    patienceMs: number;
    mayPass: (error: unknown) => boolean;
    clock: Clock;
    random: () => number;
    signal: AbortSignal;
  },
): Promise<Result> {
  const { patienceMs, mayPass, clock, random, signal } = options;
  const end = clock.now() + patienceMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const pauseMs = backoffMs(tries, retryDelay, random);
      if (signal.aborted || !mayPass(error) || clock.now() + pauseMs >= end) throw error;
      await clock.sleep(pauseMs, signal);
    }
  }
}
