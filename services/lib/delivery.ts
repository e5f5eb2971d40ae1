import type { Logger } from 'pino';
import Value from 'typebox/value';
import {
  type DomainEvent,
  EventSchema,
  type Handling,
  maxDeliver,
  PoisonEventError,
  redeliveryMs,
  type Subscription,
} from './bus.ts';
import type { BusMetrics } from './bus-metrics.ts';
import type { Clock } from './clock.ts';
import { type Tracer, within } from './trace.ts';

/** One delivery of one message, whatever carried it. */
export interface DeliveredMessage {
  readonly text: string;
  /** Deliveries so far, this one included. */
  readonly deliveries: number;
  /** Messages of one key are handled one after the other, in the order they came. */
  readonly key: string | undefined;
  /** How often `stillWorking` is to be said, in milliseconds. */
  readonly heartbeatMs: number;
  stillWorking(): void;
  done(): void;
  again(afterMs: number): void;
  /** Keeps the message where people find it, with the reason. */
  park(reason: string): Promise<void>;
}

export interface Delivery {
  /** Handles a message to its end; never rejects. */
  take(message: DeliveredMessage): Promise<void>;
  /** Resolves when another message may be taken. */
  room(): Promise<void>;
  /** Resolves when nothing is in hand. */
  settled(): Promise<void>;
}

/** Events from further ahead than this are from a broken clock, and parked. */
const futureMs = 5 * 60_000;

/**
 * Does with a delivered message what every bus owes it: check it, hand it to its subscription, acknowledge it, or have
 * it delivered again later, or park it with its reason. At most `inFlight` are in hand, one for each key.
 */
export function createDelivery(deps: {
  subscription: Subscription;
  metrics: BusMetrics;
  log: Logger;
  clock: Clock;
  /** Without one nothing is traced. */
  tracer?: Tracer;
}): Delivery {
  const { subscription, metrics, log, clock, tracer } = deps;
  const { durable, inFlight } = subscription;
  const inHand = new Set<Promise<void>>();
  const lastOfKey = new Map<string, Promise<void>>();
  const stop = new AbortController();

  function take(message: DeliveredMessage): Promise<void> {
    const before = message.key === undefined ? undefined : lastOfKey.get(message.key);
    const work = (before ?? Promise.resolve()).then(() => handle(message));
    const tracked = work.finally(() => {
      inHand.delete(tracked);
      if (message.key !== undefined && lastOfKey.get(message.key) === tracked) lastOfKey.delete(message.key);
    });
    inHand.add(tracked);
    if (message.key !== undefined) lastOfKey.set(message.key, tracked);
    return tracked;
  }

  async function handle(message: DeliveredMessage): Promise<void> {
    const ended = new AbortController();
    void keepWorking(message, ended.signal);
    let subject = 'unknown';
    try {
      const event = parseEvent(message.text, clock.now());
      subject = event.subject;
      // Each end of a try is ours to tell: whoever it took along, as a crash does, has told none.
      if (message.deliveries > maxDeliver)
        throw new PoisonEventError(`None of its ${message.deliveries - 1} deliveries came to an end.`);
      const result = await handleTraced(event);
      message.done();
      metrics.consumed.inc({ subject, result });
    } catch (error) {
      await refuse(message, subject, error);
    } finally {
      ended.abort();
    }
  }

  /** In the trace of what caused the event; what the subscription tells in turn is caused by this handling. */
  async function handleTraced(event: DomainEvent): Promise<Handling> {
    if (!tracer) return subscription.handle(event, stop.signal);
    const { subject, trace } = event;
    const attributes = {
      'messaging.system': 'nats',
      'messaging.destination.name': subject,
      'messaging.consumer.group.name': durable,
    };
    const span = tracer.begin({ name: `handle ${subject}`, kind: 'consumer', attributes }, trace);
    const known = { ...event, trace: span.traceparent };
    try {
      const result = await within(span, () => subscription.handle(known, stop.signal));
      span.end();
      return result;
    } catch (error) {
      span.end({ error });
      throw error;
    }
  }

  async function refuse(message: DeliveredMessage, subject: string, error: unknown): Promise<void> {
    const { deliveries } = message;
    const isLast = deliveries >= maxDeliver;
    const about = { err: error, durable, subject, deliveries };
    if (!(error instanceof PoisonEventError) && !isLast) {
      const afterMs = redeliveryMs[deliveries - 1] ?? redeliveryMs[0];
      log.warn({ ...about, afterMs }, 'event not handled; it comes again');
      message.again(afterMs);
      metrics.consumed.inc({ subject, result: 'failed' });
      return;
    }
    const reason = oneLine(error instanceof Error ? error.message : String(error));
    metrics.consumed.inc({ subject, result: 'parked' });
    log.error(about, 'event parked');
    await message.park(reason).catch((fault: unknown) => {
      // Not acknowledged: the server delivers it again after its own wait, and it is parked then.
      log.error({ ...about, err: fault }, 'event could not be parked');
    });
  }

  async function keepWorking(message: DeliveredMessage, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await clock.sleep(message.heartbeatMs, ended).catch(() => undefined);
      if (!ended.aborted) message.stillWorking();
    }
  }

  return {
    take,
    async room() {
      while (inHand.size >= inFlight) await Promise.race(inHand);
    },
    async settled() {
      while (inHand.size > 0) await Promise.all(inHand);
    },
  };
}

/** Longest reason, in characters: it goes along with an event that may be nearly as large as the bus takes. */
const longestReason = 1_000;

/** As a header holds it; what a database says of a value may have several lines, and the value. */
function oneLine(text: string): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, longestReason);
}

/** Reads an envelope. Throws `PoisonEventError` for what is none, or is dated in the future. */
export function parseEvent(text: string, now: number): DomainEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PoisonEventError('The message is not JSON.');
  }
  if (!Value.Check(EventSchema, value)) {
    const [fault] = Value.Errors(EventSchema, value);
    throw new PoisonEventError(
      `The message is no event: ${fault?.instancePath ?? ''} ${fault?.message ?? ''}.`,
    );
  }
  if (Date.parse(value.at) > now + futureMs) {
    throw new PoisonEventError(`The event is dated ${value.at}, which is in the future.`);
  }
  return value;
}
