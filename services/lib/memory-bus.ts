import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Bus, matchesSubject, type Subscription, streamOf } from './bus.ts';
import { registerBusMetrics } from './bus-metrics.ts';
import type { Clock } from './clock.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import type { Tracer } from './trace.ts';

/** A parked message with its reason. */
export interface ParkedMessage {
  readonly subject: string;
  readonly text: string;
  readonly reason: string;
}

export interface MemoryBus extends Bus {
  readonly parked: readonly ParkedMessage[];
  /** Resolves when every event published so far has been handled or parked, redeliveries included. */
  settled(): Promise<void>;
}

/**
 * The bus inside one process: for tests and for a machine without NATS. Events live as long as the process; a durable
 * name that several subscribe with gets each event once, as the service's instances do.
 */
export function createMemoryBus(deps: {
  clock: Clock;
  log: Logger;
  registry: Registry;
  /** Without one nothing is traced. */
  tracer?: Tracer;
}): MemoryBus {
  const { clock, log, tracer } = deps;
  const metrics = registerBusMetrics(deps.registry);
  const consumers = new Map<string, { subscription: Subscription; delivery: Delivery }>();
  const listeners = new Set<{ topic: string; listener: (topic: string, data: string) => void }>();
  const parked: ParkedMessage[] = [];
  const seen = new Set<string>();
  const pending = new Set<Promise<void>>();
  const stopping = new AbortController();

  function track(work: Promise<void>): void {
    const tracked = work.finally(() => pending.delete(tracked));
    pending.add(tracked);
  }

  function deliver(delivery: Delivery, subject: string, text: string, key?: string, deliveries = 1): void {
    if (stopping.signal.aborted) return;
    const message = {
      text,
      deliveries,
      key,
      heartbeatMs: 10_000,
      stillWorking: () => undefined,
      done: () => undefined,
      again(afterMs: number) {
        const later = clock.sleep(afterMs, stopping.signal).then(
          () => deliver(delivery, subject, text, key, deliveries + 1),
          () => undefined,
        );
        track(later);
      },
      async park(reason: string) {
        parked.push({ subject, text, reason });
      },
    };
    track(delivery.take(message));
  }

  return {
    parked,
    async publish(event, key) {
      metrics.published.inc({ subject: event.subject, result: 'ok' });
      if (seen.has(event.id)) return;
      seen.add(event.id);
      const text = JSON.stringify(event);
      for (const { subscription, delivery } of consumers.values()) {
        if (matchesSubject(subscription.subject, event.subject)) deliver(delivery, event.subject, text, key);
      }
      // As with NATS, who listens hears events too.
      const topic = streamOf(event.subject) === 'LOCATIONS' ? `${event.subject}.${key}` : event.subject;
      for (const one of listeners) if (matchesSubject(one.topic, topic)) one.listener(topic, text);
    },
    subscribe(subscription) {
      consumers.set(subscription.durable, {
        subscription,
        delivery: createDelivery({ subscription, metrics, log, clock, ...(tracer && { tracer }) }),
      });
    },
    publishLive(topic, data) {
      for (const one of listeners) if (matchesSubject(one.topic, topic)) one.listener(topic, data);
    },
    listenLive(topic, listener) {
      const entry = { topic, listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    assertAnswers: () => undefined,
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    async drain() {
      stopping.abort();
      while (pending.size > 0) await Promise.all(pending);
    },
    async close() {
      stopping.abort();
    },
  };
}

let shared: MemoryBus | undefined;

/** The one memory bus of this process: services that run together hear each other over it. */
export function sharedMemoryBus(deps: Parameters<typeof createMemoryBus>[0]): MemoryBus {
  shared ??= createMemoryBus(deps);
  return shared;
}
