import { Counter, Gauge, type Registry } from 'prom-client';
import type { Bus } from '../lib/bus.ts';
import type { Topic } from './topic.ts';

/** One event of a topic, made once for all who watch it. */
export interface LiveEvent {
  readonly topic: string;
  /** JSON text, as the service told it. */
  readonly data: string;
  /** The message of the WebSocket: `{"type":"event","topic":…,"data":…}`. */
  readonly message: Buffer;
}

/** Somebody who is connected. */
export interface Client {
  /** Takes an event without waiting. */
  take(event: LiveEvent): void;
  /** Is told that this instance goes away: it should connect again, to another one. */
  restart(): void;
}

/** Brings live events from the bus to who watches them here. */
export interface Hub {
  /** Adds a client; the result removes it with all that it watches. */
  join(client: Client, kind: ClientKind): () => void;
  /** Has a client watch a topic; the result ends that. */
  watch(client: Client, topic: Topic): () => void;
  /** Counts a client that was cut off because it did not read. */
  countDropped(): void;
  /** Sends every client away, and those that come from now on. */
  drain(): void;
}

export type ClientKind = 'ws' | 'events';

/** The bus is listened to only for topics that somebody watches here. */
export function createHub(deps: { bus: Bus; registry: Registry }): Hub {
  const { bus } = deps;
  const clients = new Map<Client, Set<() => void>>();
  const watched = new Map<string, { watchers: Map<Client, string>; stop: () => void }>();
  const metrics = registerHubMetrics(deps.registry);
  let draining = false;

  function listen(subject: string) {
    const watchers = new Map<Client, string>();
    const stop = bus.listenLive(subject, (_subject, data) => {
      let event: LiveEvent | undefined;
      for (const [client, topic] of watchers) {
        event ??= makeEvent(topic, data);
        client.take(event);
      }
    });
    const entry = { watchers, stop };
    watched.set(subject, entry);
    return entry;
  }

  return {
    join(client, kind) {
      const watching = new Set<() => void>();
      clients.set(client, watching);
      metrics.clients.inc({ hub: kind });
      if (draining) client.restart();
      return () => {
        if (!clients.delete(client)) return;
        for (const stop of watching) stop();
        metrics.clients.dec({ hub: kind });
      };
    },
    watch(client, { name, subject }) {
      const entry = watched.get(subject) ?? listen(subject);
      entry.watchers.set(client, name);
      const stop = () => {
        clients.get(client)?.delete(stop);
        if (!entry.watchers.delete(client) || entry.watchers.size > 0) return;
        entry.stop();
        watched.delete(subject);
      };
      const watching = clients.get(client);
      // It left while it was asked for whether it may watch this.
      if (watching === undefined) stop();
      watching?.add(stop);
      return stop;
    },
    countDropped: () => metrics.dropped.inc(),
    drain() {
      draining = true;
      for (const client of clients.keys()) client.restart();
    },
  };
}

function makeEvent(topic: string, data: string): LiveEvent {
  const message = Buffer.from(`{"type":"event","topic":${JSON.stringify(topic)},"data":${data}}`);
  return { topic, data, message };
}

function registerHubMetrics(registry: Registry) {
  const registers = [registry];
  const clients = new Gauge({
    name: 'ws_clients',
    help: 'Clients that are connected, by how: WebSocket or event stream.',
    labelNames: ['hub'],
    registers,
  });
  for (const hub of ['ws', 'events'] satisfies ClientKind[]) clients.set({ hub }, 0);
  const dropped = new Counter({
    name: 'ws_dropped_total',
    help: 'Clients that were cut off because they did not read.',
    registers,
  });
  return { clients, dropped };
}
