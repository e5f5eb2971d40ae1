import type { Static } from 'typebox';
import type { DomainEvent } from '../lib/bus.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { type EventMaker, tell } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type {
  AvailabilitySchema,
  DriverSchema,
  NewDriverSchema,
  VehicleSchema,
  WindowSchema,
} from './schemas.ts';

export type Driver = Static<typeof DriverSchema>;
export type DriverStatus = Driver['status'];
export type Vehicle = Static<typeof VehicleSchema>;
export type Window = Static<typeof WindowSchema>;
export type Availability = Static<typeof AvailabilitySchema>;

/** Who does something, and within which trace. */
export interface Act {
  readonly actor: string;
  readonly trace?: string | undefined;
}

export interface DriverChange {
  name?: string | undefined;
  skills?: readonly string[] | undefined;
  vehicle?: Vehicle | undefined;
  version: number;
}

export interface CarriedOrder {
  readonly id: string;
  readonly driverId: string;
  readonly isOver: boolean;
}

interface DriverRow {
  id: string;
  org_id: string;
  name: string;
  status: DriverStatus;
  skills: string[];
  version: number;
  vehicle_type: Vehicle['type'] | null;
  capacity: Vehicle['capacity'] | null;
}

const columns: Statement = sql`drivers.id, org_id, name, status, skills, version, type as vehicle_type, capacity`;
const joined: Statement = sql`drivers left join vehicles on vehicles.driver_id = drivers.id`;

/** The drivers in PostgreSQL. What others must know of a change is told in its transaction. */
export interface Drivers {
  /** Throws `ALREADY_EXISTS` for an account that is a driver. */
  add(
    transaction: Transaction,
    org: string,
    driver: Static<typeof NewDriverSchema>,
    act: Act,
  ): Promise<Driver>;
  find(id: string): Promise<Driver | undefined>;
  list(
    org: string,
    page: { after?: string | undefined; limit: number; status?: DriverStatus | undefined },
  ): Promise<Driver[]>;
  /** Throws `VERSION_STALE` for another version than the stored one. */
  change(id: string, change: DriverChange, act: Act): Promise<Driver>;
  availability(driver: Driver): Promise<Availability>;
  /** Throws `STATE_CONFLICT` for a driver who is under way with an order. */
  setAvailability(
    id: string,
    wanted: { status?: 'available' | 'offline' | undefined; windows?: readonly Window[] | undefined },
    act: Act,
  ): Promise<Driver>;
  /**
   * A driver has an order, or is rid of it, and is busy as long as they have one. An event older than the newest about
   * this order changes nothing.
   */
  followOrder(transaction: Transaction, order: CarriedOrder, event: DomainEvent): Promise<void>;
}

