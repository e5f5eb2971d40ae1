/** Time as an argument: `now` is epoch milliseconds; `sleep` ends early, without an error, when `signal` is raised. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Chance as an argument: a number in [0, 1). */
export type Random = () => number;

/** The wall clock. Only entry points hand it out; everything else receives a `Clock`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const timer = setTimeout(finish, Math.max(0, ms));
      signal?.addEventListener('abort', finish, { once: true });
    }),
};
