/**
 * Empties an outbox into a bus that takes no time, in the WAY that is asked for: `relay`, ours, or `row by row`.
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { systemClock } from '../../../services/lib/clock.ts';
import { createDatabase } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { createMemoryBus } from '../../../services/lib/memory-bus.ts';
import { createOutboxRelay } from '../../../services/lib/outbox-relay.ts';
import { serveRounds } from '../program.ts';
import { schemaFor } from './callers.ts';

const url = process.env.DATABASE_URL ?? '';
const way = process.env.WAY ?? '';
const exchange = await readFile(new URL('../../../services/lib/exchange.sql', import.meta.url), 'utf8');
const schema = await schemaFor(url, way, (name) => [`set search_path = ${name}`, exchange]);
const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` });
await client.connect();

const log = pino({ level: 'silent' });
const bus = () => createMemoryBus({ clock: systemClock, log, registry: new Registry() });

async function fill(count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await client.query(
    `insert into outbox (event_id, subject, key, payload)
      select id, 'order.status_changed.v1', (n % 500)::text, jsonb_build_object('id', id,
        'subject', 'order.status_changed.v1', 'at', '2026-01-01T00:00:00Z', 'org', 'public', 'actor', 'bench',
        'data', jsonb_build_object('to', 'assigned'))
      from unnest($1::uuid[]) with ordinality as given (id, n)`,
    [ids],
  );
}

async function assertEmpty(): Promise<void> {
  const { rows } = await client.query<{ left: number }>(
    'select count(*)::int as left from outbox where published_at is null',
  );
  if (rows[0]?.left !== 0) throw new Error(`${rows[0]?.left} events are still in the outbox.`);
}

/** `stop` publishes what there is and resolves when nothing is left. */
async function relayAll(): Promise<void> {
  const options = { access: readDatabaseUrl(url), schema, log, registry: new Registry() };
  const database = createDatabase(options);
  const relay = createOutboxRelay({ ...options, database, bus: bus(), clock: systemClock });
  await relay.stop();
  await database.close();
}

async function rowByRow(): Promise<void> {
  const pipe = bus();
  for (;;) {
    await client.query('begin');
    const { rows } = await client.query({
      name: 'claim',
      text: `select id, key, payload from outbox where published_at is null order by id limit 1 for update skip locked`,
    });
    const [row] = rows;
    if (row === undefined) {
      await client.query('commit');
      return;
    }
    await pipe.publish(row.payload, row.key);
    await client.query({
      name: 'mark',
      text: 'update outbox set published_at = now() where id = $1',
      values: [row.id],
    });
    await client.query('commit');
  }
}

const count = way === 'relay' ? 10_000 : 500;
await fill(count);
await serveRounds(
  async () => {
    await (way === 'relay' ? relayAll() : rowByRow());
    return count;
  },
  async () => {
    await assertEmpty();
    await fill(count);
  },
);
process.exit(0);
