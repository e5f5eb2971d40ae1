/** One successful deployment. `content` names what it brought: equal content, equal name. */
export interface Success {
  content: string;
  /** When it ended, epoch milliseconds. */
  at: number;
}

/** A successful deployment that brought back what had served before, and what was left by it. */
export interface Return {
  to: string;
  /** What served when it began. */
  from: string;
  at: number;
}

/** What the successes of a service tell: which contents were left by going back, and each going back. */
export interface HealthyLine {
  /** By content, the newest return that left it; without those that were deployed again since. */
  left: ReadonlyMap<string, Return>;
  /** Oldest first. */
  returns: readonly Return[];
  /** True when the newest success is a return. */
  endsInReturn: boolean;
}

/**
 * Follows a service's successes and tells progress from going back: a deployment of what has served before
 * leaves everything that came after it, until that is deployed again. So "previous" after a rollback is what
 * came before both, not what was just left. `oldestFirst` is sorted by time.
 */
export function traceHealthyLine(oldestFirst: readonly Success[]): HealthyLine {
  let line: string[] = [];
  const left = new Map<string, Return>();
  const returns: Return[] = [];
  let endsInReturn = false;
  for (const { content, at } of oldestFirst) {
    const from = line.at(-1);
    const place = line.indexOf(content);
    left.delete(content);
    endsInReturn = false;
    if (place === -1) line.push(content);
    else if (from !== undefined && from !== content) {
      const back = { to: content, from, at };
      for (const gone of line.slice(place + 1)) left.set(gone, back);
      line = line.slice(0, place + 1);
      returns.push(back);
      endsInReturn = true;
    }
  }
  return { left, returns, endsInReturn };
}
