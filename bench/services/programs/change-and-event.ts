/**
 * Changes orders and tells each change in the outbox, 64 callers at once, in the WAY that is asked for: `together` in
 * one statement, or `apart` between begin and commit.
 */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { systemClock } from '../../../services/lib/clock.ts';
import { createDatabase } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { changeAndTell, createEventMaker } from '../../../services/lib/outbox.ts';
import { sql } from '../../../services/lib/sql.ts';
import { serveRounds } from '../program.ts';
import { callers, schemaFor } from './callers.ts';

const orders = 1_000;
const url = process.env.DATABASE_URL ?? '';
const way = process.env.WAY ?? '';
const exchange = await readFile(new URL('../../../services/lib/exchange.sql', import.meta.url), 'utf8');
const schema = await schemaFor(url, way, (name) => [
  `set search_path = ${name}`,
  exchange,
  'create table orders (id int primary key, status text not null, version int not null)',
  `insert into orders select n, 'created', 1 from generate_series(1, ${orders}) n`,
]);

const makeEvent = createEventMaker({ clock: systemClock, random: Math.random });
const eventOf = (id: number) =>
  makeEvent({
    subject: 'order.status_changed.v1',
    org: 'public',
    actor: 'bench',
    data: { id, to: 'assigned' },
  });

type Change = (id: number) => Promise<number>;

function open(): Change {
  if (way === 'together') {
    const database = createDatabase({
      access: readDatabaseUrl(url),
      schema,
      log: pino({ level: 'silent' }),
      registry: new Registry(),
    });
    return async (id) => {
      const change = sql`update orders set status = 'assigned', version = version + 1 where id = ${id} returning id`;
      return (await database.query('change', changeAndTell(change, eventOf(id), String(id)))).length;
    };
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, options: `-c search_path=${schema}` });
  return async (id) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const { rowCount } = await client.query({
        name: 'change',
        text: `update orders set status = 'assigned', version = version + 1 where id = $1 returning id`,
        values: [id],
      });
      const event = eventOf(id);
      await client.query({
        name: 'tell',
        text: 'insert into outbox (event_id, subject, key, payload) values ($1, $2, $3, $4::jsonb)',
        values: [event.id, event.subject, String(id), JSON.stringify(event)],
      });
      await client.query('commit');
      return rowCount ?? 0;
    } finally {
      client.release();
    }
  };
}

const change = open();
/** With a quarter of them V8 still compiles for most of the first rounds. */
const changesPerRound = 20_000;
let next = 0;
await serveRounds(() =>
  callers(64, changesPerRound, async () => {
    next = (next % orders) + 1;
    if ((await change(next)) !== 1) throw new Error('A change has changed nothing.');
  }),
);
process.exit(0);
