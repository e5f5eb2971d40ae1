/** Wakes something later; real in a running local AWS, virtual in tests. */
export interface Timer {
  /** Calls `run` once after `ms` milliseconds, unless `signal` has been raised by then. */
  after(ms: number, run: () => void, signal?: AbortSignal): void;
}

/** The machine's own timer. A pending call does not keep the process alive. */
export const machineTimer: Timer = {
  after(ms, run, signal) {
    if (signal?.aborted) return;
    const stop = () => clearTimeout(handle);
    const handle = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      run();
    }, ms);
    handle.unref();
    signal?.addEventListener('abort', stop, { once: true });
  },
};
