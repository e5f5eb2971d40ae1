import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { writeMetric } from '../lib/emf.ts';
import { sql } from '../lib/sql.ts';
import type { Assignments } from './assignments.ts';
import type { DriverPositions } from './driver-positions.ts';
import type { Matcher } from './matcher.ts';
import type { Notices } from './notices.ts';
import type { Offers } from './offers.ts';
import type { OrderQueue } from './order-queue.ts';
import { repeat } from './repeat.ts';

/** The work that no request asks for. */
export interface Background {
  start(): void;
  /** Something was written that may be told, written to order or matched. */
  wake(): void;
  stop(): Promise<void>;
}

const secondMs = 1_000;
const minuteMs = 60_000;

export function createBackground(
  parts: {
    database: Database;
    queue: OrderQueue;
    matcher: Matcher;
    /** How long orders gather before they are matched; 0 matches at once. */
    windowMs: number;
    offers: Offers;
    assignments: Assignments;
    notices: Notices;
    writeTrips: () => Promise<number>;
    positions: DriverPositions;
    metricNamespace: string;
    /** Called when events may have been told. */
    onTold: () => void;
  },
  deps: { clock: Clock; log: Logger },
): Background {
  const { database, queue, matcher, windowMs, offers, assignments, notices, writeTrips, positions } = parts;
  const { clock, log } = deps;
  const every = (ms: number, name: string, work: () => Promise<boolean>) => repeat(name, ms, work, deps);

  const followUps = [
    every(secondMs, 'write assignments', assignments.write),
    every(secondMs, 'read orders again', assignments.reread),
    every(secondMs, 'send notices', async () => (await notices.send()) > 0),
    every(secondMs, 'write trips', async () => (await writeTrips()) > 0),
  ];
  const matching = every(windowMs || secondMs, 'match', async () => {
    const isMore = await matcher.run();
    wakeFollowUps();
    return isMore;
  });
  const rest = [
    every(secondMs, 'expire offers', async () => {
      if ((await offers.expire(clock.now())) > 0) wake();
      return false;
    }),
    every(minuteMs, 'report the depth', async () => {
      const [value, at] = [await queue.depth(clock.now()), clock.now()];
      writeMetric(log, { namespace: parts.metricNamespace, name: 'dispatch_queue_depth', value, at });
      positions.forgetOld();
      return false;
    }),
    every(60 * minuteMs, 'clean', () => clean(database)),
  ];
  const all = [matching, ...followUps, ...rest];

  function wakeFollowUps(): void {
    parts.onTold();
    for (const one of followUps) one.wake();
  }

  function wake(): void {
    wakeFollowUps();
    // A window is to fill up first.
    if (windowMs === 0) matching.wake();
  }

  return {
    start() {
      for (const one of all) one.start();
    },
    wake,
    async stop() {
      await Promise.all(all.map((one) => one.stop()));
    },
  };
}

/** Forgets orders longer over than any redelivery or replay reaches. */
async function clean(database: Database): Promise<boolean> {
  await database.query(
    'orders_clean',
    sql`delete from order_ref where state = 'over' and ended_at < now() - interval '7 days'`,
  );
  return false;
}
