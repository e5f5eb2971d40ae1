/** Lets so much work be under way at the same time, the rest in the order it came. */
export class Lanes {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Does `work` when its turn has come; raising `signal` before that takes it out and throws its reason. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      return await work();
    } finally {
      // Handed over, not set free: nobody slips in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async #enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#free === 0) await this.#turn(signal);
    else this.#free -= 1;
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((done, fail) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(come), 1);
        fail(signal?.reason);
      };
      const come = () => {
        signal?.removeEventListener('abort', leave);
        done();
      };
      this.#waiting.push(come);
      signal?.addEventListener('abort', leave, { once: true });
    });
  }
}
