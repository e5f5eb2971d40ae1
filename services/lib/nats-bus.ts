import {
  AckPolicy,
  type Consumer,
  type ConsumerMessages,
  DiscardPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { connect, headers, type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type Bus, type Subscription, streamOf, streamTable } from './bus.ts';
import { registerBusMetrics } from './bus-metrics.ts';
import type { Clock } from './clock.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import type { Tracer } from './trace.ts';

const dayMs = 24 * 60 * 60 * 1000;
const deadLetterStream = 'DLQ';
const publishTimeoutMs = 5_000;
/** An unfinished event is told to be in work this often; the server waits 30 s for a word. */
const heartbeatMs = 10_000;
const ackWaitMs = 30_000;
/** Pause before a consumer that ended, or a server that is not there, is tried again. */
const reopenMs = 1_000;

export interface NatsBusOptions {
  /** Servers, separated by commas. */
  url: string;
  /** Shown by the server; the service's name. */
  name: string;
  /** Copies of each stream: 3 in AWS, 1 on one machine. */
  replicas: number;
  clock: Clock;
  log: Logger;
  registry: Registry;
  /** Without one nothing is traced. */
  tracer?: Tracer;
}

interface Connected {
  connection: NatsConnection;
  client: JetStreamClient;
  manager: JetStreamManager;
}

/**
 * The bus over NATS JetStream. Returns at once: a server that is not there yet is waited for in the background, and
 * one that comes back without its data gets its streams and consumers again.
 */
export function createNatsBus(options: NatsBusOptions): Bus {
  const { clock, log, tracer } = options;
  const metrics = registerBusMetrics(options.registry);
  let reconnected = new AbortController();
  const draining = new AbortController();
  const consumers: Promise<void>[] = [];
  let current: Connected | undefined;
  const connected = open();
  // Whoever needs the connection awaits it; nobody may be left with an unhandled rejection at shutdown.
  connected.catch(() => undefined);

  async function open(): Promise<Connected> {
    const connection = await connect({
      servers: options.url.split(','),
      name: options.name,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 500,
      timeout: publishTimeoutMs,
    });
    const manager = await jetstreamManager(connection, { checkAPI: false });
    if (draining.signal.aborted) {
      await connection.close();
      throw new Error('The bus was closed before NATS was reached.');
    }
    current = { connection, client: jetstream(connection), manager };
    void watch(connection);
    return current;
  }

  /** The server behind a new connection may know no consumer of ours: every reading begins again. */
  async function watch(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type !== 'reconnect') continue;
      const before = reconnected;
      reconnected = new AbortController();
      before.abort();
    }
  }

  async function publish(event: Parameters<Bus['publish']>[0], key?: string): Promise<void> {
    const attributes = { 'messaging.system': 'nats', 'messaging.destination.name': event.subject };
    const span = tracer?.begin(
      { name: `publish ${event.subject}`, kind: 'producer', attributes },
      event.trace,
    );
    try {
      if (!current) throw new Error('NATS has not been reached yet.');
      const { client, manager } = current;
      const subject = streamOf(event.subject) === 'LOCATIONS' ? `${event.subject}.${key}` : event.subject;
      const head = headers();
      if (key !== undefined) head.set('berth-key', key);
      const send = () =>
        client.publish(subject, JSON.stringify(event), {
          msgID: event.id,
          headers: head,
          timeout: publishTimeoutMs,
        });
      await send().catch(async (error: unknown) => {
        if (!isMissingStream(error)) throw error;
        await ensureStreams(manager, options.replicas);
        await send();
      });
      span?.end();
      metrics.published.inc({ subject: event.subject, result: 'ok' });
    } catch (error) {
      span?.end({ error });
      metrics.published.inc({ subject: event.subject, result: 'failed' });
      throw error;
    }
  }

  async function consume(subscription: Subscription): Promise<void> {
    const delivery = createDelivery({ subscription, metrics, log, clock, ...(tracer && { tracer }) });
    while (!draining.signal.aborted) {
      try {
        const { manager, client } = await connected;
        await ensureStreams(manager, options.replicas);
        await ensureConsumer(manager, subscription);
        const consumer = await client.consumers.get(streamOf(subscription.subject), subscription.durable);
        await readUntilEnd(consumer, delivery, subscription);
      } catch (error) {
        if (!draining.signal.aborted)
          log.warn({ err: error, durable: subscription.durable }, 'consumer reopens');
      }
      await clock.sleep(reopenMs, draining.signal).catch(() => undefined);
    }
    await delivery.settled();
  }

  /** A consumer's reading can end by itself, on missed heartbeats for example (nats.js PR 150). */
  async function readUntilEnd(
    consumer: Consumer,
    delivery: Delivery,
    subscription: Subscription,
  ): Promise<void> {
    const messages: ConsumerMessages = await consumer.consume({
      max_messages: subscription.inFlight * 2,
      idle_heartbeat: 5_000,
    });
    const stop = () => messages.stop();
    const ends = AbortSignal.any([draining.signal, reconnected.signal]);
    ends.addEventListener('abort', stop, { once: true });
    // Told to stop while the reading was being opened: no event comes for that.
    if (ends.aborted) stop();
    try {
      for await (const message of messages) {
        metrics.lag.set({ consumer: subscription.durable }, message.info.pending);
        await delivery.room();
        if (draining.signal.aborted) message.nak();
        else void delivery.take(messageOf(message));
      }
    } finally {
      ends.removeEventListener('abort', stop);
      messages.stop();
    }
  }

  function messageOf(message: JsMsg): Parameters<Delivery['take']>[0] {
    return {
      text: message.string(),
      deliveries: message.info.deliveryCount,
      key: message.headers?.get('berth-key') || undefined,
      heartbeatMs,
      stillWorking: () => message.working(),
      done: () => message.ack(),
      again: (afterMs) => message.nak(afterMs),
      park: async (reason) => {
        const head = headers();
        head.set('berth-reason', reason);
        head.set('berth-subject', message.subject);
        head.set('berth-deliveries', String(message.info.deliveryCount));
        const { client } = await connected;
        await client.publish(`dlq.${message.subject}`, message.data, {
          headers: head,
          timeout: publishTimeoutMs,
        });
        message.term(reason);
      },
    };
  }

  return {
    publish,
    subscribe: (subscription) => void consumers.push(consume(subscription)),
    publishLive: (topic, data) => current?.connection.publish(topic, data),
    listenLive(topic, listener) {
      let stop: () => void = () => undefined;
      let stopped = false;
      void connected.then(
        ({ connection }) => {
          if (stopped) return;
          const subscription = connection.subscribe(topic, {
            callback: (error, message) => {
              if (error === null) listener(message.subject, message.string());
            },
          });
          stop = () => subscription.unsubscribe();
        },
        () => undefined,
      );
      return () => {
        stopped = true;
        stop();
      };
    },
    assertAnswers() {
      if (!current || current.connection.isClosed() || !isConnected(current.connection)) {
        throw new Error('NATS does not answer.');
      }
    },
    async drain() {
      draining.abort();
      await Promise.all(consumers);
    },
    async close() {
      draining.abort();
      if (current) {
        await Promise.all(consumers);
        await current.connection.drain().catch(() => current?.connection.close());
      }
    },
  };
}

