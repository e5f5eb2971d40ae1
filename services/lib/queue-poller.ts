import type { Logger } from 'pino';
import { backoffMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import { createMessageWork, type MessageWorkDeps } from './message-work.ts';
import type { Queue, QueueMessage } from './queue.ts';
import { createSlots } from './slots.ts';

export interface PollerSettings {
  /** Most messages in work at once. */
  inFlight: number;
  /** Receive calls at once. */
  receivers: number;
  /** Long poll, in seconds; 20 is the most SQS takes. */
  waitSeconds: number;
  /** For how long a received message is hidden from others, in seconds; renewed at half time while it is in work. */
  visibilitySeconds: number;
  /** Pause after an empty poll, in milliseconds. */
  pauseMs: number;
  /** On close: for how long a receive call under way may still bring messages, in milliseconds. */
  receiveGraceMs: number;
  /** On close: for how long messages in work may still be finished, in milliseconds. */
  finishMs: number;
}

export interface PollerDeps {
  queue: Queue;
  process: MessageWorkDeps['process'];
  settings: PollerSettings;
  clock: Clock;
  random: () => number;
  log: Logger;
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

/** What one receive call may bring. */
const mostPerCall = 10;
const receiveDelay = { baseMs: 500, maxMs: 30_000 };

/**
 * Makes a consumer loop that goes on receiving while messages are in work, up to `inFlight` of them.
 *
 * A message is deleted only after `process` has resolved. When it rejects, the message comes back after a back-off
 * with full jitter (at most 2 s · 2^deliveries, 15 minutes), and the queue's redrive policy decides when it is parked.
 */
export function createQueuePoller(deps: PollerDeps): QueuePoller {
  const { queue, settings, clock, random, log } = deps;
  const work = createMessageWork({ ...deps, visibilitySeconds: settings.visibilitySeconds });
  const slots = createSlots(settings.inFlight);
  const stopping = new AbortController();
  const receiving = new AbortController();
  const inWork = new Map<QueueMessage, Promise<void>>();
  const receivers: Promise<void>[] = [];
  let lastPollAt = clock.now();
  let failures = 0;

  async function receiveLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const room = await slots.take(mostPerCall);
      if (room === 0) return;
      const messages = await tryReceive(room);
      slots.free(room - (messages?.length ?? 0));
      for (const message of messages ?? []) accept(message);
      if (messages?.length) continue;
      const pauseMs = messages === undefined ? backoffMs(failures, receiveDelay, random) : settings.pauseMs;
      if (pauseMs > 0) await clock.sleep(pauseMs, stopping.signal).catch(() => undefined);
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

  /** What a call brings that was under way when the stop came is given back. */
  function accept(message: QueueMessage): void {
    const done = stopping.signal.aborted ? work.release(message) : work.run(message);
    inWork.set(
      message,
      done.finally(() => {
        inWork.delete(message);
        slots.free(1);
      }),
    );
  }

  function stop(): void {
    stopping.abort();
    slots.close();
  }

  async function close(): Promise<void> {
    stop();
    // A busy queue answers within milliseconds, and what it brings is given back; a long poll on an empty one is cut.
    await within(settings.receiveGraceMs, Promise.all(receivers));
    receiving.abort();
    await Promise.all(receivers);
    await within(settings.finishMs, Promise.all(inWork.values()));
    const rest = [...inWork.keys()];
    if (rest.length > 0) log.warn({ messages: rest.length }, 'releasing messages that were not finished');
    work.giveUp();
    await Promise.all(rest.map(work.release));
    await work.flush();
  }

  /** Resolves when `ending` has, or when the time is up. */
  async function within(ms: number, ending: Promise<unknown>): Promise<void> {
    const ended = new AbortController();
    const timer = clock.sleep(ms, ended.signal).catch(() => undefined);
    await Promise.race([ending, timer]);
    ended.abort();
  }

  return {
    start() {
      lastPollAt = clock.now();
      for (let index = 0; index < settings.receivers; index += 1) receivers.push(receiveLoop());
    },
    stop,
    close,
    lastPollAt: () => lastPollAt,
    isFailing: () => failures > 0,
  };
}
