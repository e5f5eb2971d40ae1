import type { Static } from 'typebox';
import type { DomainEvent } from '../lib/bus.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { type EventMaker, tell } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { mayGo, nextStates, type OrderState } from './order-states.ts';
import type { DemandSchema, OrderEventSchema, OrderSchema, PlaceSchema } from './schemas.ts';

export type Order = Static<typeof OrderSchema>;
export type OrderEvent = Static<typeof OrderEventSchema>;
export type Place = Static<typeof PlaceSchema>;

/** Who does something, and within which trace. */
export interface Act {
  readonly actor: string;
  readonly trace?: string | undefined;
}

export interface NewOrder {
  id: string;
  org: string;
  kind: Order['kind'];
  customerId: string;
  pickup: Place;
  dropoff: Place;
  scheduledAt?: string | undefined;
  priority: number;
  demand: Static<typeof DemandSchema>;
  note?: string | undefined;
}

/** A step in an order's life. `from` is the version it was decided on; absent where an event, not a person, decides. */
export interface Step {
  to: OrderState;
  version?: number | undefined;
  driverId?: string | undefined;
  reason?: string | undefined;
}

/** Whose orders a list shows. */
export type Owner =
  | { readonly org: string }
  | { readonly customerId: string }
  | { readonly driverId: string };

export interface BookingChange {
  pickup?: Place | undefined;
  dropoff?: Place | undefined;
  scheduledAt?: string | undefined;
  note?: string | undefined;
  version: number;
}

interface OrderRow {
  id: string;
  org_id: string;
  kind: Order['kind'];
  customer_id: string;
  driver_id: string | null;
  status: OrderState;
  version: number;
  pickup: Place;
  dropoff: Place;
  scheduled_at: Date | null;
  priority: number;
  demand: Static<typeof DemandSchema>;
  note: string | null;
  created_at: Date;
  updated_at: Date;
}

const columns: Statement = sql`id, org_id, kind, customer_id, driver_id, status, version, pickup, dropoff,
  scheduled_at, priority, demand, note, created_at, updated_at`;

/**
 * The orders in PostgreSQL. A change, its line in the history and its event are one transaction; what `onChange` is
 * told has been committed.
 */
export interface Orders {
  add(transaction: Transaction, order: NewOrder, act: Act): Promise<Order>;
  find(id: string): Promise<Order | undefined>;
  list(
    owner: Owner,
    page: { after?: string | undefined; limit: number; status?: OrderState | undefined },
  ): Promise<Order[]>;
  history(id: string): Promise<OrderEvent[]>;
  /**
   * Takes one step. Throws `RESOURCE_UNKNOWN`, `VERSION_STALE` for another version than the stored one, or
   * `STATE_CONFLICT` for a step the state does not allow.
   */
  step(id: string, step: Step, act: Act): Promise<Order>;
  /** Takes one step in somebody's transaction; gives what tells `onChange`, to be called once it has committed. */
  stepWithin(transaction: Transaction, id: string, step: Step, act: Act): Promise<() => void>;
  /** Changes a booking that nobody has been assigned to. Throws as `step` does. */
  rebook(id: string, change: BookingChange, act: Act): Promise<Order>;
}

