/** Something that does what is due when it is asked to, and can tell when that is next. */
export type TimedWork = {
  advance(now: number): void;
  /** Epoch milliseconds, `undefined` while nothing is due. */
  nextDueAt(): number | undefined;
  /** Calls back whenever what is due may have changed. */
  onChange(listener: () => void): void;
};

/** The longest wait of one timer; what is due later is looked at again then. */
const LONGEST_WAIT_MS = 60_000;

/** Work that broke and is still due is left alone for so long, so that it does not spin. */
const REST_AFTER_BUG_MS = 1000;

/**
 * Lets work happen when it is due, in real time, with one timer. An error of the work goes to `onBug` and
 * the work goes on: what is due later at its time, what is still due a second later. Gives a function that
 * ends it.
 */
export function driveLive(work: TimedWork, now: () => number, onBug: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let restsUntil = Number.NEGATIVE_INFINITY;

  function arm(): void {
    clearTimeout(timer);
    const dueAt = work.nextDueAt();
    if (ended || dueAt === undefined) return;
    const at = now();
    const wait = dueAt > at ? dueAt - at : Math.max(0, restsUntil - at);
    timer = setTimeout(run, Math.min(wait, LONGEST_WAIT_MS));
  }

  function run(): void {
    try {
      work.advance(now());
    } catch (error) {
      restsUntil = now() + REST_AFTER_BUG_MS;
      onBug(error);
    }
    arm();
  }

  work.onChange(arm);
  arm();
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
