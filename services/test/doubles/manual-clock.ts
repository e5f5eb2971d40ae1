import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../lib/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on and lets everything that became due, and what follows from it, run. */
  advance(ms: number): Promise<void>;
  /** Sleepers that are waiting now. */
  sleeping(): number;
}

/** A clock that stands still until it is told to move. */
export function createManualClock(startMs = 1_700_000_000_000): ManualClock {
  let now = startMs;
  const sleepers = new Set<{ at: number; wake: () => void }>();

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const sleeper = { at: now + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener('abort', () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      });
    });
  }

  async function advance(ms: number): Promise<void> {
    const end = now + ms;
    await settle();
    for (;;) {
      const next = [...sleepers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      sleepers.delete(next);
      now = Math.max(now, next.at);
      next.wake();
      await settle();
    }
    now = end;
  }

  return { now: () => now, sleep, advance, sleeping: () => sleepers.size };
}

/** Lets promises that are ready run to where they wait for time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}