export function createOrders(deps: {
  database: Database;
  event: EventMaker;
  onChange: (order: Order, from: OrderState | undefined) => void;
}): Orders {
  const { database, event, onChange } = deps;

  async function lock(transaction: Transaction, id: string, version: number | undefined): Promise<OrderRow> {
    const [row] = await transaction.query<OrderRow>(
      'order_lock',
      sql`select ${columns} from orders where id = ${id} for update`,
    );
    if (!row) throw new Problem('RESOURCE_UNKNOWN', 'There is no such order.');
    if (version !== undefined && row.version !== version) {
      throw new Problem('VERSION_STALE', `The order is at version ${row.version}; read it again.`);
    }
    return row;
  }

  async function note(transaction: Transaction, told: DomainEvent, id: string, seq: number): Promise<void> {
    await transaction.query(
      'order_note',
      sql`insert into order_events (order_id, seq, type, at, by, data)
        values (${id}, ${seq}, ${told.subject.split('.').slice(1, -1).join('.')}, ${told.at}, ${told.actor},
          ${JSON.stringify(told.data)}::jsonb)`,
    );
    await transaction.query('order_tell', tell(told, id));
  }

  async function add(transaction: Transaction, order: NewOrder, act: Act): Promise<Order> {
    const { id, org, kind, customerId, pickup, dropoff, scheduledAt, priority, demand } = order;
    const [row] = await transaction.query<OrderRow>(
      'order_add',
      sql`insert into orders (id, org_id, kind, customer_id, pickup, dropoff, scheduled_at, priority, demand, note)
        values (${id}, ${org}, ${kind}, ${customerId}, ${JSON.stringify(pickup)}::jsonb,
          ${JSON.stringify(dropoff)}::jsonb, ${scheduledAt ?? null}, ${priority}, ${JSON.stringify(demand)}::jsonb,
          ${order.note ?? null}) returning ${columns}`,
    );
    const data = { id, kind, customerId, pickup, dropoff, scheduledAt, priority, demand, version: 1 };
    await note(transaction, event({ subject: 'order.created.v1', org, ...act, data }), id, 1);
    return toOrder(row as OrderRow);
  }

  async function takeStep(
    transaction: Transaction,
    id: string,
    step: Step,
    act: Act,
  ): Promise<[Order, OrderState]> {
    const before = await lock(transaction, id, step.version);
    if (!mayGo(before.status, step.to)) throw impossible(before.status, step.to);
    const driverId = step.to === 'created' ? null : (step.driverId ?? before.driver_id);
    const [row] = await transaction.query<OrderRow>(
      'order_step',
      sql`update orders set status = ${step.to}, driver_id = ${driverId}, version = version + 1, updated_at = now()
        where id = ${id} returning ${columns}`,
    );
    const order = toOrder(row as OrderRow);
    await note(transaction, eventOf(order, before, step, act), id, order.version);
    return [order, before.status];
  }

  function eventOf(order: Order, before: OrderRow, step: Step, act: Act): DomainEvent {
    const { id, org, customerId, version } = order;
    if (order.status === 'assigned') {
      const data = { id, driverId: order.driverId, customerId, version };
      return event({ subject: 'order.assigned.v1', org, ...act, data });
    }
    const driverId = order.driverId ?? before.driver_id ?? undefined;
    const data = {
      id,
      from: before.status,
      to: order.status,
      driverId,
      customerId,
      version,
      reason: step.reason,
    };
    return event({ subject: 'order.status_changed.v1', org, ...act, data });
  }

  return {
    add,
    async find(id) {
      const [row] = await database.read<OrderRow>(
        'order_find',
        sql`select ${columns} from orders where id = ${id}`,
      );
      return row && toOrder(row);
    },
    async list(owner, { after, limit, status }) {
      const rows = await database.read<OrderRow>(
        'order_list',
        sql`select ${columns} from orders where ${ownedBy(owner)}
          and ${status === undefined ? sql`true` : sql`status = ${status}`}
          and ${after === undefined ? sql`true` : sql`id < ${after}`}
          order by id desc limit ${limit}`,
      );
      return rows.map(toOrder);
    },
    async history(id) {
      const rows = await database.read<{ seq: number; type: string; at: Date; by: string; data: unknown }>(
        'order_history',
        sql`select seq, type, at, by, data from order_events where order_id = ${id} order by seq`,
      );
      return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
    },
    async step(id, step, act) {
      const take = (transaction: Transaction) => takeStep(transaction, id, step, act);
      const [order, from] = await database.transaction(take);
      onChange(order, from);
      return order;
    },
    async stepWithin(transaction, id, step, act) {
      const [order, from] = await takeStep(transaction, id, step, act);
      return () => onChange(order, from);
    },
    async rebook(id, { pickup, dropoff, scheduledAt, note: text, version }, act) {
      const order = await database.transaction(async (transaction) => {
        const before = await lock(transaction, id, version);
        if (before.status !== 'created') {
          throw new Problem('STATE_CONFLICT', `A booking that is ${before.status} cannot be changed.`);
        }
        const [row] = await transaction.query<OrderRow>(
          'order_rebook',
          sql`update orders set pickup = coalesce(${pickup ? JSON.stringify(pickup) : null}::jsonb, pickup),
            dropoff = coalesce(${dropoff ? JSON.stringify(dropoff) : null}::jsonb, dropoff),
            scheduled_at = coalesce(${scheduledAt ?? null}, scheduled_at), note = coalesce(${text ?? null}, note),
            version = version + 1, updated_at = now() where id = ${id} returning ${columns}`,
        );
        const changed = toOrder(row as OrderRow);
        const { org, customerId } = changed;
        const data = {
          id,
          from: 'created',
          to: 'created',
          customerId,
          version: changed.version,
          reason: 'rebooked',
          // Both, whichever changed: one such event may overtake another.
          pickup: changed.pickup,
          dropoff: changed.dropoff,
        };
        await note(
          transaction,
          event({ subject: 'order.status_changed.v1', org, ...act, data }),
          id,
          changed.version,
        );
        return changed;
      });
      onChange(order, order.status);
      return order;
    },
  };
}

/** One condition, so that each kind of list has its index. */
function ownedBy(owner: Owner): Statement {
  if ('customerId' in owner) return sql`customer_id = ${owner.customerId}`;
  if ('driverId' in owner) return sql`driver_id = ${owner.driverId}`;
  return sql`org_id = ${owner.org}`;
}

function impossible(from: OrderState, to: OrderState): Problem {
  const next = nextStates(from);
  const advice = next.length > 0 ? `it may go to ${next.join(' or ')}` : 'it stays so';
  return new Problem('STATE_CONFLICT', `An order that is ${from} cannot become ${to}; ${advice}.`);
}

function toOrder(row: OrderRow): Order {
  const { id, kind, status, version, pickup, dropoff, priority, demand } = row;
  return {
    id,
    org: row.org_id,
    kind,
    customerId: row.customer_id,
    ...(row.driver_id !== null && { driverId: row.driver_id }),
    status,
    version,
    pickup,
    dropoff,
    ...(row.scheduled_at !== null && { scheduledAt: row.scheduled_at.toISOString() }),
    priority,
    demand,
    ...(row.note !== null && { note: row.note }),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
