import type { Database, Transaction } from '../lib/database.ts';
import { type Statement, sql } from '../lib/sql.ts';
import type { WaitingOrder } from './matching.ts';
import type { Position } from './position.ts';
import type { UnassignedReason } from './schemas.ts';

export type OrderRefState = 'waiting' | 'proposed' | 'assigned' | 'picked-up' | 'delivered' | 'over';

/** What order tells of a new order. Addresses stay there: this service holds nothing of a person. */
export interface OrderFacts {
  readonly id: string;
  readonly org: string;
  readonly customerId: string;
  readonly pickup: Position;
  readonly dropoff: Position;
  readonly demand: WaitingOrder['demand'];
  readonly priority: number;
  readonly scheduledAt?: string | undefined;
  readonly version: number;
  readonly trace?: string | undefined;
}

/** A later state of an order, as told by an event or read from order. */
export interface OrderStep {
  readonly id: string;
  readonly org: string;
  readonly version: number;
  readonly state: OrderRefState;
  readonly driverId?: string | undefined;
  /** It has changed in a way the event does not tell. */
  readonly isStale?: boolean | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** An order that an instance has claimed for a while, to find a driver for it. */
export interface ClaimedOrder extends WaitingOrder {
  readonly org: string;
  readonly version: number;
}

/** The orders to be matched, in PostgreSQL: they outlive any instance, and two never work on the same one at a time. */
export interface OrderQueue {
  /** Notes an order that was placed; says whether it is new. */
  place(transaction: Transaction, order: OrderFacts, now: number): Promise<boolean>;
  /** Takes a later step; says whether it was later than what is known. */
  step(transaction: Transaction, step: OrderStep): Promise<boolean>;
  /** Takes up to `limit` that are due, the most urgent first, and keeps others off them for `leaseMs`. */
  claim(limit: number, now: number, leaseMs: number): Promise<ClaimedOrder[]>;
  /** What `claim` would give, without taking it; of one organisation, and of these ids if given. */
  look(org: string, ids: readonly string[] | undefined, limit: number, now: number): Promise<ClaimedOrder[]>;
  /** Lets orders wait again, from `nextAt` on; nothing happens to one that no longer waits. */
  putBack(ids: readonly string[], reason: UnassignedReason, nextAt: number): Promise<void>;
  /** Takes up to `limit` that must be read from order again. */
  claimStale(
    limit: number,
    now: number,
    leaseMs: number,
  ): Promise<{ id: string; org: string; version: number }[]>;
  /** Takes over what was read from order. */
  refresh(transaction: Transaction, order: OrderFacts, now: number): Promise<void>;
  /** Orders that wait now, bookings for later left out. */
  depth(now: number, org?: string): Promise<number>;
}

interface OrderRow {
  id: string;
  org_id: string;
  version: number;
  pickup: Position;
  demand: WaitingOrder['demand'];
  priority: number;
  since: Date;
  not_for: string[];
}

/** Who declined an order is asked again after this time, in milliseconds: better late than nobody. */
const declinedForMs = 10 * 60_000;

const columns = (now: number): Statement => sql`id, org_id, version, pickup, demand, priority, since,
  array(select driver_id from offers where offers.order_id = order_ref.id
    and offers.state in ('declined', 'expired', 'over')
    and offers.decided_at > ${new Date(now - declinedForMs)}) as not_for`;

export function createOrderQueue(database: Database, leadMs: number): OrderQueue {
  /** A booking is looked at when its time comes near. */
  const dueAt = (scheduledAt: string | undefined, now: number): Date =>
    new Date(Math.max(now, scheduledAt === undefined ? 0 : Date.parse(scheduledAt) - leadMs));

  return {
    async place(transaction, order, now) {
      const { id, org, customerId, demand, priority, scheduledAt, version, trace } = order;
      const [pickup, dropoff] = [JSON.stringify(order.pickup), JSON.stringify(order.dropoff)];
      const placed = await transaction.query(
        'order_place',
        sql`insert into order_ref (id, org_id, version, state, customer_id, pickup, dropoff, demand, priority,
            scheduled_at, next_at, trace, since)
          values (${id}, ${org}, ${version}, 'waiting', ${customerId}, ${pickup}::jsonb, ${dropoff}::jsonb,
            ${JSON.stringify(demand)}::jsonb, ${priority}, ${scheduledAt ?? null}, ${dueAt(scheduledAt, now)},
            ${trace ?? null}, ${new Date(now)})
          on conflict (id) do update set customer_id = excluded.customer_id, pickup = excluded.pickup,
            dropoff = excluded.dropoff, demand = excluded.demand, priority = excluded.priority,
            scheduled_at = excluded.scheduled_at, trace = excluded.trace
          where order_ref.pickup is null returning id`,
      );
      return placed.length > 0;
    },
    async step(transaction, { id, org, version, state, driverId = null, isStale = false, at }) {
      const when = new Date(at);
      const taken = await transaction.query(
        'order_step',
        sql`insert into order_ref (id, org_id, version, state, driver_id, is_stale, next_at, since, picked_up_at, ended_at)
          values (${id}, ${org}, ${version}, ${state}, ${driverId}, ${isStale}, ${when}, ${when},
            ${state === 'picked-up' ? when : null}, ${['delivered', 'over'].includes(state) ? when : null})
          on conflict (id) do update set version = excluded.version, state = excluded.state,
            driver_id = excluded.driver_id, is_stale = order_ref.is_stale or excluded.is_stale,
            next_at = excluded.next_at, reason = null,
            picked_up_at = coalesce(excluded.picked_up_at, order_ref.picked_up_at), ended_at = excluded.ended_at
          where order_ref.version < excluded.version returning id`,
      );
      return taken.length > 0;
    },
    async claim(limit, now, leaseMs) {
      const rows = await database.query<OrderRow>(
        'orders_claim',
        sql`update order_ref set next_at = ${new Date(now + leaseMs)} where id in (
            select id from order_ref where state = 'waiting' and not is_stale and pickup is not null
              and next_at <= ${new Date(now)}
            order by priority desc, since, id limit ${limit} for update skip locked)
          returning ${columns(now)}`,
      );
      return rows.map(toClaimed);
    },
    async look(org, ids, limit, now) {
      const rows = await database.read<OrderRow>(
        'orders_look',
        sql`select ${columns(now)} from order_ref where state = 'waiting' and pickup is not null and org_id = ${org}
          and (${ids ?? null}::uuid[] is null or id = any(${ids ?? null}::uuid[]))
          order by priority desc, since, id limit ${limit}`,
      );
      return rows.map(toClaimed);
    },
    async putBack(ids, reason, nextAt) {
      await database.query(
        'order_put_back',
        sql`update order_ref set reason = ${reason}, next_at = ${new Date(nextAt)} where id = any(${ids}) and state = 'waiting'`,
      );
    },
    async claimStale(limit, now, leaseMs) {
      const rows = await database.query<{ id: string; org_id: string; version: number }>(
        'orders_stale',
        sql`update order_ref set next_at = ${new Date(now + leaseMs)} where id in (
            select id from order_ref where state = 'waiting' and (is_stale or pickup is null)
              and next_at <= ${new Date(now)}
            order by next_at limit ${limit} for update skip locked)
          returning id, org_id, version`,
      );
      return rows.map(({ id, org_id: org, version }) => ({ id, org, version }));
    },
    async refresh(transaction, order, now) {
      const { id, customerId, demand, priority, scheduledAt, version } = order;
      const [pickup, dropoff] = [JSON.stringify(order.pickup), JSON.stringify(order.dropoff)];
      await transaction.query(
        'order_refresh',
        sql`update order_ref set version = ${version}, customer_id = ${customerId}, pickup = ${pickup}::jsonb,
            dropoff = ${dropoff}::jsonb, demand = ${JSON.stringify(demand)}::jsonb, priority = ${priority},
            scheduled_at = ${scheduledAt ?? null}, next_at = ${dueAt(scheduledAt, now)}, is_stale = false
          where id = ${id} and state = 'waiting' and version <= ${version}`,
      );
    },
    async depth(now, org) {
      const soon = new Date(now + leadMs);
      const [row] = await database.read<{ depth: number }>(
        'orders_depth',
        sql`select count(*)::int as depth from order_ref where state in ('waiting', 'proposed')
          and (scheduled_at is null or scheduled_at <= ${soon})
          and ${org === undefined ? sql`true` : sql`org_id = ${org}`}`,
      );
      return row?.depth ?? 0;
    },
  };
}

function toClaimed(row: OrderRow): ClaimedOrder {
  const { id, version, pickup, demand, priority } = row;
  return {
    id,
    org: row.org_id,
    version,
    pickup,
    demand,
    priority,
    since: row.since.getTime(),
    notFor: new Set(row.not_for),
  };
}
