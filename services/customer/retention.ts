import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';

/** How long what is held here stays, in days. */
export interface RetentionDays {
  tokens: number;
  erasureRecords: number;
}

const everyMs = 60 * 60 * 1_000;

/** Deletes what nobody needs any more. Safe at any time and on several instances at once. */
export async function applyRetention(database: Database, days: RetentionDays): Promise<void> {
  await database.query(
    'tokens_expire',
    sql`delete from comm_tokens where seen_at < now() - make_interval(days => ${days.tokens})`,
  );
  await database.query(
    'erasures_expire',
    sql`delete from erasure_requests where at < now() - make_interval(days => ${days.erasureRecords})`,
  );
}

/** Applies the retention now and every hour until `stopped` aborts; a database that is away is asked an hour later. */
export async function keepRetention(
  deps: { database: Database; clock: Clock; log: Logger },
  days: RetentionDays,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    await applyRetention(deps.database, days).catch((error: unknown) =>
      deps.log.warn({ err: error }, 'retention not applied'),
    );
    await deps.clock.sleep(everyMs, stopped).catch(() => undefined);
  }
}
