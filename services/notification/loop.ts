import type { Clock } from '../lib/clock.ts';

/** Work that is done again and again. */
export interface Loop {
  start(): void;
  /** Has it done at once instead of after the pause. */
  wake(): void;
  /** Resolves when the turn under way has ended. */
  stop(): Promise<void>;
}

/**
 * Makes a loop of `turn`, which says whether there is more to do at once. A turn that fails is told to `onFault` and
 * tried again after `faultPauseMs`.
 */
export function createLoop(options: {
  clock: Clock;
  turn: () => Promise<boolean>;
  pauseMs: number;
  faultPauseMs: number;
  onFault: (error: unknown) => void;
}): Loop {
  const { clock, turn, pauseMs, faultPauseMs, onFault } = options;
  const stopping = new AbortController();
  let waking = new AbortController();
  let running: Promise<void> | undefined;

  async function takeTurn(): Promise<number> {
    try {
      return (await turn()) ? 0 : pauseMs;
    } catch (error) {
      onFault(error);
      return faultPauseMs;
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pause = await takeTurn();
      if (pause > 0) {
        const signal = AbortSignal.any([stopping.signal, waking.signal]);
        await clock.sleep(pause, signal).catch(() => undefined);
      }
      if (waking.signal.aborted) waking = new AbortController();
    }
  }

  return {
    start() {
      running = run();
    },
    wake: () => waking.abort(),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
