import { type Static, Type } from 'typebox';
import './formats.ts';

/**
 * A fact that one service tells the others. `id` is a UUID of version 7 and stays the same at every delivery; `subject`
 * ends in its version, such as `order.created.v1`.
 */
export const EventSchema = Type.Object({
  id: Type.String({ format: 'uuid' }),
  subject: Type.String({ pattern: '^[a-z_]+(\\.[a-z_]+)+\\.v[0-9]+$' }),
  at: Type.String({ format: 'date-time' }),
  org: Type.String(),
  actor: Type.String({ description: 'User id, or the name of the service that did it by itself.' }),
  trace: Type.Optional(Type.String({ description: 'W3C traceparent of the request that caused it.' })),
  data: Type.Unknown(),
});

export interface DomainEvent<Data = unknown> extends Omit<Static<typeof EventSchema>, 'data'> {
  readonly data: Data;
}

/** What a consumer did with an event, beside throwing, which has it delivered again later. */
export type Handling = 'done' | 'duplicate' | 'ignored';

/** A consumer: durable, one event at a time for each key, delivered at least once. */
export interface Subscription {
  /** Name of the consumer; instances of a service share it and the events. */
  readonly durable: string;
  /** A whole subject, or one ending in `.>`; several subjects of one stream need one subscription each. */
  readonly subject: string;
  /** Most events being handled at once. */
  readonly inFlight: number;
  /**
   * Handles one event. What it throws has the event delivered again after 1 s, 5 s, 30 s, 2 min and 10 min; after
   * that, or at once for a `PoisonEventError`, it is parked in the stream `DLQ` with the reason.
   */
  handle(event: DomainEvent, signal: AbortSignal): Promise<Handling>;
}

/** An event that no repetition can help: malformed, of an unknown version, or contradicting what is known. */
export class PoisonEventError extends Error {
  override readonly name = 'PoisonEventError';
}

/** The pipe between services: domain events are stored and delivered at least once, live ones only to who listens. */
export interface Bus {
  /** Resolves once the event is stored; the same id within two minutes is stored once. */
  publish(event: DomainEvent, key?: string): Promise<void>;
  subscribe(subscription: Subscription): void;
  /** Tells those who listen now; lost without a listener. `data` is JSON text. */
  publishLive(topic: string, data: string): void;
  /** Listens to a topic, `*` standing for one part; the result stops it. Hears live ones and events, those only while it listens. */
  listenLive(topic: string, listener: (topic: string, data: string) => void): () => void;
  /** Throws while events cannot be published. */
  assertAnswers(): void;
  /** Takes no further events; those in hand are finished. */
  drain(): Promise<void>;
  close(): Promise<void>;
}

/** Waits before the second, third … delivery, in milliseconds. */
export const redeliveryMs = [1_000, 5_000, 30_000, 120_000, 600_000] as const;
/** Deliveries in all. */
export const maxDeliver = redeliveryMs.length + 1;

/** The stream that stores a subject: one a domain. Locations are kept in memory, the newest of each driver only. */
export function streamOf(subject: string): string {
  if (subject.startsWith('driver.location_updated.')) return 'LOCATIONS';
  const domain = subject.split('.', 1)[0] ?? '';
  const stream = streams[domain];
  if (stream === undefined)
    throw new Error(`No stream holds ${subject}; add its domain to the table of bus.ts.`);
  return stream;
}

const streams: Readonly<Record<string, string>> = {
  user: 'USERS',
  order: 'ORDERS',
  driver: 'DRIVERS',
  dispatch: 'DISPATCH',
  tracking: 'TRACKING',
  customer: 'CUSTOMERS',
  notification: 'NOTIFICATIONS',
};

/** Every stream with the subjects it stores. */
export const streamTable: readonly { name: string; subjects: string[]; inMemory: boolean }[] = [
  ...Object.entries(streams).map(([domain, name]) => ({
    name,
    // `driver.>` would take the locations too, and two streams may not share a subject.
    subjects: domain === 'driver' ? ['driver.availability_changed.v1'] : [`${domain}.>`],
    inMemory: false,
  })),
  { name: 'LOCATIONS', subjects: ['driver.location_updated.v1.*'], inMemory: true },
];

/** Says whether a subject is one that `pattern` means: equal, or below its `.>`. */
export function matchesSubject(pattern: string, subject: string): boolean {
  if (pattern.endsWith('.>')) return subject.startsWith(pattern.slice(0, -1));
  const parts = subject.split('.');
  const wanted = pattern.split('.');
  return (
    wanted.length === parts.length && wanted.every((part, index) => part === '*' || part === parts[index])
  );
}
