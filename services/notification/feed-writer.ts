import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import { type Feed, mostPerBatch } from './feed.ts';
import { createLoop, type Loop } from './loop.ts';
import { columns, type NotificationRow, toNotification } from './notifications.ts';
import type { Recipients } from './recipients.ts';
import { RenderError, render } from './render.ts';

const pollMs = 1_000;
const pauseAfterFaultMs = 5_000;

type EndedRow = NotificationRow & { status: string };

/**
 * Brings what has ended into the feeds, and takes the feeds of erased people away. While DynamoDB does not answer, both
 * wait in the database and nothing else does.
 */
export function createFeedWriter(deps: {
  database: Database;
  recipients: Recipients;
  feed: Feed;
  clock: Clock;
  log: Logger;
}): Loop {
  const { database, recipients, feed, clock, log } = deps;

  /** `undefined` for somebody whose feed is not there any more. */
  async function entryOf(transaction: Transaction, row: EndedRow) {
    const { id, userId, channel, template, data, createdAt } = toNotification(row);
    const recipient = await recipients.find(userId, transaction);
    if (!recipient || recipient.isErased) return undefined;
    const body = bodyOf(template, recipient.locale, data);
    return {
      userId,
      entry: { id, channel, template, status: row.status, body, at: createdAt.toISOString() },
    };
  }

  /**
   * Rows stay locked while their entries are written, so an erasure waits for them and then finds the entries; one that
   * came first has left nothing to write.
   */
  async function writeBatch(): Promise<boolean> {
    return database.transaction(async (transaction) => {
      const rows = await transaction.query<EndedRow>(
        'feed_due',
        sql`select ${columns}, status from notifications where settled_at is not null and fed_at is null
          order by settled_at limit ${mostPerBatch} for update skip locked`,
      );
      const entries: Parameters<Feed['put']>[0][number][] = [];
      for (const row of rows) {
        const entry = await entryOf(transaction, row);
        if (entry) entries.push(entry);
      }
      await feed.put(entries);
      if (rows.length > 0) {
        const ids = rows.map(({ id }) => id);
        await transaction.query(
          'feed_done',
          sql`update notifications set fed_at = now() where id = any(${ids})`,
        );
      }
      return rows.length === mostPerBatch;
    });
  }

  async function eraseOne(): Promise<boolean> {
    return database.transaction(async (transaction) => {
      const [row] = await transaction.query<{ user_id: string }>(
        'feed_erase_due',
        sql`select user_id from feed_erasures order by at limit 1 for update skip locked`,
      );
      if (!row) return false;
      await feed.erase(row.user_id);
      await transaction.query('feed_erased', sql`delete from feed_erasures where user_id = ${row.user_id}`);
      return true;
    });
  }

  return createLoop({
    clock,
    async turn() {
      const hasErased = await eraseOne();
      return (await writeBatch()) || hasErased;
    },
    pauseMs: pollMs,
    faultPauseMs: pauseAfterFaultMs,
    onFault: (error) => log.warn({ err: error }, 'feeds not written; their entries wait'),
  });
}

/** What failed because no text can be made of it is in the feed without one. */
function bodyOf(...message: Parameters<typeof render>): string {
  try {
    return render(...message).text;
  } catch (error) {
    if (error instanceof RenderError) return '';
    throw error;
  }
}