function isConnected(connection: NatsConnection): boolean {
  return connection.info !== undefined;
}

/** Makes what is missing; what is there stays as it is. */
async function ensureStreams(manager: JetStreamManager, replicas: number): Promise<void> {
  const common = {
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    num_replicas: replicas,
    duplicate_window: nanos(120_000),
  };
  for (const { name, subjects, inMemory } of streamTable) {
    await addStream(manager, {
      ...common,
      name,
      subjects,
      storage: inMemory ? StorageType.Memory : StorageType.File,
      max_age: nanos(7 * dayMs),
      ...(inMemory && { max_msgs_per_subject: 1 }),
    });
  }
  await addStream(manager, {
    ...common,
    name: deadLetterStream,
    subjects: ['dlq.>'],
    storage: StorageType.File,
    max_age: nanos(14 * dayMs),
  });
}

async function addStream(
  manager: JetStreamManager,
  config: Parameters<JetStreamManager['streams']['add']>[0],
): Promise<void> {
  try {
    await manager.streams.add(config);
  } catch (error) {
    // There is one of that name with other settings: an operator's choice.
    if (!/already in use/.test(String(error))) throw error;
  }
}

async function ensureConsumer(manager: JetStreamManager, subscription: Subscription): Promise<void> {
  await manager.consumers.add(streamOf(subscription.subject), {
    durable_name: subscription.durable,
    filter_subject: subscription.subject.startsWith('driver.location_updated.')
      ? `${subscription.subject}.*`
      : subscription.subject,
    ack_policy: AckPolicy.Explicit,
    // No server-side backoff: its first entry would take the place of ack_wait. No most: it would drop in silence.
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: subscription.inFlight * 4,
  });
}

function isMissingStream(error: unknown): boolean {
  return /no stream|no responders|stream not found|jetstream is not enabled/i.test(String(error));
}
