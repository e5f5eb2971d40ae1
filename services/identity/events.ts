import { Type } from 'typebox';
import type { Subscription } from '../lib/bus.ts';
import type { Database } from '../lib/database.ts';
import { readData } from '../lib/event-data.ts';
import { once } from '../lib/inbox.ts';
import { sql } from '../lib/sql.ts';

const ErasedData = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** A person who asked to be forgotten: what could name them goes, the account's id stays for the records of others. */
export function erasesPeople(database: Database): Subscription {
  const durable = 'identity-erasure';
  return {
    durable,
    subject: 'customer.erased.v1',
    inFlight: 4,
    handle: (event) => {
      const { id } = readData(event, ErasedData);
      return once(database, durable, event, async (transaction) => {
        await transaction.query(
          'user_erase',
          sql`update users set email = 'erased-' || id || '@invalid', name = 'erased', password_hash = '',
            erased_at = now(), version = version + 1 where id = ${id} and erased_at is null`,
        );
        await transaction.query(
          'outbox_erase',
          sql`update outbox set payload = jsonb_set(payload #- '{data,email}', '{data,name}', '"erased"')
            where key = ${id}`,
        );
        await transaction.query('keys_erase', sql`delete from idempotency_keys where body ->> 'id' = ${id}`);
        await transaction.query('refresh_erase', sql`delete from refresh_tokens where user_id = ${id}`);
      });
    },
  };
}
