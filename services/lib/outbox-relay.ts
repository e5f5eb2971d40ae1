import type { Logger } from 'pino';
import { Gauge, type Registry } from 'prom-client';
import type { Bus, DomainEvent } from './bus.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import { cleanKeys } from './idempotency.ts';
import { cleanInbox } from './inbox.ts';
import { sql } from './sql.ts';

export interface OutboxRelay {
  /** Begins to publish what is in the outbox. */
  start(): void;
  /** Looks at once instead of at the next poll: call it after a write. */
  wake(): void;
  /** Publishes what can be published now and ends. */
  stop(): Promise<void>;
}

const batchSize = 200;
const pollMs = 250;
const pauseAfterFaultMs = 1_000;
const cleanEveryMs = 60 * 60 * 1000;
const keptFor = '7 days';

interface OutboxRow {
  id: string;
  key: string;
  payload: DomainEvent;
}

/**
 * Publishes the events of an outbox in the order they were told, each at least once.
 *
 * One relay a schema works at a time (an advisory lock of the transaction), others stand by, so the events of one key
 * stay in order. A row is marked in the transaction that publishes it, which commits after the bus has stored every
 * event of the batch: a crash in between publishes it again under the same id, which the bus and the inbox recognise.
 * Polls every 250 ms and on `wake`; a notification at each commit would take a lock of the whole server.
 *
 * Every hour it takes out of the schema what nobody asks for any more of what this library keeps there: events told and
 * heard, and idempotency keys. Every service with a schema runs it, so none forgets to.
 */
export function createOutboxRelay(deps: {
  database: Database;
  bus: Bus;
  schema: string;
  clock: Clock;
  log: Logger;
  registry: Registry;
}): OutboxRelay {
  const { database, bus, clock, log, schema } = deps;
  const backlog = registerBacklog(deps.registry);
  const stopping = new AbortController();
  let waking = new AbortController();
  let loop: Promise<void> | undefined;
  let cleanedAt = Number.NEGATIVE_INFINITY;

  /** Publishes one batch; gives its size, or `undefined` when another instance is at it. */
  async function relayBatch(): Promise<number | undefined> {
    return database.transaction(async (transaction) => {
      const [lock] = await transaction.query<{ mine: boolean }>(
        'outbox_lock',
        sql`select pg_try_advisory_xact_lock(hashtextextended(${`outbox:${schema}`}, 0)) as mine`,
      );
      if (!lock?.mine) return undefined;
      const rows = await transaction.query<OutboxRow>(
        'outbox_claim',
        sql`update outbox set published_at = now() where id in (
          select id from outbox where published_at is null order by id limit ${batchSize}
        ) returning id, key, payload`,
      );
      await publishInOrder(rows.sort((one, other) => Number(BigInt(one.id) - BigInt(other.id))));
      return rows.length;
    });
  }

  /** Different keys at the same time, the events of one key after each other. */
  async function publishInOrder(rows: readonly OutboxRow[]): Promise<void> {
    const byKey = Map.groupBy(rows, ({ key }) => key);
    await Promise.all(
      [...byKey.values()].map(async (events) => {
        for (const { payload, key } of events) await bus.publish(payload, key);
      }),
    );
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const pauseMs = await relayAll();
      const signal = AbortSignal.any([stopping.signal, waking.signal]);
      await clock.sleep(pauseMs, signal).catch(() => undefined);
      if (waking.signal.aborted) waking = new AbortController();
    }
  }

  /** Publishes until nothing waits; gives how long to pause, in milliseconds. */
  async function relayAll(): Promise<number> {
    try {
      for (let count = await relayBatch(); count === batchSize; ) count = await relayBatch();
      await clean();
      await measure();
      return pollMs;
    } catch (error) {
      log.warn({ err: error, schema }, 'outbox not relayed; its events wait');
      await measure().catch(() => undefined);
      return pauseAfterFaultMs;
    }
  }

  async function clean(): Promise<void> {
    if (clock.now() - cleanedAt < cleanEveryMs) return;
    cleanedAt = clock.now();
    await database.query(
      'outbox_clean',
      sql`delete from outbox where published_at < now() - ${keptFor}::interval`,
    );
    await cleanInbox(database);
    await cleanKeys(database);
  }

  async function measure(): Promise<void> {
    const [row] = await database.query<{ waiting: number; seconds: number }>(
      'outbox_backlog',
      sql`select count(*)::int as waiting,
        coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as seconds
        from outbox where published_at is null`,
    );
    backlog.unpublished.set(row?.waiting ?? 0);
    backlog.oldestSeconds.set(row?.seconds ?? 0);
  }

  return {
    start() {
      loop = run();
    },
    // With a reason: without one each wake makes an exception.
    wake: () => waking.abort('woken'),
    async stop() {
      stopping.abort();
      await loop;
      await relayAll();
    },
  };
}

function registerBacklog(registry: Registry) {
  const registers = [registry];
  return {
    unpublished: new Gauge({
      name: 'outbox_unpublished',
      help: 'Events told and not published yet.',
      registers,
    }),
    oldestSeconds: new Gauge({
      name: 'outbox_oldest_seconds',
      help: 'Age of the oldest event not published yet.',
      registers,
    }),
  };
}
