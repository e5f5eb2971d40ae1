import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';

/** Made ahead: a service that is down over the turn of a month finds its partition. Also the last: events come late. */
const months = [-1, 0, 1, 2];
const everyMs = 60 * 60 * 1000;
const pauseAfterFaultMs = 5_000;

/** The partitions of the timelines, one a month. */
export interface Partitions {
  /** Makes sure that what happened then can be written; `at` is in epoch milliseconds. */
  cover(at: number): Promise<void>;
  /** Makes the months ahead and drops those that are too old; gives the dropped ones. */
  turn(): Promise<string[]>;
  /** Turns every hour until `stopped` aborts. */
  keepTurning(stopped: AbortSignal): Promise<void>;
}

export function createPartitions(deps: {
  database: Database;
  clock: Clock;
  log: Logger;
  /** Months that are kept, the current one included. */
  keptMonths: number;
}): Partitions {
  const { database, clock, log, keptMonths } = deps;
  /** First days of the months that are there. */
  const covered = new Set<string>();

  async function coverMonth(month: string): Promise<void> {
    if (covered.has(month)) return;
    await database.query('partition_cover', sql`select cover_month(${month}::date)`);
    covered.add(month);
  }

  async function turn(): Promise<string[]> {
    const now = clock.now();
    // What this instance remembers is checked again: somebody may have dropped a month by hand.
    covered.clear();
    for (const ahead of months) await coverMonth(monthOf(now, ahead));
    const oldest = monthOf(now, 1 - keptMonths);
    const dropped = await database.query<{ name: string }>(
      'partition_drop',
      sql`select drop_months_before(${oldest}::date) as name`,
    );
    return dropped.map(({ name }) => name);
  }

  return {
    cover: (at) => coverMonth(monthOf(at, 0)),
    turn,
    async keepTurning(stopped) {
      while (!stopped.aborted) {
        const waitMs = await turn().then(
          (dropped) => {
            if (dropped.length > 0) log.info({ dropped }, 'old timelines dropped');
            return everyMs;
          },
          (error: unknown) => {
            log.warn({ err: error }, 'partitions not turned; tried again soon');
            return pauseAfterFaultMs;
          },
        );
        await clock.sleep(waitMs, stopped).catch(() => undefined);
      }
    },
  };
}

/** First day of a month, in UTC, such as `2026-11-01`; `ahead` months after that of `at`. */
export function monthOf(at: number, ahead: number): string {
  const date = new Date(at);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead, 1)).toISOString().slice(0, 10);
}
