import type { Clock } from '../../src/clock.ts';

/** A clock that stands still until someone sleeps: `sleep` moves it on at once and notes the time asked for. */
export interface VirtualClock extends Clock {
  readonly sleeps: readonly number[];
  advance(ms: number): void;
}

export function virtualClock(startAt = Date.UTC(2026, 10, 21)): VirtualClock {
  let at = startAt;
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => at,
    advance: (ms) => {
      at += ms;
    },
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      sleeps.push(ms);
      at += ms;
    },
  };
}
