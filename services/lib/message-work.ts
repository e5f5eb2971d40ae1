import type { Logger } from 'pino';
import { backoffMs } from './backoff.ts';
import { createBatcher } from './batcher.ts';
import type { Clock } from './clock.ts';
import type { Queue, QueueMessage } from './queue.ts';

/** Thrown by `process` for a message that no retry can help: it goes to the dead-letter queue without delay. */
export class PoisonMessageError extends Error {
  override readonly name = 'PoisonMessageError';
}

export interface MessageWork {
  /** Works on one message to its end: deleted, hidden for a back-off, or given up. Never rejects. */
  run(message: QueueMessage): Promise<void>;
  /** Makes a message visible to other consumers at once. Never rejects. */
  release(message: QueueMessage): Promise<void>;
  /** Aborts what is in work; its messages are left to `release`. */
  giveUp(): void;
  /** Resolves when all that was decided has been told to SQS. */
  flush(): Promise<void>;
}

export interface MessageWorkDeps {
  queue: Queue;
  /** Resolves once the message may be deleted; rejects to have it delivered again later. */
  process: (message: QueueMessage, signal: AbortSignal) => Promise<void>;
  /** For how long a received message is hidden from others, in seconds; renewed at half time. */
  visibilitySeconds: number;
  clock: Clock;
  random: () => number;
  log: Logger;
}

const retryDelay = { baseMs: 2_000, maxMs: 900_000 };
const limits = { entries: 10, bytes: Number.POSITIVE_INFINITY, inFlight: 8, lingerMs: 20, queued: 10_000 };

export function createMessageWork(deps: MessageWorkDeps): MessageWork {
  const { queue, clock, log, visibilitySeconds } = deps;
  const renewEveryMs = visibilitySeconds * 500;
  const givenUp = new AbortController();
  /** When each message in work is to be hidden once more, in epoch milliseconds; the first is due first. */
  const due = new Map<QueueMessage, number>();
  let watch: AbortController | undefined;
  const sizeOf = () => 0;
  const deletions = createBatcher({ limits, clock, sizeOf, send: queue.delete });
  const visibilities = createBatcher({ limits, clock, sizeOf, send: queue.setVisibility });

  async function run(message: QueueMessage): Promise<void> {
    begin(message);
    try {
      await deps.process(message, givenUp.signal);
      end(message);
      const gone = await deletions.add(message.receiptHandle);
      if (!gone) log.warn({ messageId: message.id }, 'not deleted; it will come again');
    } catch (error) {
      end(message);
      if (!givenUp.signal.aborted) await retryLater(message, error);
    }
  }

  function begin(message: QueueMessage): void {
    due.set(message, clock.now() + renewEveryMs);
    if (watch !== undefined) return;
    watch = new AbortController();
    void keepHidden(watch.signal);
  }

  function end(message: QueueMessage): void {
    due.delete(message);
    if (due.size > 0) return;
    watch?.abort();
    watch = undefined;
  }

  async function retryLater(message: QueueMessage, error: unknown): Promise<void> {
    const { id: messageId, receiveCount } = message;
    const isPoison = error instanceof PoisonMessageError;
    const seconds = isPoison ? 0 : Math.ceil(backoffMs(receiveCount, retryDelay, deps.random) / 1000);
    log.error({ err: error, messageId, receiveCount, againInSeconds: seconds }, 'message not done');
    await hideFor(message, seconds);
  }

  /** One timer for all that is in work: a message more costs next to nothing. */
  async function keepHidden(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const [next = 0] = due.values();
      await clock.sleep(Math.max(0, next - clock.now()), signal).catch(() => undefined);
      if (!signal.aborted) renewDue();
    }
  }

  function renewDue(): void {
    const now = clock.now();
    for (const [message, at] of due) {
      if (at > now) return;
      due.delete(message);
      due.set(message, now + renewEveryMs);
      void hideFor(message, visibilitySeconds);
    }
  }

  async function hideFor({ receiptHandle, id }: QueueMessage, seconds: number): Promise<void> {
    await visibilities
      .add({ receiptHandle, seconds })
      .catch((error: unknown) => log.warn({ err: error, messageId: id }, 'visibility not changed'));
  }

  async function flush(): Promise<void> {
    await Promise.all([deletions.flush(), visibilities.flush()]);
  }

  function giveUp(): void {
    givenUp.abort();
    watch?.abort();
    due.clear();
  }

  return { run, release: (message) => hideFor(message, 0), giveUp, flush };
}
