import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';

/** Work that is done again and again until it is told to stop. */
export interface Repeated {
  start(): void;
  /** Does it at once instead of after the pause. */
  wake(): void;
  /** Resolves when the work in hand is done; none follows. */
  stop(): Promise<void>;
}

/**
 * Repeats `work` with a pause of `everyMs` in between, and without one while it says that more may be waiting. What it
 * throws is logged, and it is tried again after the pause: nothing it left undone is lost, as all of it is in PostgreSQL.
 */
export function repeat(
  name: string,
  everyMs: number,
  work: () => Promise<boolean>,
  deps: { clock: Clock; log: Logger },
): Repeated {
  const { clock, log } = deps;
  const stopping = new AbortController();
  let waking = new AbortController();
  let loop: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const isMore = await work().catch((error: unknown) => {
        log.warn({ err: error, work: name }, 'work left undone; it is tried again');
        return false;
      });
      if (isMore) continue;
      const signal = AbortSignal.any([stopping.signal, waking.signal]);
      await clock.sleep(everyMs, signal).catch(() => undefined);
      if (waking.signal.aborted) waking = new AbortController();
    }
  }

  return {
    start() {
      loop = run();
    },
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
