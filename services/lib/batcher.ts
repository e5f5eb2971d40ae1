import type { Clock } from './clock.ts';

export interface BatchLimits {
  /** Most items of one call. */
  entries: number;
  /** Most bytes of one call, all items together. */
  bytes: number;
  /** Most calls in flight at once. */
  inFlight: number;
  /** Longest time an item waits for company while a call is in flight and another could start, in milliseconds. */
  lingerMs: number;
  /** Most items waiting; the next one is refused. */
  queued: number;
}

export interface BatcherOptions<Item, Result> {
  limits: BatchLimits;
  clock: Clock;
  sizeOf: (item: Item) => number;
  /** Sends one batch; results in the order of the items. What it throws is the answer to each of them. */
  send: (items: readonly Item[]) => Promise<readonly Result[]>;
}

export interface Batcher<Item, Result> {
  /** Gives this item's own result. Rejects with `QueueFullError` or `ItemTooLargeError` without sending. */
  add(item: Item): Promise<Result>;
  /** Sends what waits and resolves when every call has ended; items may still be added. */
  flush(): Promise<void>;
}

export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

export class ItemTooLargeError extends Error {
  override readonly name = 'ItemTooLargeError';
}

interface Waiting<Item, Result> {
  item: Item;
  sizeBytes: number;
  resolve: (result: Result) => void;
  reject: (reason: unknown) => void;
}

/**
 * Makes a batcher that adds no wait of its own at low load and fills its calls at high load.
 *
 * The first item goes out at once. While a call is in flight, items gather and go out when they fill a call, when no
 * call is in flight any more, or after `lingerMs`, whichever is first, and never more than `inFlight` calls at a time.
 * Order is kept. The end of one call of several sends nothing that is not due: what its callers ask next belongs to the
 * same call as what waits, and a call costs more than an item.
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): Batcher<Item, Result> {
  const { limits, clock, sizeOf, send } = options;
  const waiting: Waiting<Item, Result>[] = [];
  const calls = new Set<Promise<void>>();
  let waitingBytes = 0;
  /** Ends when what waits has waited for `lingerMs`; a sleep that is not this one any more ends without effect. */
  let linger: Promise<void> | undefined;
  /** What waits has waited for `lingerMs` and no call was free. */
  let isOverdue = false;

  function add(item: Item): Promise<Result> {
    const sizeBytes = sizeOf(item);
    if (sizeBytes > limits.bytes) {
      return Promise.reject(new ItemTooLargeError(`${sizeBytes} bytes are more than ${limits.bytes}.`));
    }
    if (waiting.length >= limits.queued) {
      return Promise.reject(new QueueFullError(`${waiting.length} items are waiting already.`));
    }
    return new Promise((resolve, reject) => {
      waiting.push({ item, sizeBytes, resolve, reject });
      waitingBytes += sizeBytes;
      if (calls.size === 0 || isFull()) dispatch();
      else startLinger();
    });
  }

  const isFull = (): boolean => waiting.length >= limits.entries || waitingBytes >= limits.bytes;

  function dispatch(): void {
    while (waiting.length > 0 && calls.size < limits.inFlight) {
      const call = deliver(takeBatch()).finally(() => {
        calls.delete(call);
        if (calls.size === 0 || isOverdue || isFull()) dispatch();
      });
      calls.add(call);
    }
    if (waiting.length === 0) {
      linger = undefined;
      isOverdue = false;
    } else if (!isOverdue) startLinger();
  }

  function startLinger(): void {
    if (linger !== undefined) return;
    const mine = clock.sleep(limits.lingerMs);
    linger = mine;
    void mine.then(() => {
      if (linger !== mine) return;
      linger = undefined;
      isOverdue = true;
      dispatch();
    });
  }

  function takeBatch(): Waiting<Item, Result>[] {
    let bytes = 0;
    let count = 0;
    for (const { sizeBytes } of waiting) {
      if (count === limits.entries || bytes + sizeBytes > limits.bytes) break;
      bytes += sizeBytes;
      count += 1;
    }
    waitingBytes -= bytes;
    return waiting.splice(0, count);
  }

  async function deliver(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await send(batch.map(({ item }) => item));
      if (results.length !== batch.length) {
        throw new Error(`${results.length} results came for ${batch.length} items.`);
      }
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function flush(): Promise<void> {
    dispatch();
    while (calls.size > 0) await Promise.all(calls);
  }

  return { add, flush };
}
