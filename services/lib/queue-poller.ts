import type { Logger } from 'pino';
import { backoffMs } from './backoff.ts';
import { createBatcher } from './batcher.ts';
import type { Clock } from './clock.ts';
import type { Queue, QueueMessage } from './queue.ts';

/** Thrown by `process` for a message that no retry can help: it goes to the dead-letter queue without delay. */
export class PoisonMessageError extends Error {
  override readonly name = 'PoisonMessageError';
}

export interface PollerSettings {
  /** Most messages in work at once. */
  inFlight: number;
  /** Receive calls at once. */
  receivers: number;
  /** Long poll, in seconds; 20 is the most SQS takes. */
  waitSeconds: number;
  /** For how long a received message is hidden from others; renewed at half time while it is in work. */
  visibilitySeconds: number;
  /** Pause after an empty poll, in milliseconds. */
  pauseMs: number;
  /** On close: for how long a receive call under way may still bring messages, in milliseconds. */
  receiveGraceMs: number;
  /** On close: for how long messages in work may still be finished, in milliseconds. */
  finishMs: number;
}

export interface QueuePoller {
  start(): void;
  /** Stops receiving; what is in work goes on. */
  stop(): void;
  /** Stops, finishes what is in work and makes the rest visible to other consumers at once. Never rejects. */
  close(): Promise<void>;
  /** When a receive call last ended, well or badly, epoch milliseconds: a loop that hangs is seen by it. */
  lastPollAt(): number;
  /** Whether the last receive call failed. */
  isFailing(): boolean;
}

export interface PollerDeps {
  queue: Queue;
  /** Resolves once the message may be deleted; rejects to have it delivered again later. */
  process: (message: QueueMessage, signal: AbortSignal) => Promise<void>;
  settings: PollerSettings;
  clock: Clock;
  random: () => number;
  log: Logger;
}

const retryDelay = { baseMs: 2_000, maxMs: 900_000 };
const receiveDelay = { baseMs: 500, maxMs: 30_000 };
const batchLimits = { entries: 10, bytes: 256 * 1024, inFlight: 8, lingerMs: 20, queued: 10_000 };

/**
 * Makes a consumer loop that goes on receiving while messages are in work, up to `inFlight` of them.
 *
 * A message is deleted only after `process` has resolved. When it rejects, the message comes back after a back-off
 * with full jitter (at most 2 s · 2^deliveries, 15 minutes), and the queue's redrive policy decides when it is parked.
 */
