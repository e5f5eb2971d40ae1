/** When one subject was checked, epoch milliseconds, in any order. */
export interface CheckTimes {
  /** A target or a container. */
  subject: string;
  /** The beginning of each check. */
  startedAt: readonly number[];
}

export interface Punctuality {
  subjects: number;
  checks: number;
  /** Whole intervals between two checks of one subject in which none was begun. */
  missed: number;
  /** The longest that a check came after its interval, in milliseconds. */
  latestMs: number;
}

/**
 * Counts the intervals that were missed. `intervalMs` is from the beginning of a check to that of the next; a
 * check that comes late, but before the next one is due, has missed none.
 */
export function judgePunctuality(times: readonly CheckTimes[], intervalMs: number): Punctuality {
  const gaps = times.flatMap(({ startedAt }) => {
    const sorted = [...startedAt].sort((a, b) => a - b);
    return sorted.slice(1).map((at, index) => at - (sorted[index] ?? at));
  });
  return {
    subjects: times.length,
    checks: times.reduce((sum, { startedAt }) => sum + startedAt.length, 0),
    missed: gaps.reduce((sum, gap) => sum + Math.max(0, Math.floor(gap / intervalMs) - 1), 0),
    latestMs: Math.max(0, ...gaps.map((gap) => gap - intervalMs)),
  };
}
