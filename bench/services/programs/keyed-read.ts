/**
 * Reads orders by their key, 64 callers at once, in the WAY that is asked for: `pipelined`, `pool` or `postgres.js`.
 */
import pg from 'pg';
import { pino } from 'pino';
import postgres from 'postgres';
import { Registry } from 'prom-client';
import { createDatabase } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { sql } from '../../../services/lib/sql.ts';
import { serveRounds } from '../program.ts';
import { callers, schemaFor } from './callers.ts';

interface Order {
  id: number;
}

const rows = 10_000;
const url = process.env.DATABASE_URL ?? '';
const way = process.env.WAY ?? '';
const schema = await schemaFor(url, way, (name) => [
  `create table ${name}.orders (id int primary key, status text not null, version int not null, pickup jsonb not null)`,
  `insert into ${name}.orders select n, 'created', 1, '{"lat":52.5,"lon":13.4}' from generate_series(1, ${rows}) n`,
  `analyze ${name}.orders`,
]);

type Read = (id: number) => Promise<Order | undefined>;

function open(): Read {
  if (way === 'pipelined') {
    const database = createDatabase({
      access: readDatabaseUrl(url),
      schema,
      log: pino({ level: 'silent' }),
      registry: new Registry(),
    });
    return async (id) => {
      const [row] = await database.read<Order>(
        'order',
        sql`select id, status, version, pickup from orders where id = ${id}`,
      );
      return row;
    };
  }
  if (way === 'pool') {
    const pool = new pg.Pool({ connectionString: url, max: 10, options: `-c search_path=${schema}` });
    return async (id) => {
      const { rows: found } = await pool.query<Order>({
        name: 'order',
        text: 'select id, status, version, pickup from orders where id = $1',
        values: [id],
      });
      return found[0];
    };
  }
  const client = postgres(url, { max: 10, connection: { search_path: schema } });
  return async (id) => {
    const [row] = await client<Order[]>`select id, status, version, pickup from orders where id = ${id}`;
    return row;
  };
}

const read = open();
let next = 0;
await serveRounds(() =>
  callers(64, 15_000, async () => {
    next = (next % rows) + 1;
    const id = next;
    const row = await read(id);
    if (row?.id !== id) throw new Error(`Order ${id} was asked for, ${row?.id} was read.`);
  }),
);
process.exit(0);