export function createQueuePoller(deps: PollerDeps): QueuePoller {
  const { queue, settings, clock, random, log } = deps;
  const stopping = new AbortController();
  const receiving = new AbortController();
  const giveUp = new AbortController();
  const inWork = new Map<string, { message: QueueMessage; done: Promise<void> }>();
  const receivers: Promise<void>[] = [];
  const roomWanted: (() => void)[] = [];
  let reserved = 0;
  let lastPollAt = clock.now();
  let failures = 0;

  const deletions = createBatcher<string, boolean>({
    limits: batchLimits,
    clock,
    sizeOf: () => 0,
    send: (handles) => queue.delete(handles),
  });
  const visibilities = createBatcher<{ receiptHandle: string; seconds: number }, boolean>({
    limits: batchLimits,
    clock,
    sizeOf: () => 0,
    send: (entries) => queue.setVisibility(entries),
  });

  async function receiveLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const room = await takeRoom();
      const messages = stopping.signal.aborted ? [] : await tryReceive(room);
      freeRoom(room - (messages?.length ?? 0));
      for (const message of messages ?? []) accept(message);
      const pauseMs = messages === undefined ? backoffMs(failures, receiveDelay, random) : settings.pauseMs;
      if (!messages?.length && pauseMs > 0) {
        await clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
      }
    }
  }

  /** `undefined` when SQS did not answer; that is logged, and the loop goes on. */
  async function tryReceive(count: number): Promise<QueueMessage[] | undefined> {
    try {
      const { waitSeconds, visibilitySeconds } = settings;
      const messages = await queue.receive({ count, waitSeconds, visibilitySeconds }, receiving.signal);
      failures = 0;
      return messages;
    } catch (error) {
      if (receiving.signal.aborted) return [];
      failures += 1;
      log.error({ err: error, failures }, 'receive failed');
      return undefined;
    } finally {
      lastPollAt = clock.now();
    }
  }

  function accept(message: QueueMessage): void {
    if (stopping.signal.aborted) {
      freeRoom(1);
      void hideFor(message, 0);
      return;
    }
    const done = work(message).finally(() => {
      inWork.delete(message.receiptHandle);
      freeRoom(1);
    });
    inWork.set(message.receiptHandle, { message, done });
  }

  async function work(message: QueueMessage): Promise<void> {
    const ended = new AbortController();
    void keepHidden(message, ended.signal);
    try {
      await deps.process(message, giveUp.signal);
      ended.abort();
      const gone = await deletions.add(message.receiptHandle);
      if (!gone) log.warn({ messageId: message.id }, 'not deleted; it will come again');
    } catch (error) {
      ended.abort();
      if (giveUp.signal.aborted) return;
      const { id: messageId, receiveCount } = message;
      const isPoison = error instanceof PoisonMessageError;
      const seconds = isPoison ? 0 : Math.ceil(backoffMs(receiveCount, retryDelay, random) / 1000);
      log.error({ err: error, messageId, receiveCount, againInSeconds: seconds }, 'message not done');
      await hideFor(message, seconds);
    }
  }

  async function keepHidden(message: QueueMessage, ended: AbortSignal): Promise<void> {
    const { visibilitySeconds } = settings;
    while (!ended.aborted && !giveUp.signal.aborted) {
      await clock.sleep(visibilitySeconds * 500, ended).catch(() => undefined);
      if (!ended.aborted && !giveUp.signal.aborted) await hideFor(message, visibilitySeconds);
    }
  }

  async function hideFor({ receiptHandle, id }: QueueMessage, seconds: number): Promise<void> {
    await visibilities
      .add({ receiptHandle, seconds })
      .catch((error: unknown) => log.warn({ err: error, messageId: id }, 'visibility not changed'));
  }

  /** Waits for room and takes all of it, up to what one receive call can bring. */
  async function takeRoom(): Promise<number> {
    while (reserved >= settings.inFlight && !stopping.signal.aborted) {
      await new Promise<void>((resolve) => roomWanted.push(resolve));
    }
    const room = Math.min(10, Math.max(1, settings.inFlight - reserved));
    reserved += room;
    return room;
  }

  function freeRoom(count: number): void {
    reserved -= count;
    if (count > 0) for (const wake of roomWanted.splice(0)) wake();
  }

  function stop(): void {
    if (stopping.signal.aborted) return;
    stopping.abort();
    for (const wake of roomWanted.splice(0)) wake();
  }

  async function close(): Promise<void> {
    stop();
    // A busy queue answers within milliseconds, and what it brings is released; a long poll on an empty one is cut.
    await within(settings.receiveGraceMs, Promise.all(receivers));
    receiving.abort();
    await Promise.all(receivers);
    await within(settings.finishMs, Promise.all([...inWork.values()].map(({ done }) => done)));
    giveUp.abort();
    const rest = [...inWork.values()];
    if (rest.length > 0) log.warn({ messages: rest.length }, 'releasing messages that were not finished');
    await Promise.all(rest.map(({ message }) => hideFor(message, 0)));
    await Promise.allSettled([deletions.flush(), visibilities.flush()]);
  }

  /** Resolves when `work` has ended or the time is up, whichever is first. */
  async function within(ms: number, work: Promise<unknown>): Promise<void> {
    const ended = new AbortController();
    const timer = clock.sleep(ms, ended.signal).catch(() => undefined);
    await Promise.race([work, timer]);
    ended.abort();
  }

  return {
    start: () => {
      lastPollAt = clock.now();
      for (let index = 0; index < settings.receivers; index += 1) receivers.push(receiveLoop());
    },
    stop,
    close,
    lastPollAt: () => lastPollAt,
    isFailing: () => failures > 0,
  };
}
