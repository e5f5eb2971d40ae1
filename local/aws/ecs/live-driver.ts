import type { Ecs } from './ecs.ts';

/** What the driver needs of the machine's time; the global timers fit. */
export interface Timers {
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The longest a timer is set for: a later moment is come to in several steps. */
const LONGEST_MS = 60_000;

/** After an advance that threw, the next one waits at least so long. */
const AFTER_BUG_MS = 1000;

/**
 * Moves an ECS along with real time: one timer at a time, for the moment the engine names as next.
 * `onBug` gets what an advance throws; the driver goes on with the next change.
 */
export function startLiveDriver(
  ecs: Pick<Ecs, 'advance' | 'nextDueAt' | 'onChange'>,
  clock: { now(): number },
  timers: Timers,
  onBug: (error: unknown) => void,
): { stop(): void } {
  let timer: unknown;
  let timerAt: number | undefined;
  let isStopped = false;

  function clear(): void {
    if (timerAt !== undefined) timers.clearTimeout(timer);
    timerAt = undefined;
  }

  function schedule(leastMs = 0): void {
    const dueAt = ecs.nextDueAt();
    if (isStopped || dueAt === timerAt) return;
    clear();
    if (dueAt === undefined) return;
    timerAt = dueAt;
    const waitMs = Math.min(LONGEST_MS, Math.max(leastMs, dueAt - clock.now()));
    timer = timers.setTimeout(() => {
      timerAt = undefined;
      try {
        ecs.advance(clock.now());
        schedule();
      } catch (error) {
        onBug(error);
        schedule(AFTER_BUG_MS);
      }
    }, waitMs);
  }

  ecs.onChange(() => schedule());
  schedule();
  return {
    stop() {
      isStopped = true;
      clear();
    },
  };
}
