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
  const givenUp = new AbortController();
  const sizeOf = () => 0;
  const deletions = createBatcher({ limits, clock, sizeOf, send: queue.delete });
  const visibilities = createBatcher({ limits, clock, sizeOf, send: queue.setVisibility });

  async function run(message: QueueMessage): Promise<void> {
    const ended = new AbortController();
    void keepHidden(message, ended.signal);
    try {
      await deps.process(message, givenUp.signal);
      ended.abort();
      const gone = await deletions.add(message.receiptHandle);
      if (!gone) log.warn({ messageId: message.id }, 'not deleted; it will come again');
    } catch (error) {
      ended.abort();
      if (!givenUp.signal.aborted) await retryLater(message, error);
    }
  }

  async function retryLater(message: QueueMessage, error: unknown): Promise<void> {
    const { id: messageId, receiveCount } = message;
    const isPoison = error instanceof PoisonMessageError;
    const seconds = isPoison ? 0 : Math.ceil(backoffMs(receiveCount, retryDelay, deps.random) / 1000);
    log.error({ err: error, messageId, receiveCount, againInSeconds: seconds }, 'message not done');
    await hideFor(message, seconds);
  }

  async function keepHidden(message: QueueMessage, ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ended, givenUp.signal]);
    while (!signal.aborted) {
      await clock.sleep(visibilitySeconds * 500, signal).catch(() => undefined);
      if (!signal.aborted) await hideFor(message, visibilitySeconds);
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

  return { run, release: (message) => hideFor(message, 0), giveUp: () => givenUp.abort(), flush };
}
