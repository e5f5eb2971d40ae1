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

/**
 * Lets work happen when it is due, in real time, with one timer. An error of the work goes to `onBug` and
 * the work goes on. Gives a function that ends it.
 */
export function driveLive(work: TimedWork, now: () => number, onBug: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  function arm(): void {
    clearTimeout(timer);
    const dueAt = work.nextDueAt();
    if (ended || dueAt === undefined) return;
    timer = setTimeout(run, Math.min(Math.max(0, dueAt - now()), LONGEST_WAIT_MS));
  }

  function run(): void {
    try {
      work.advance(now());
    } catch (error) {
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
