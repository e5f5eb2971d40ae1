import type { Timings } from './timings.ts';

/** Launches in a row that may fail before ECS waits in between. */
const FREE_LAUNCHES = 2;

/**
 * Tells how long the next launch of a deployment waits after `level` launches in a row that never got to
 * RUNNING: nothing at first, then doubling up to 15 minutes (both before the time scale).
 *
 * Tasks launched together count as one launch. Tasks that ran and died are not held back at all.
 * Source: ECS guide, service-throttle-logic (the cap and what counts; AWS does not publish the steps).
 */
export function backOffMs(level: number, timings: Timings): number {
  if (level < FREE_LAUNCHES) return 0;
  return Math.min(timings.backOffMaxMs, timings.backOffBaseMs * 2 ** (level - FREE_LAUNCHES));
}
