import type { Timer } from '../timer.ts';

export interface IdleWatchOptions {
  timer: Timer;
  now(): number;
  idleMs: number;
  /** Ends the watch. */
  signal: AbortSignal;
}

/**
 * Calls `onIdle` once when `idleMs` have passed without a touch. Returns the touch: call it whenever bytes
 * move in either direction. A touch costs nothing but a clock reading: the timer is set anew only when due.
 */
export function watchIdle(options: IdleWatchOptions, onIdle: () => void): () => void {
  const { timer, now, idleMs, signal } = options;
  let lastAt = now();
  const wait = (ms: number) =>
    timer.after(
      ms,
      () => {
        const left = lastAt + idleMs - now();
        if (left <= 0) onIdle();
        else wait(left);
      },
      signal,
    );
  wait(idleMs);
  return () => {
    lastAt = now();
  };
}
