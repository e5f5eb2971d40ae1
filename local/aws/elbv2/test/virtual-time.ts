import type { Timer } from '../timer.ts';

type Due = { at: number; run: () => void; signal?: AbortSignal };

/** A clock and timer that only move when told to. */
export class VirtualTime implements Timer {
  #now = 1_800_000_000_000;
  #due: Due[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void, signal?: AbortSignal): void {
    this.#due.push({ at: this.#now + ms, run, signal });
  }

  /** Moves forward and runs what is due on the way, in order, letting promises settle after each. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (await settle(); ; await settle()) {
      this.#due = this.#due.filter(({ signal }) => !signal?.aborted).sort((a, b) => a.at - b.at);
      const next = this.#due[0];
      if (!next || next.at > end) break;
      this.#due.shift();
      this.#now = next.at;
      next.run();
    }
    this.#now = end;
  }
}

/** Lets every promise that is already resolvable run on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
