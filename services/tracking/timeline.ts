import type { Static } from 'typebox';
import type { Database, Transaction } from '../lib/database.ts';
import type { Point } from '../lib/flat-distance.ts';
import { type EventMaker, tell } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { mayReach, type Stage } from './delivery-stages.ts';
import type { OrderStatusSchema, UpdateSchema } from './schemas.ts';

export type Update = Static<typeof UpdateSchema>;
export type OrderStatus = Static<typeof OrderStatusSchema>;

/** What is known of an order here. */
export interface TrackedOrder {
  readonly id: string;
  readonly org: string;
  readonly customerId: string | undefined;
  readonly driverId: string | undefined;
  readonly status: OrderStatus;
  readonly version: number;
  readonly stage: Stage | undefined;
  readonly pickup: Point | undefined;
  readonly dropoff: Point | undefined;
}

/** Something that happened to a delivery; `at` is ISO 8601. */
export interface NewUpdate {
  readonly type: Update['type'];
  readonly at: string;
  readonly driverId?: string | undefined;
  readonly point?: Point | undefined;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A stage that a driver has reached, as the driver or their position tells. */
export interface Reached {
  readonly type: Stage;
  readonly at: string;
  readonly driverId: string;
  readonly point?: Point | undefined;
  readonly actor: string;
  readonly trace?: string | undefined;
}

/** A timeline that has grown, and by whose drive. */
export interface Growth {
  readonly orderId: string;
  readonly driverId?: string | undefined;
}

interface OrderRow {
  id: string;
  org_id: string;
  customer_id: string | null;
  driver_id: string | null;
  status: OrderStatus;
  version: number;
  stage: Stage | null;
  pickup: Point | null;
  dropoff: Point | null;
}

interface UpdateRow {
  id: string;
  type: Update['type'];
  at: Date;
  driver_id: string | null;
  point: Point | null;
}

const orderColumns: Statement = sql`id, org_id, customer_id, driver_id, status, version, stage, pickup, dropoff`;

/** The timelines in PostgreSQL: what happened to each delivery, and how far it is. */
export interface Timeline {
  find(orderId: string): Promise<TrackedOrder | undefined>;
  /** What happened after the update with that id, in the order it was written. */
  read(orderId: string, after: string): Promise<Update[]>;
  carriedBy(driverId: string): Promise<TrackedOrder[]>;
  /** Gives the order and holds its row: updates of one order are written one after the other. */
  hold(transaction: Transaction, orderId: string, org: string): Promise<TrackedOrder>;
  keep(transaction: Transaction, order: TrackedOrder): Promise<void>;
  note(transaction: Transaction, orderId: string, update: NewUpdate): Promise<void>;
  /**
   * Writes that a driver has come to a stage, and tells it. Throws `RESOURCE_UNKNOWN` for an order that is not theirs
   * now, `STATE_CONFLICT` for a stage that lies behind or too far ahead.
   */
  reach(orderId: string, reached: Reached, within?: Transaction): Promise<void>;
  /** Takes out where a customer was and is. */
  erase(transaction: Transaction, customerId: string): Promise<void>;
}

export function createTimeline({ database, event }: { database: Database; event: EventMaker }): Timeline {
  async function hold(transaction: Transaction, orderId: string, org: string): Promise<TrackedOrder> {
    const [row] = await transaction.query<OrderRow>(
      'order_hold',
      sql`insert into order_ref (id, org_id) values (${orderId}, ${org})
        on conflict (id) do update set org_id = order_ref.org_id returning ${orderColumns}`,
    );
    return toOrder(row as OrderRow);
  }

  async function keep(transaction: Transaction, order: TrackedOrder): Promise<void> {
    const { id, customerId, driverId, status, version, stage, pickup, dropoff } = order;
    await transaction.query(
      'order_keep',
      sql`update order_ref set customer_id = ${customerId ?? null}, driver_id = ${driverId ?? null},
        status = ${status}, version = ${version}, stage = ${stage ?? null},
        pickup = ${toJson(pickup)}::jsonb, dropoff = ${toJson(dropoff)}::jsonb where id = ${id}`,
    );
  }

  async function note(transaction: Transaction, orderId: string, update: NewUpdate): Promise<void> {
    const { type, at, driverId, point, data = {} } = update;
    await transaction.query(
      'update_note',
      sql`insert into delivery_updates (order_id, driver_id, type, at, point, data)
        values (${orderId}, ${driverId ?? null}, ${type}, ${at}, ${toJson(point)}::jsonb, ${JSON.stringify(data)}::jsonb)`,
    );
  }

  async function reach(transaction: Transaction, orderId: string, reached: Reached): Promise<void> {
    const { type, driverId, point, at, actor, trace } = reached;
    const [row] = await transaction.query<OrderRow>(
      'order_lock',
      sql`select ${orderColumns} from order_ref where id = ${orderId} for update`,
    );
    const order = row && toOrder(row);
    if (!order || !isCarried(order) || order.driverId !== driverId) throw unknownOrder();
    if (!mayReach(order.stage, type)) {
      throw new Problem(
        'STATE_CONFLICT',
        `A driver who is ${order.stage ?? 'assigned'} cannot be ${type} now.`,
      );
    }
    await keep(transaction, { ...order, stage: type });
    await note(transaction, orderId, { type, at, driverId, point });
    const data = { orderId, driverId, customerId: order.customerId, type, at, ...(point && { point }) };
    const fact = event({ subject: 'tracking.delivery_updated.v1', org: order.org, actor, trace, data });
    await transaction.query('update_tell', tell(fact, orderId));
  }

  return {
    hold,
    keep,
    note,
    async find(orderId) {
      const [row] = await database.read<OrderRow>(
        'order_find',
        sql`select ${orderColumns} from order_ref where id = ${orderId}`,
      );
      return row && toOrder(row);
    },
    async read(orderId, after) {
      const rows = await database.read<UpdateRow>(
        'updates_read',
        sql`select id, type, at, driver_id, point from delivery_updates
          where order_id = ${orderId} and id > ${after} order by id limit 1000`,
      );
      return rows.map(toUpdate);
    },
    async carriedBy(driverId) {
      const rows = await database.read<OrderRow>(
        'orders_carried',
        sql`select ${orderColumns} from order_ref
          where driver_id = ${driverId} and status in ('assigned', 'picked-up')`,
      );
      return rows.map(toOrder);
    },
    async reach(orderId, reached, within) {
      if (within) await reach(within, orderId, reached);
      else await database.transaction((transaction) => reach(transaction, orderId, reached));
    },
    async erase(transaction, customerId) {
      const theirs = sql`select id from order_ref where customer_id = ${customerId}`;
      await transaction.query(
        'updates_erase',
        sql`update delivery_updates set point = null, data = '{}' where order_id in (${theirs})`,
      );
      await transaction.query(
        'outbox_erase',
        sql`update outbox set payload = payload #- '{data,point}'
          where key in (select id::text from order_ref where customer_id = ${customerId})`,
      );
      // The answers to drivers who told where they were with it.
      await transaction.query(
        'keys_erase',
        sql`delete from idempotency_keys
          where body ->> 'orderId' in (select id::text from order_ref where customer_id = ${customerId})`,
      );
      await transaction.query(
        'orders_erase',
        sql`update order_ref set pickup = null, dropoff = null where customer_id = ${customerId}`,
      );
    },
  };
}

/** Says whether a driver is under way with the order. */
export function isCarried({ status }: Pick<TrackedOrder, 'status'>): boolean {
  return status === 'assigned' || status === 'picked-up';
}

export function unknownOrder(): Problem {
  return new Problem('RESOURCE_UNKNOWN', 'There is no such order.');
}

function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}

function toOrder(row: OrderRow): TrackedOrder {
  return {
    id: row.id,
    org: row.org_id,
    customerId: row.customer_id ?? undefined,
    driverId: row.driver_id ?? undefined,
    status: row.status,
    version: row.version,
    stage: row.stage ?? undefined,
    pickup: row.pickup ?? undefined,
    dropoff: row.dropoff ?? undefined,
  };
}

function toUpdate({ id, type, at, driver_id: driverId, point }: UpdateRow): Update {
  return {
    id,
    type,
    at: at.toISOString(),
    ...(driverId !== null && { driverId }),
    ...(point !== null && { point }),
  };
}
