import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import type { JobFaults } from './job-faults.ts';
import { createLoop, type Loop } from './loop.ts';

const everyMs = 60 * 60 * 1000;

/** Every hour takes away what nobody asks for any more: what is in the feeds for 30 days, and what was noted of jobs. */
export function createUpkeep(deps: {
  database: Database;
  faults: JobFaults;
  clock: Clock;
  log: Logger;
}): Loop {
  const { database, faults, clock, log } = deps;
  return createLoop({
    clock,
    async turn() {
      await faults.clean();
      await database.query(
        'notifications_clean',
        sql`delete from notifications where fed_at < now() - interval '30 days'`,
      );
      return false;
    },
    pauseMs: everyMs,
    faultPauseMs: 60_000,
    onFault: (error) => log.warn({ err: error }, 'not tidied up'),
  });
}
