import type { DomainEvent, Handling } from './bus.ts';
import type { Database, Transaction } from './database.ts';
import { sql } from './sql.ts';

/**
 * Has an event's effect exactly once: the event is noted in the transaction of the effect, and a second delivery finds
 * it there. What `effect` throws undoes both.
 */
export async function once(
  database: Database,
  consumer: string,
  event: Pick<DomainEvent, 'id'>,
  effect: (transaction: Transaction) => Promise<unknown>,
): Promise<Handling> {
  return database.transaction(async (transaction) => {
    const noted = await transaction.query(
      'inbox_note',
      sql`insert into inbox (consumer, event_id) values (${consumer}, ${event.id})
        on conflict do nothing returning event_id`,
    );
    if (noted.length === 0) return 'duplicate';
    await effect(transaction);
    return 'done';
  });
}

/** Forgets events longer ago than any redelivery or replay reaches. */
export async function cleanInbox(database: Database): Promise<void> {
  await database.query('inbox_clean', sql`delete from inbox where at < now() - interval '7 days'`);
}
