import { types } from 'node:util';
import pg from 'pg';
import type { Logger } from 'pino';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { DatabaseAccess } from './database-access.ts';
import { Problem } from './problem.ts';
import { type Statement, sql } from './sql.ts';
import { traced } from './trace.ts';

export interface Row {
  readonly [column: string]: unknown;
}

/** The statements of one open transaction. */
export interface Transaction {
  query<Shape extends object = Row>(label: string, statement: Statement): Promise<Shape[]>;
}

/** One schema of PostgreSQL, as its own role. Every call throws `STORE_UNAVAILABLE` while the server does not answer. */
export interface Database extends Transaction {
  /**
   * Reads through one connection on which statements follow each other without waiting for answers: a third of the
   * processor time of a pool. For single statements that change nothing. `label` names the query in the metrics.
   */
  read<Shape extends object = Row>(label: string, statement: Statement): Promise<Shape[]>;
  /** Runs one statement on the pool: for writes, whose commits go to the disk together only on several connections. */
  query<Shape extends object = Row>(label: string, statement: Statement): Promise<Shape[]>;
  /** Runs several statements as one transaction; what `work` throws rolls it back. */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
  /** Throws while the server does not answer. */
  assertAnswers(): Promise<void>;
  /** Waits for a connection of the pool as a write does where all are in use, and gives it back; rejects if none comes. */
  passLine(): Promise<void>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  access: DatabaseAccess;
  /** Schema that unqualified names mean. */
  schema: string;
  poolSize?: number;
  log: Logger;
  registry: Registry;
}

/** Longest time for one statement and for a connection, in milliseconds; below the handler's own 30 s. */
const statementTimeoutMs = 10_000;
const connectTimeoutMs = 3_000;
const retryAfterSeconds = 5;

/** Times and faults of the database, by query. */
interface QueryMetrics {
  seconds: Histogram<'query'>;
  connectErrors: Counter;
}

export function createDatabase(options: DatabaseOptions): Database {
  const { log, poolSize = 10 } = options;
  const metrics = registerMetrics(options.registry);
  const pool = new pg.Pool({
    ...connectionOptions(options),
    max: poolSize,
    idleTimeoutMillis: 30_000,
  });
  // An idle connection that breaks emits this; without a listener it would end the process.
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  const reader = createReader(options);

  async function run<Shape extends object>(
    label: string,
    statement: Statement,
    send: (query: pg.QueryConfig) => Promise<pg.QueryResult>,
  ): Promise<Shape[]> {
    const stop = metrics.seconds.startTimer({ query: label });
    const attributes = {
      'db.system.name': 'postgresql',
      'db.namespace': options.schema,
      'db.query.summary': label,
    };
    try {
      const { rows } = await traced({ name: label, kind: 'client', attributes }, () =>
        connecting(options.access, () => send({ ...statement, values: [...statement.values] })),
      );
      return rows as Shape[];
    } catch (error) {
      throw toStoreProblem(error, metrics);
    } finally {
      stop();
    }
  }

  const query: Database['query'] = (label, statement) => run(label, statement, (given) => pool.query(given));
  return {
    query,
    read: (label, statement) => run(label, statement, async (given) => (await reader.client()).query(given)),
    async transaction(work) {
      const client = await connecting(options.access, () => pool.connect()).catch((error: unknown) => {
        throw toStoreProblem(error, metrics);
      });
      // The driver emits it on a client that is in use; the query in flight rejects as well.
      const onError = (error: Error) =>
        log.warn({ err: error }, 'a database connection broke in a transaction');
      client.on('error', onError);
      try {
        await client.query('begin');
        const result = await work({
          query: (label, statement) => run(label, statement, (given) => client.query(given)),
        });
        await client.query('commit');
        client.off('error', onError);
        client.release();
        return result;
      } catch (error) {
        await client.query('rollback').then(
          () => client.release(),
          // Not known whether it rolled back: the connection is closed, which does.
          () => client.release(true),
        );
        client.off('error', onError);
        throw toStoreProblem(error, metrics);
      }
    },
    async assertAnswers() {
      await query('ping', sql`select 1`);
    },
    async passLine() {
      // While there is room nobody is in line, and no connection is opened for this.
      if (pool.idleCount > 0 || pool.totalCount < poolSize) return;
      (await pool.connect()).release();
    },
    async close() {
      await Promise.all([pool.end(), reader.close()]);
    },
  };
}

/**
 * Does what may open a connection, again with the password read anew when the server refused it: nothing has been sent
 * on that connection, so nothing is done twice.
 */
async function connecting<Result>(access: DatabaseAccess, work: () => Promise<Result>): Promise<Result> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await work();
    } catch (error) {
      const isRefused = error instanceof pg.DatabaseError && error.code === passwordRefused;
      if (!isRefused || !(await access.renewPassword?.(refusals))) throw error;
    }
  }
}

/** One pipelined connection, opened on first use and again after it broke. */
function createReader(options: DatabaseOptions) {
  let opening: Promise<pg.Client> | undefined;

  async function open(): Promise<pg.Client> {
    // The driver's types lag behind: `pipeline` came with 8.23.
    const client = new pg.Client({ ...connectionOptions(options), pipeline: true } as pg.ClientConfig);
    const forget = () => {
      opening = undefined;
    };
    client.on('error', (error) => {
      options.log.warn({ err: error }, 'the reading database connection broke');
      forget();
    });
    client.on('end', forget);
    await client.connect();
    return client;
  }

  return {
    client() {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      const client = await opening?.catch(() => undefined);
      await client?.end();
    },
  };
}

function connectionOptions({ access, schema }: DatabaseOptions): pg.ClientConfig {
  return {
    ...access,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    // Above the server's own limit, for a server that does not answer at all.
    query_timeout: statementTimeoutMs + 1_000,
    keepAlive: true,
    options: `-c search_path=${schema}`,
  };
}

function registerMetrics(registry: Registry): QueryMetrics {
  return {
    seconds: new Histogram({
      name: 'db_query_duration_seconds',
      help: 'Time of one statement, waiting for a connection included.',
      labelNames: ['query'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers: [registry],
    }),
    connectErrors: new Counter({
      name: 'db_connect_errors_total',
      help: 'Statements that failed because the database did not answer.',
      registers: [registry],
    }),
  };
}

const passwordRefused = '28P01';
/** PostgreSQL error codes that mean "not now": connection, resources, operator intervention, a password in rotation. */
const passingFaults = /^(08|53|57P|28P01)/;
/** What the driver says without a code, when the server is gone or silent. */
const passingMessages = /terminated|timeout|not queryable|closed the connection|ended/i;
const passingSystemCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/** A database that does not answer is a 503 with Retry-After; what else it says is the caller's to understand. */
function toStoreProblem(error: unknown, metrics: QueryMetrics): unknown {
  if (!types.isNativeError(error) || error instanceof Problem) return error;
  const code = 'code' in error ? String(error.code) : '';
  const isPassing =
    passingFaults.test(code) ||
    passingSystemCodes.has(code) ||
    code.startsWith('ERR_STREAM_') ||
    (code === '' && passingMessages.test(error.message));
  if (!isPassing) return error;
  metrics.connectErrors.inc();
  return new Problem('STORE_UNAVAILABLE', 'The database does not answer now.', {
    retryAfterSeconds,
    cause: error,
  });
}

/** Tells whether an error is PostgreSQL's refusal of a second row with the same key; `constraint` narrows it. */
export function isDuplicate(error: unknown, constraint?: string): boolean {
  if (!(error instanceof pg.DatabaseError) || error.code !== '23505') return false;
  return constraint === undefined || error.constraint === constraint;
}
