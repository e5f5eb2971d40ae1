import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import type { Position } from './position.ts';
import type { TripStore } from './trip-store.ts';

interface TripRow {
  id: string;
  org_id: string;
  customer_id: string | null;
  driver_id: string | null;
  pickup: Position | null;
  dropoff: Position | null;
  since: Date;
  picked_up_at: Date | null;
  ended_at: Date;
}

interface DrivenRow {
  strategy: string;
  distance_metres: number;
  created_at: Date;
}

const leaseMs = 30_000;

/**
 * Writes the file of each delivered order, `trips/YYYY/MM/DD/<order id>.json` by the day it was delivered (UTC), and
 * forgets the order then. Written again after a fault, it is the same file. Gives the number written; throws while S3
 * does not answer.
 */
export function createTripWriter(deps: {
  database: Database;
  store: TripStore;
  clock: Pick<Clock, 'now'>;
}): () => Promise<number> {
  const { database, store, clock } = deps;

  async function write(row: TripRow): Promise<void> {
    const [driven] = await database.query<DrivenRow>(
      'trip_offer',
      sql`select strategy, distance_metres, created_at from offers
        where order_id = ${row.id} and driver_id = ${row.driver_id} and state in ('assigned', 'over')
        order by created_at desc limit 1`,
    );
    const [day = ''] = row.ended_at.toISOString().split('T');
    await store.put(
      `trips/${day.replaceAll('-', '/')}/${row.id}.json`,
      JSON.stringify(renderTrip(row, driven)),
    );
    await database.query(
      'trip_written',
      sql`update order_ref set state = 'over' where id = ${row.id} and state = 'delivered'`,
    );
  }

  return async () => {
    const now = clock.now();
    const rows = await database.query<TripRow>(
      'trips_claim',
      sql`update order_ref set next_at = ${new Date(now + leaseMs)} where id in (
          select id from order_ref where state = 'delivered' and next_at <= ${new Date(now)}
          order by next_at limit 20 for update skip locked)
        returning id, org_id, customer_id, driver_id, pickup, dropoff, since, picked_up_at, ended_at`,
    );
    for (const row of rows) await write(row);
    return rows.length;
  };
}

/** Ids and places only: the file outlives what is known of people. */
function renderTrip(row: TripRow, driven: DrivenRow | undefined) {
  return {
    orderId: row.id,
    org: row.org_id,
    customerId: row.customer_id,
    driverId: row.driver_id,
    pickup: row.pickup,
    dropoff: row.dropoff,
    placedAt: row.since.toISOString(),
    proposedAt: driven?.created_at.toISOString() ?? null,
    pickedUpAt: row.picked_up_at?.toISOString() ?? null,
    deliveredAt: row.ended_at.toISOString(),
    strategy: driven?.strategy ?? null,
    metresToPickup: driven?.distance_metres ?? null,
  };
}
