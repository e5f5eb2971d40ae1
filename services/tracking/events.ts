import { Type } from 'typebox';
import type { DomainEvent, Subscription } from '../lib/bus.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { readData } from '../lib/event-data.ts';
import type { Point } from '../lib/flat-distance.ts';
import { once } from '../lib/inbox.ts';
import { PingSchema } from '../lib/ping.ts';
import { type Stage, stages } from './delivery-stages.ts';
import type { Partitions } from './partitions.ts';
import type { Positions } from './positions.ts';
import { OrderStatusSchema, PointSchema } from './schemas.ts';
import type { Growth, OrderStatus, Timeline, TrackedOrder, Update } from './timeline.ts';

const id = Type.String({ format: 'uuid' });
const version = Type.Integer({ minimum: 1 });
// An address is none of our business: only where it is.
const PlaceData = Type.Object(PointSchema.properties);
const CreatedData = Type.Object({ id, customerId: id, pickup: PlaceData, dropoff: PlaceData });
const AssignedData = Type.Object({ id, driverId: id, customerId: id, version });
const ChangedData = Type.Object({
  id,
  from: OrderStatusSchema,
  to: OrderStatusSchema,
  driverId: Type.Optional(id),
  customerId: id,
  version,
  // Of a booking that was changed: where it goes from and to now.
  pickup: Type.Optional(PlaceData),
  dropoff: Type.Optional(PlaceData),
});
const ProposedData = Type.Object({
  orderId: id,
  driverId: id,
  offerId: Type.String(),
  expiresAt: Type.String(),
});
const LocationData = Type.Object({ ...PingSchema.properties, id });
const ErasedData = Type.Object({ id });

interface Deps {
  database: Database;
  timeline: Timeline;
  partitions: Partitions;
  positions: Positions;
  /** Called after an order's timeline has grown. */
  onGrowth: (growth: Growth) => void;
}

/** The actor of location events that this service tells itself: it has followed those positions already. */
export const ownActor = 'tracking';

/** What tracking learns from the other services. */
export function subscriptions(deps: Deps): Subscription[] {
  const { database, timeline, partitions, positions, onGrowth } = deps;
  type Effect = (transaction: Transaction, event: DomainEvent) => Promise<Growth | undefined>;
  const subscribe = (durable: string, subject: string, effect: Effect): Subscription => ({
    durable,
    subject,
    inFlight: 8,
    async handle(event) {
      await partitions.cover(Date.parse(event.at));
      let growth: Growth | undefined;
      const result = await once(database, durable, event, async (transaction) => {
        growth = await effect(transaction, event);
      });
      if (growth) onGrowth(growth);
      return result;
    },
  });

  return [
    subscribe('tracking-created', 'order.created.v1', async (transaction, event) => {
      const { id: orderId, customerId, pickup, dropoff } = readData(event, CreatedData);
      const order = await timeline.hold(transaction, orderId, event.org);
      // What is known already is from a later change, which overtook this event.
      const places = { pickup: order.pickup ?? pointOf(pickup), dropoff: order.dropoff ?? pointOf(dropoff) };
      await timeline.keep(transaction, {
        ...order,
        customerId,
        ...places,
        version: Math.max(1, order.version),
      });
      await timeline.note(transaction, orderId, { type: 'created', at: event.at });
      return { orderId };
    }),
    subscribe('tracking-assigned', 'order.assigned.v1', async (transaction, event) => {
      const data = readData(event, AssignedData);
      await change(transaction, event, { ...data, to: 'assigned', type: 'assigned' });
      return { orderId: data.id, driverId: data.driverId };
    }),
    subscribe('tracking-changes', 'order.status_changed.v1', async (transaction, event) => {
      const data = readData(event, ChangedData);
      await change(transaction, event, { ...data, type: typeOf(data.from, data.to) });
      return { orderId: data.id, driverId: data.driverId };
    }),
    subscribe('tracking-offers', 'dispatch.assignment_proposed.v1', async (transaction, event) => {
      const { orderId, driverId, offerId, expiresAt } = readData(event, ProposedData);
      await timeline.hold(transaction, orderId, event.org);
      const data = { offerId, expiresAt };
      await timeline.note(transaction, orderId, { type: 'offered', at: event.at, driverId, data });
      return { orderId };
    }),
    subscribe('tracking-erasure', 'customer.erased.v1', async (transaction, event) => {
      await timeline.erase(transaction, readData(event, ErasedData).id);
      return undefined;
    }),
    {
      durable: 'tracking-locations',
      subject: 'driver.location_updated.v1',
      inFlight: 32,
      // Not through the inbox: following a position twice changes nothing, and an old one is passed over.
      async handle(event) {
        const { id: driverId, ...ping } = readData(event, LocationData);
        if (event.actor === ownActor) return 'ignored';
        await positions.follow(driverId, ping);
        return 'done';
      },
    },
  ];

  /** Takes over a step of an order. One that comes late is noted, and changes nothing else. */
  async function change(transaction: Transaction, event: DomainEvent, step: Step): Promise<void> {
    const order = await timeline.hold(transaction, step.id, event.org);
    if (step.version > order.version) await timeline.keep(transaction, afterStep(order, step));
    const { type, driverId } = step;
    // The driver told it here before order did.
    const isKnown = order.driverId === driverId && hasReached(order, type);
    if (!isKnown) await timeline.note(transaction, step.id, { type, at: event.at, driverId });
  }
}

interface Step {
  readonly id: string;
  readonly to: OrderStatus;
  readonly type: Update['type'];
  readonly driverId?: string | undefined;
  readonly customerId: string;
  readonly version: number;
  readonly pickup?: Point | undefined;
  readonly dropoff?: Point | undefined;
}

/** The order as it is after a step that is newer than what is known. */
function afterStep(order: TrackedOrder, step: Step): TrackedOrder {
  const { to, driverId, customerId, version, pickup, dropoff } = step;
  const reached = stages.find((stage) => stage === to);
  return {
    ...order,
    customerId,
    version,
    status: to,
    ...(pickup && { pickup: pointOf(pickup) }),
    ...(dropoff && { dropoff: pointOf(dropoff) }),
    driverId: to === 'created' ? undefined : (driverId ?? order.driverId),
    // A drive begins anew with each assignment; near the drop-off is further than picked up.
    stage: reached !== undefined && hasReached(order, reached) ? order.stage : reached,
  };
}

function hasReached({ stage }: TrackedOrder, type: Update['type']): boolean {
  const wanted = stages.indexOf(type as Stage);
  return wanted !== -1 && stage !== undefined && stages.indexOf(stage) >= wanted;
}

function typeOf(from: OrderStatus, to: OrderStatus): Update['type'] {
  if (to !== 'created') return to;
  return from === 'created' ? 'rebooked' : 'unassigned';
}

function pointOf({ lat, lon }: Point): Point {
  return { lat, lon };
}
