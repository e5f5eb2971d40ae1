import type { Static } from 'typebox';
import type { Database } from '../lib/database.ts';
import { type EventMaker, tell } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Act } from './customers.ts';
import type { ConsentSchema, ErasureSchema } from './schemas.ts';

export type Erasure = Static<typeof ErasureSchema>;
export type Consent = Static<typeof ConsentSchema>;

/** What is left of somebody, and how they are forgotten. */
export interface Erasures {
  /** The log of consents of one person, oldest first. */
  consents(customer: string): Promise<Consent[]>;
  /** The organisation of somebody known, erased or not. */
  orgOf(customer: string): Promise<string | undefined>;
  /**
   * Forgets somebody at once and tells the services that hold something of them. The log of consents stays: it names
   * nobody. Asked again, it gives the first request. Throws `RESOURCE_UNKNOWN` for who was never known.
   */
  erase(customer: string, act: Act): Promise<Erasure>;
}

export function createErasures(deps: {
  database: Database;
  event: EventMaker;
  clock: { now(): number };
  random: () => number;
  told: () => void;
}): Erasures {
  const { database, event, clock, random, told } = deps;
  return {
    async consents(customer) {
      const rows = await database.read<Omit<Consent, 'at'> & { at: Date }>(
        'consents_read',
        sql`select channel, granted, source, at from consents where customer_id = ${customer} order by id`,
      );
      return rows.map(({ at, ...consent }) => ({ ...consent, at: at.toISOString() }));
    },
    async orgOf(customer) {
      const [row] = await database.read<{ org_id: string }>(
        'customer_org',
        sql`select org_id from customers where id = ${customer}`,
      );
      return row?.org_id;
    },
    async erase(customer, act) {
      const request = await database.transaction(async (transaction) => {
        const [row] = await transaction.query<{ org_id: string }>(
          'erasure_lock',
          sql`select org_id from customers where id = ${customer} for update`,
        );
        if (!row) throw new Problem('RESOURCE_UNKNOWN', 'There is no such customer.');
        const id = uuidV7(clock.now(), random);
        const [made] = await transaction.query<ErasureRow>(
          'erasure_request',
          sql`insert into erasure_requests (id, customer_id, requested_by, at)
            values (${id}, ${customer}, ${act.actor}, ${new Date(clock.now())})
            on conflict (customer_id) do nothing returning id, customer_id, requested_by, at`,
        );
        if (!made) {
          const [first] = await transaction.query<ErasureRow>(
            'erasure_read',
            sql`select id, customer_id, requested_by, at from erasure_requests where customer_id = ${customer}`,
          );
          return first as ErasureRow;
        }
        for (const [label, statement] of forgetting(customer)) await transaction.query(label, statement);
        const fact = event({
          subject: 'customer.erased.v1',
          org: row.org_id,
          ...act,
          data: { id: customer },
        });
        await transaction.query('erasure_tell', tell(fact, customer));
        return made;
      });
      told();
      const { id, customer_id: customerId, requested_by: requestedBy, at } = request;
      return { id, customerId, requestedBy, at: at.toISOString() };
    },
  };
}

interface ErasureRow {
  id: string;
  customer_id: string;
  requested_by: string;
  at: Date;
}

/** Every place of this schema that could name somebody: kept answers and events told before among them. */
function forgetting(customer: string) {
  return [
    [
      'consents_withdraw',
      sql`insert into consents (customer_id, channel, granted, source)
        select id, channel, false, 'erasure' from customers, jsonb_each(channels) as choice (channel, granted)
        where id = ${customer} and granted = 'true'`,
    ],
    ['addresses_erase', sql`delete from addresses where customer_id = ${customer}`],
    ['tokens_erase', sql`delete from comm_tokens where customer_id = ${customer}`],
    ['outbox_erase', sql`update outbox set payload = payload #- '{data,contacts}' where key = ${customer}`],
    ['keys_erase', sql`delete from idempotency_keys where scope like ${`${customer} %`}`],
    [
      'customer_erase',
      sql`update customers set name = null, email = null, locale = null, quiet_hours = null, erased_at = now(),
        channels = '{"email": false, "sms": false, "push": false, "slack": false}' where id = ${customer}`,
    ],
  ] as const;
}
