import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';

/** Whom order has heard of by the events of identity and driver, which may come a moment later than a request. */
export interface References {
  /** The organisation of an account, if order has heard of it. */
  orgOfUser(id: string): Promise<string | undefined>;
  /** The organisation of a driver, if order has heard of them. */
  orgOfDriver(id: string): Promise<string | undefined>;
}

export function createReferences(database: Database): References {
  return {
    async orgOfUser(id) {
      const [row] = await database.query<{ org_id: string }>(
        'user_ref_find',
        sql`select org_id from user_ref where id = ${id}`,
      );
      return row?.org_id;
    },
    async orgOfDriver(id) {
      const [row] = await database.query<{ org_id: string }>(
        'driver_ref_find',
        sql`select org_id from driver_ref where id = ${id}`,
      );
      return row?.org_id;
    },
  };
}
