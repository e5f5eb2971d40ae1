/** What the time of the next reading depends on. Times are epoch milliseconds. */
export interface Pace {
  now: number;
  startedAt: number;
  /** When something last changed in what was read. */
  lastChangeAt: number;
  /** Calls made so far in this wait. */
  calls: number;
  /** Services followed, at least 1. */
  services: number;
  /** True when all that is open rolls back already: its cause is told, only its end is waited for. */
  rollingBack: boolean;
  /** Throttled or failed readings in a row. */
  setbacks: number;
  deadlineAt: number;
}

/** Mean gap between two readings while things move. With jitter it stays under 1.4 s. */
const BRISK_MS = 1_150;
/** Mean gap while everything goes back: the cause is told, the end is not far. */
const GOING_BACK_MS = 1_600;
/** Mean gap once nothing has changed for a while, as in a bake; still green less than 3 s after ECS. */
const CALM_MS = 2_400;
const CALM_AFTER_MS = 60_000;
/** The longest gap after throttling. */
const LONGEST_BACKOFF_MS = 15_000;
/** Calls that may be spent ahead of the budget, for instance to fetch the cause of a failure at once. */
const BURST_CALLS = 6;

/**
 * Gives the time (epoch milliseconds) of the next reading.
 *
 * Brisk while something changes, calmer after a quiet minute, backing off when throttled, never past the
 * deadline, and never so fast that the wait as a whole exceeds one call a second and service.
 * `random` gives numbers in [0, 1) and spreads the callers that started at the same moment.
 */
export function nextPollAt(pace: Pace, random: () => number): number {
  const gap = pace.setbacks > 0 ? backoffMs(pace.setbacks, random) : restMs(pace, random);
  const budgetAt = pace.startedAt + ((pace.calls - BURST_CALLS) * 1_000) / pace.services;
  return Math.max(pace.now, Math.min(pace.deadlineAt, Math.max(pace.now + gap, budgetAt)));
}

function restMs(pace: Pace, random: () => number): number {
  const isCalm = pace.now - pace.lastChangeAt > CALM_AFTER_MS;
  const mean = isCalm ? CALM_MS : pace.rollingBack ? GOING_BACK_MS : BRISK_MS;
  return mean * (0.8 + 0.4 * random());
}

function backoffMs(setbacks: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_BACKOFF_MS, BRISK_MS * 2 ** setbacks);
  return ceiling * (0.5 + 0.5 * random());
}
