export interface Slots {
  /** Waits until one is free and takes as many as are, up to `most`; 0 once closed. */
  take(most: number): Promise<number>;
  free(count: number): void;
  /** Wakes everybody who waits; nothing is given any more. */
  close(): void;
}

/** Makes a fixed number of places for work in progress. */
export function createSlots(limit: number): Slots {
  const waiting: (() => void)[] = [];
  let taken = 0;
  let closed = false;

  function wakeAll(): void {
    for (const wake of waiting.splice(0)) wake();
  }

  return {
    async take(most) {
      while (taken >= limit && !closed) await new Promise<void>((resolve) => waiting.push(resolve));
      if (closed) return 0;
      const count = Math.min(most, limit - taken);
      taken += count;
      return count;
    },
    free(count) {
      taken -= count;
      if (count > 0) wakeAll();
    },
    close() {
      closed = true;
      wakeAll();
    },
  };
}
