import type { Clock } from '../../lib/clock.ts';
import type { Queue, QueueMessage } from '../../lib/queue.ts';

interface Waiting {
  readonly body: string;
  receives: number;
  visibleAt: number;
}

/** SQS with visibility time-outs and a redrive policy, in the time of a clock. */
export interface QueueDouble {
  readonly queue: Queue;
  /** Messages that have been neither deleted nor parked, by id: `m0`, `m1`, … */
  readonly waiting: ReadonlyMap<string, { readonly receives: number }>;
  /** Ids of those that came to be too many deliveries. */
  readonly parked: readonly string[];
  put(body: string): void;
}

/** How often a message is delivered before it is parked. */
const mostReceives = 5;

export function createQueueDouble(clock: Clock): QueueDouble {
  const waiting = new Map<string, Waiting>();
  const parked: string[] = [];
  let count = 0;

  function take(most: number, seconds: number): QueueMessage[] {
    const taken: QueueMessage[] = [];
    for (const [id, message] of waiting) {
      if (taken.length === most) break;
      if (message.visibleAt > clock.now()) continue;
      if (message.receives === mostReceives) {
        waiting.delete(id);
        parked.push(id);
        continue;
      }
      message.receives += 1;
      message.visibleAt = clock.now() + seconds * 1_000;
      taken.push({ id, body: message.body, receiptHandle: id, sentAt: 0, receiveCount: message.receives });
    }
    return taken;
  }

  const queue: Queue = {
    async receive({ count: most, waitSeconds, visibilitySeconds }, signal) {
      const endsAt = clock.now() + waitSeconds * 1_000;
      for (;;) {
        const taken = take(most, visibilitySeconds);
        if (taken.length > 0 || clock.now() >= endsAt) return taken;
        await clock.sleep(100, signal);
      }
    },
    async delete(handles) {
      return handles.map((handle) => waiting.delete(handle));
    },
    async setVisibility(entries) {
      return entries.map(({ receiptHandle, seconds }) => {
        const message = waiting.get(receiptHandle);
        if (message) message.visibleAt = clock.now() + seconds * 1_000;
        return message !== undefined;
      });
    },
  };
  return {
    queue,
    waiting,
    parked,
    put(body) {
      waiting.set(`m${count}`, { body, receives: 0, visibleAt: 0 });
      count += 1;
    },
  };
}
