/** Things to happen at given moments of virtual time, in the order of their moments, then of their entry. */
export interface Agenda {
  now(): number;
  /** Enters `act` for `afterMs` from now; the function returned takes it out again. */
  after(afterMs: number, act: () => void): () => void;
  nextDueAt(): number | undefined;
  /** Does everything due up to `now`, each at its own moment. */
  advance(now: number): void;
}

interface Entry {
  dueAt: number;
  act: () => void;
}

/** An empty agenda that begins at `startsAt`, epoch milliseconds. */
export function createAgenda(startsAt = 0): Agenda {
  let time = startsAt;
  const entries: Entry[] = [];

  return {
    now: () => time,
    after(afterMs, act) {
      const entry = { dueAt: time + afterMs, act };
      const at = entries.findIndex((other) => other.dueAt > entry.dueAt);
      entries.splice(at < 0 ? entries.length : at, 0, entry);
      return () => {
        const index = entries.indexOf(entry);
        if (index >= 0) entries.splice(index, 1);
      };
    },
    nextDueAt: () => entries[0]?.dueAt,
    advance(now) {
      for (let next = entries[0]; next !== undefined && next.dueAt <= now; next = entries[0]) {
        entries.shift();
        time = Math.max(time, next.dueAt);
        next.act();
      }
      time = Math.max(time, now);
    },
  };
}
