import { Type } from 'typebox';
import type { DomainEvent, Handling, Subscription } from '../lib/bus.ts';
import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { isKnown, readData } from '../lib/event-data.ts';
import { once } from '../lib/inbox.ts';
import type { Offers } from './offers.ts';
import { stateOf } from './order-client.ts';
import type { OrderQueue } from './order-queue.ts';
import type { Roster } from './roster.ts';

const id = Type.String({ format: 'uuid' });
const version = Type.Integer({ minimum: 1 });
const PlaceData = Type.Object({
  lat: Type.Number({ minimum: -90, maximum: 90 }),
  lon: Type.Number({ minimum: -180, maximum: 180 }),
});
const CreatedData = Type.Object({
  id,
  customerId: id,
  pickup: PlaceData,
  dropoff: PlaceData,
  scheduledAt: Type.Optional(Type.String({ format: 'date-time' })),
  priority: Type.Integer(),
  demand: Type.Object({
    weightKg: Type.Optional(Type.Number()),
    seats: Type.Optional(Type.Integer()),
    skills: Type.Optional(Type.Array(Type.String())),
  }),
  version,
});
const AssignedData = Type.Object({ id, driverId: id, version });
const ChangedData = Type.Object({
  id,
  from: Type.String(),
  to: Type.Enum(['created', 'picked-up', 'delivered', 'cancelled']),
  driverId: Type.Optional(id),
  version,
});
const AvailabilityData = Type.Object({
  id,
  status: Type.Enum(['available', 'busy', 'offline']),
  skills: Type.Array(Type.String()),
  vehicle: Type.Optional(
    Type.Object({
      capacity: Type.Object({
        weightKg: Type.Optional(Type.Number()),
        seats: Type.Optional(Type.Integer()),
      }),
    }),
  ),
});

interface Deps {
  database: Database;
  queue: OrderQueue;
  offers: Offers;
  roster: Roster;
  clock: Pick<Clock, 'now'>;
  /** Called after each effect: there may be something to match, to tell or to write. */
  wake: () => void;
}

type Effect = (transaction: Transaction, event: DomainEvent, deps: Deps) => Promise<unknown>;

/**
 * What dispatch learns from the other services. The events of order come through one consumer, so that those of one
 * order stay in the order they were told.
 */
export function subscriptions(deps: Deps): Subscription[] {
  const orderEffects: Readonly<Record<string, Effect>> = {
    'order.created.v1': placeOrder,
    'order.assigned.v1': noteAssigned,
    'order.status_changed.v1': followOrder,
  };
  const driverEffects = { 'driver.availability_changed.v1': keepDriver };
  return [
    subscribe(deps, 'dispatch-orders', 'order.>', orderEffects),
    subscribe(deps, 'dispatch-drivers', 'driver.availability_changed.v1', driverEffects),
  ];
}

function subscribe(
  deps: Deps,
  durable: string,
  subject: string,
  effects: Readonly<Record<string, Effect>>,
): Subscription {
  async function handle(event: DomainEvent): Promise<Handling> {
    const effect = isKnown(event, Object.keys(effects)) ? effects[event.subject] : undefined;
    if (!effect) return 'ignored';
    const result = await once(deps.database, durable, event, (transaction) =>
      effect(transaction, event, deps),
    );
    deps.wake();
    return result;
  }
  return { durable, subject, inFlight: 8, handle };
}

async function placeOrder(
  transaction: Transaction,
  event: DomainEvent,
  { queue, clock }: Deps,
): Promise<void> {
  const { pickup, dropoff, ...data } = readData(event, CreatedData);
  const { id: orderId, customerId, demand, priority, scheduledAt, version: at } = data;
  await queue.place(
    transaction,
    {
      id: orderId,
      org: event.org,
      customerId,
      pickup: { lat: pickup.lat, lon: pickup.lon },
      dropoff: { lat: dropoff.lat, lon: dropoff.lon },
      demand,
      priority,
      scheduledAt,
      version: at,
      trace: event.trace,
    },
    clock.now(),
  );
}

async function noteAssigned(transaction: Transaction, event: DomainEvent, deps: Deps): Promise<void> {
  const { id: orderId, driverId, version: at } = readData(event, AssignedData);
  const step = { id: orderId, org: event.org, version: at, state: 'assigned', driverId } as const;
  const isNews = await deps.queue.step(transaction, { ...step, at: Date.parse(event.at) });
  if (isNews) await deps.offers.settle(transaction, orderId, driverId, deps.clock.now());
}

async function followOrder(transaction: Transaction, event: DomainEvent, deps: Deps): Promise<void> {
  const { id: orderId, from, to, driverId, version: at } = readData(event, ChangedData);
  const isNews = await deps.queue.step(transaction, {
    id: orderId,
    org: event.org,
    version: at,
    state: stateOf[to],
    driverId: to === 'created' ? undefined : driverId,
    // Still nobody's, and changed: a booking whose place or time is another one now.
    isStale: to === 'created' && from === 'created',
    at: Date.parse(event.at),
  });
  if (isNews && to !== 'picked-up') {
    await deps.offers.withdraw(transaction, { orderId }, 'order-changed', deps.clock.now());
  }
}

async function keepDriver(transaction: Transaction, event: DomainEvent, deps: Deps): Promise<void> {
  const { id: driverId, status, skills, vehicle } = readData(event, AvailabilityData);
  const capacity = vehicle?.capacity ?? {};
  const facts = { id: driverId, org: event.org, status, capacity, skills, at: event.at };
  const isNews = await deps.roster.keep(transaction, facts);
  if (isNews && status !== 'available') {
    await deps.offers.withdraw(transaction, { openOf: driverId }, 'driver-gone', deps.clock.now());
  }
}