export function createDrivers(deps: {
  database: Database;
  event: EventMaker;
  clock: { now(): number };
  random: () => number;
  told: () => void;
}): Drivers {
  const { database, event, clock, random, told } = deps;

  async function read(transaction: Transaction, id: string): Promise<Driver> {
    const [row] = await transaction.query<DriverRow>(
      'driver_lock',
      sql`select ${columns} from ${joined} where drivers.id = ${id} for update of drivers`,
    );
    if (!row) throw new Problem('RESOURCE_UNKNOWN', 'There is no such driver.');
    return toDriver(row);
  }

  async function tellAvailability(transaction: Transaction, driver: Driver, act: Act): Promise<void> {
    const { id, org, status, vehicle, skills } = driver;
    const data = { id, status, vehicle, skills };
    const fact = event({ subject: 'driver.availability_changed.v1', org, ...act, data });
    await transaction.query('driver_tell', tell(fact, id));
  }

  async function putVehicle(transaction: Transaction, driverId: string, vehicle: Vehicle): Promise<void> {
    await transaction.query(
      'vehicle_put',
      sql`insert into vehicles (id, driver_id, type, capacity)
        values (${uuidV7(clock.now(), random)}, ${driverId}, ${vehicle.type}, ${JSON.stringify(vehicle.capacity)}::jsonb)
        on conflict (driver_id) do update set type = excluded.type, capacity = excluded.capacity`,
    );
  }

  async function within<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    const result = await database.transaction(work);
    told();
    return result;
  }

  return {
    async add(transaction, org, { id, name, skills = [], vehicle }, act) {
      const made = await transaction.query(
        'driver_add',
        sql`insert into drivers (id, org_id, name, skills) values (${id}, ${org}, ${name}, ${skills})
          on conflict (id) do nothing returning id`,
      );
      if (made.length === 0)
        throw new Problem('ALREADY_EXISTS', 'This account is a driver.', { field: 'id' });
      if (vehicle) await putVehicle(transaction, id, vehicle);
      const added = await read(transaction, id);
      await tellAvailability(transaction, added, act);
      return added;
    },
    async find(id) {
      const [row] = await database.read<DriverRow>(
        'driver_find',
        sql`select ${columns} from ${joined} where drivers.id = ${id}`,
      );
      return row && toDriver(row);
    },
    async list(org, { after, limit, status }) {
      const rows = await database.read<DriverRow>(
        'driver_list',
        sql`select ${columns} from ${joined} where org_id = ${org}
          and ${status === undefined ? sql`true` : sql`status = ${status}`}
          and ${after === undefined ? sql`true` : sql`drivers.id > ${after}`}
          order by drivers.id limit ${limit}`,
      );
      return rows.map(toDriver);
    },
    change: (id, { name, skills, vehicle, version }, act) =>
      within(async (transaction) => {
        const changed = await transaction.query(
          'driver_change',
          sql`update drivers set name = coalesce(${name ?? null}, name), skills = coalesce(${skills ?? null}, skills),
            version = version + 1 where id = ${id} and version = ${version} returning id`,
        );
        if (changed.length === 0)
          throw new Problem('VERSION_STALE', 'The driver has changed; read it again.');
        if (vehicle) await putVehicle(transaction, id, vehicle);
        const driver = await read(transaction, id);
        await tellAvailability(transaction, driver, act);
        return driver;
      }),
    async availability({ id, status }) {
      const windows = await database.read<Window>(
        'windows_read',
        sql`select weekday, starts, ends from availability_windows where driver_id = ${id} order by weekday, starts`,
      );
      return { status, windows };
    },
    setAvailability: (id, { status, windows }, act) =>
      within(async (transaction) => {
        const before = await read(transaction, id);
        if (status !== undefined && before.status === 'busy') {
          throw new Problem('STATE_CONFLICT', 'The driver is under way with an order; it ends first.');
        }
        if (windows) await replaceWindows(transaction, id, windows);
        if (status !== undefined && status !== before.status) {
          await transaction.query(
            'driver_status',
            sql`update drivers set status = ${status}, version = version + 1 where id = ${id}`,
          );
        }
        const driver = await read(transaction, id);
        if (driver.status !== before.status) await tellAvailability(transaction, driver, act);
        return driver;
      }),
    async followOrder(transaction, { id: orderId, driverId, isOver }, { at, actor, trace }) {
      // One at a time for each driver, or neither of two would see the other's order.
      await transaction.query('driver_hold', sql`select id from drivers where id = ${driverId} for update`);
      await transaction.query(
        'order_ref',
        sql`insert into order_ref (id, driver_id, is_over, at) values (${orderId}, ${driverId}, ${isOver}, ${at})
          on conflict (id) do update set driver_id = excluded.driver_id, is_over = excluded.is_over, at = excluded.at
          where order_ref.at <= excluded.at`,
      );
      const carries = sql`exists (select from order_ref where driver_id = drivers.id and not is_over)`;
      const changed = await transaction.query(
        'driver_busy',
        sql`update drivers set status = case when ${carries} then 'busy' else 'available' end, version = version + 1
          where id = ${driverId} and (status = 'busy') <> ${carries}
            and not exists (select from erased where erased.id = drivers.id) returning id`,
      );
      if (changed.length > 0)
        await tellAvailability(transaction, await read(transaction, driverId), { actor, trace });
    },
  };

  async function replaceWindows(
    transaction: Transaction,
    id: string,
    windows: readonly Window[],
  ): Promise<void> {
    const wrong = windows.findIndex(({ starts, ends }) => starts >= ends);
    if (wrong !== -1) {
      throw new Problem('BODY_INVALID', 'A window ends after it starts.', { field: `windows.${wrong}.ends` });
    }
    await transaction.query('windows_clear', sql`delete from availability_windows where driver_id = ${id}`);
    for (const { weekday, starts, ends } of windows) {
      await transaction.query(
        'window_add',
        sql`insert into availability_windows (id, driver_id, weekday, starts, ends)
          values (${uuidV7(clock.now(), random)}, ${id}, ${weekday}, ${starts}, ${ends})`,
      );
    }
  }
}

function toDriver(row: DriverRow): Driver {
  const { id, name, status, skills, version, vehicle_type: type, capacity } = row;
  return {
    id,
    org: row.org_id,
    name,
    status,
    skills,
    ...(type !== null && { vehicle: { type, capacity: capacity ?? {} } }),
    version,
  };
}
