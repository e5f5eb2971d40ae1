import type { Database, Transaction } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import type { FreeDriver } from './matching.ts';

/** What driver tells of a driver. */
export interface DriverFacts {
  readonly id: string;
  readonly org: string;
  readonly status: string;
  readonly capacity: NonNullable<FreeDriver['capacity']>;
  readonly skills: readonly string[];
  /** When it was told, ISO. */
  readonly at: string;
}

/** A driver who could be given an order, wherever they are. */
export type IdleDriver = Omit<FreeDriver, 'position'>;

/** The drivers as their service tells of them, in PostgreSQL. */
export interface Roster {
  /** Takes over what is newer than what is known; says whether it was. */
  keep(transaction: Transaction, driver: DriverFacts): Promise<boolean>;
  find(id: string): Promise<{ org: string; status: string } | undefined>;
  /** Drivers of an organisation who are available and have been promised nothing. */
  idle(org: string): Promise<IdleDriver[]>;
}

export function createRoster(database: Database): Roster {
  return {
    async keep(transaction, { id, org, status, capacity, skills, at }) {
      const kept = await transaction.query(
        'driver_keep',
        sql`insert into driver_ref (id, org_id, status, capacity, skills, at)
          values (${id}, ${org}, ${status}, ${JSON.stringify(capacity)}::jsonb, ${skills}, ${at})
          on conflict (id) do update set status = excluded.status, capacity = excluded.capacity,
            skills = excluded.skills, at = excluded.at
          where driver_ref.at <= excluded.at returning id`,
      );
      return kept.length > 0;
    },
    async find(id) {
      const [row] = await database.read<{ org_id: string; status: string }>(
        'driver_find',
        sql`select org_id, status from driver_ref where id = ${id}`,
      );
      return row && { org: row.org_id, status: row.status };
    },
    idle: (org) =>
      database.read<IdleDriver>(
        'drivers_idle',
        sql`select id, capacity, skills from driver_ref where status = 'available' and org_id = ${org}
          and not exists (select from offers where offers.driver_id = driver_ref.id
            and offers.state in ('open', 'accepted', 'assigned'))`,
      ),
  };
}
