import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Type } from 'typebox';
import { startNats } from '../../local/stack/nats.ts';
import { startPostgres } from '../../local/stack/postgres.ts';
import { type Bus, type DomainEvent, PoisonEventError } from '../../services/lib/bus.ts';
import { systemClock } from '../../services/lib/clock.ts';
import { createDatabase, type Database } from '../../services/lib/database.ts';
import { readDatabaseUrl } from '../../services/lib/database-access.ts';
import { answerOnce } from '../../services/lib/idempotency.ts';
import { once } from '../../services/lib/inbox.ts';
import { migrate } from '../../services/lib/migrate.ts';
import { createNatsBus } from '../../services/lib/nats-bus.ts';
import { changeAndTell, createEventMaker, tell } from '../../services/lib/outbox.ts';
import { createOutboxRelay } from '../../services/lib/outbox-relay.ts';
import { runReplay } from '../../services/lib/replay-command.ts';
import { sql } from '../../services/lib/sql.ts';
import { eventually, until, untilConnected } from './platform/caller.ts';

const log = pino({ level: 'silent' });
const schema = 'samples';
const folder = join(import.meta.dirname, 'fixtures', 'exchange');
const event = createEventMaker({ clock: systemClock, random: Math.random });

const [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
let database: Database;

beforeAll(async () => {
  const target = {
    admin: readDatabaseUrl(postgres.url),
    schema,
    role: 'sample',
    rolePassword: 'p',
    folder,
    log,
  };
  expect(await Promise.all([migrate(target), migrate(target)])).toContainEqual(['001_exchange']);
  expect(await migrate(target)).toEqual([]);
  database = openAs('sample');
});
afterAll(async () => {
  await database.close();
  await Promise.all([postgres.stop(), nats.stop()]);
});
beforeEach(async () => {
  for (const table of [
    sql`delete from outbox`,
    sql`delete from inbox`,
    sql`delete from counters`,
    sql`delete from idempotency_keys`,
  ])
    await database.query('clear', table);
});

function openAs(role: string): Database {
  const access = readDatabaseUrl(`postgres://${role}:p@127.0.0.1:${postgres.port}/postgres`);
  return createDatabase({ access, schema, log, registry: new Registry() });
}

function openBus(name: string, registry = new Registry()) {
  return createNatsBus({
    url: nats.url,
    name,
    replicas: 1,
    clock: systemClock,
    log,
    registry,
  });
}

function openRelay(bus: Bus) {
  return createOutboxRelay({ database, bus, schema, clock: systemClock, log, registry: new Registry() });
}

/** What `main.ts replay …` does. */
function replay(...args: string[]): Promise<number> {
  const environment = {
    AWS_REGION: 'us-east-1',
    DATABASE_URL: `postgres://sample:p@127.0.0.1:${postgres.port}/postgres`,
  };
  const config = Type.Object({ PORT: Type.Integer() });
  const description = { name: 'sample', config, portVariable: 'PORT' as const, schema };
  return runReplay(description, args, environment, { clock: systemClock, log, aws: {} });
}

const counted = (data: unknown): DomainEvent =>
  event({ subject: 'order.created.v1', org: 'o', actor: 'a', data });

test('every schema begins with the tables of reliable exchange', async () => {
  const own = await readFile(join(folder, '001_exchange.sql'), 'utf8');
  expect(own).toContain(await readFile(join(import.meta.dirname, '../../services/lib/exchange.sql'), 'utf8'));
});

describe('a change that tells an event', () => {
  const change = (version: number) => sql`update counters set value = value + 1, version = version + 1
    where id = 'c' and version = ${version} returning version`;

  test('writes both, or neither when no row matches', async () => {
    await database.query('add', sql`insert into counters (id) values ('c')`);
    expect(await database.query('change', changeAndTell(change(1), counted(1), 'c'))).toEqual([
      { version: 2 },
    ]);
    expect(await database.query('change', changeAndTell(change(1), counted(2), 'c'))).toEqual([]);
    expect(await database.read('count', sql`select count(*)::int as n from outbox`)).toEqual([{ n: 1 }]);
  });
});

describe('the relay', () => {
  test('takes out what was told, heard and answered longer ago than anybody asks for', async () => {
    const name = 'cleaned';
    const old = sql`now() - interval '8 days'`;
    await database.query('old_event', tell(counted({}), name));
    await database.query('published', sql`update outbox set published_at = ${old} where key = ${name}`);
    await database.query(
      'heard',
      sql`insert into inbox (consumer, event_id, at)
        values (${name}, gen_random_uuid(), ${old}), (${name}, gen_random_uuid(), now())`,
    );
    await database.query(
      'answered',
      sql`insert into idempotency_keys (scope, key, body_hash, created_at)
        values (${name}, 'old', '', ${old}), (${name}, 'new', '', now())`,
    );
    const bus = openBus(name);
    const registry = new Registry();
    const relay = createOutboxRelay({ database, bus, schema, clock: systemClock, log, registry });
    relay.start();
    await relay.stop();
    await bus.close();
    expect(await database.read('left', sql`select 1 from outbox where key = ${name}`)).toEqual([]);
    expect(await database.read('left', sql`select 1 from inbox where consumer = ${name}`)).toHaveLength(1);
    const keys = sql`select key from idempotency_keys where scope = ${name}`;
    expect(await database.read('left', keys)).toEqual([{ key: 'new' }]);
  });

  test('publishes in the order of each key, once, and brings events back that a wiped NATS forgot', async () => {
    const bus = openBus('relay');
    const relay = openRelay(bus);
    const seen: unknown[] = [];
    bus.subscribe({
      durable: 'reader',
      subject: 'order.created.v1',
      inFlight: 8,
      async handle(told) {
        seen.push(told.data);
        return 'done';
      },
    });
    for (let index = 0; index < 40; index += 1) {
      await database.query('tell', tell(counted({ key: index % 2, index }), String(index % 2)));
    }
    relay.start();
    await eventually(
      () => seen.length,
      (count) => count >= 40,
    );
    for (const key of [0, 1]) {
      const ofKey = (seen as { key: number; index: number }[]).filter((data) => data.key === key);
      expect(ofKey.map(({ index }) => index)).toEqual(
        ofKey.map(({ index }) => index).toSorted((a, b) => a - b),
      );
    }
    expect(seen).toHaveLength(40);
    await nats.kill();
    await nats.restart({ wiped: true });
    expect(await replay('--since', '2020-01-01T00:00:00Z')).toBe(40);
    await eventually(
      () => seen.length,
      (count) => count >= 80,
    );
    expect(await replay('--since', '2120-01-01T00:00:00Z')).toBe(0);
    await relay.stop();
    await bus.close();
  });

  test.each([[[]], [['--since']], [['--since', 'yesterday']], [['2020-01-01']], [['--since', '1', '2']]])(
    'is not asked to publish again by the arguments %j',
    async (args) => {
      await expect(replay(...args)).rejects.toThrow('write replay --since 2026-11-30T08:00:00Z');
    },
  );

  test('of one instance works at a time: with two, the events of each key stay in order and come once', async () => {
    const [one, other] = [openBus('one'), openBus('other')];
    const published: { key: string; by: string; index: number }[] = [];
    const relays = [openRelay(noting(one, 'one')), openRelay(noting(other, 'other'))];
    await Promise.all([untilConnected(one), untilConnected(other)]);
    function noting(bus: Bus, by: string): Bus {
      return {
        ...bus,
        async publish(told, key = '') {
          await bus.publish(told, key);
          published.push({ key, by, index: (told.data as { index: number }).index });
        },
      };
    }
    for (const relay of relays) relay.start();
    // In hundreds, so that now the one and now the other comes first.
    for (let first = 0; first < 600; first += 100) {
      await database.transaction(async (transaction) => {
        for (let index = first; index < first + 100; index += 1)
          await transaction.query('tell', tell(counted({ index }), String(index % 4)));
      });
      relays[(first / 100) % 2]?.wake();
    }
    const waiting = sql`select from outbox where published_at is null`;
    await eventually(
      async () => (await database.query('waiting', waiting)).length,
      (count) => count === 0,
    );
    await Promise.all(relays.map((relay) => relay.stop()));
    for (const key of ['0', '1', '2', '3']) {
      const indexes = published.filter((told) => told.key === key).map(({ index }) => index);
      expect(indexes).toEqual(Array.from({ length: 150 }, (_, at) => at * 4 + Number(key)));
    }
    await Promise.all([one.close(), other.close()]);
  });
});

describe('the inbox', () => {
  test('has the effect of an event once, and not at all when the effect fails', async () => {
    const told = counted(1);
    const add = async (transaction: Pick<Database, 'query'>) => {
      await transaction.query(
        'add',
        sql`insert into counters (id, value) values ('c', 1) on conflict (id) do update set value = counters.value + 1`,
      );
    };
    await expect(
      once(database, 'reader', told, async (transaction) => {
        await add(transaction);
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    const results = await Promise.all([1, 2, 3, 4].map(() => once(database, 'reader', told, add)));
    expect(results.toSorted()).toEqual(['done', 'duplicate', 'duplicate', 'duplicate']);
    expect(await database.read('value', sql`select value from counters`)).toEqual([{ value: 1 }]);
  });
});

describe('an idempotency key', () => {
  const create = (body: unknown, key = 'k') =>
    database.transaction((transaction) =>
      answerOnce(transaction, { key, scope: 'user POST /samples', body }, async () => {
        const [row] = await transaction.query<{ id: string }>(
          'create',
          sql`insert into counters (id) values (gen_random_uuid()::text) returning id`,
        );
        return { status: 201, body: row };
      }),
    );

  test('makes fifty equal requests at once into one', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => create({ a: 1, b: 2 })));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await create({ b: 2, a: 1 })).toMatchObject({ status: 201, replayed: true });
  });

  test('is refused with another body', async () => {
    await create({ a: 1 });
    await expect(create({ a: 2 })).rejects.toMatchObject({ code: 'KEY_REUSED', status: 422 });
  });
});

describe('the bus', () => {
  test('parks a poison event with its reason and goes on with the next', async () => {
    const bus = openBus('poison');
    const { promise, resolve } = Promise.withResolvers<void>();
    bus.subscribe({
      durable: 'poisoned',
      subject: 'customer.erased.v1',
      inFlight: 4,
      async handle(told) {
        if (told.data === 'bad') throw new PoisonEventError('It cannot be.');
        resolve();
        return 'done';
      },
    });
    const facts = { subject: 'customer.erased.v1', org: 'o', actor: 'a' };
    await untilConnected(bus);
    await bus.publish(event({ ...facts, data: 'bad' }));
    await bus.publish(event({ ...facts, data: 'good' }));
    await promise;
    await bus.close();
    expect(await readParked('customer.erased.v1')).toEqual(['It cannot be.']);
  });

  test('makes the stream of an event that is told before anybody listens', async () => {
    const bus = openBus('early');
    await untilConnected(bus);
    const connection = await connect({ servers: nats.url });
    const { streams } = await jetstreamManager(connection);
    await streams.delete('DISPATCH').catch(() => undefined);
    await bus.publish(event({ subject: 'dispatch.early.v1', org: 'o', actor: 'a', data: {} }));
    expect((await streams.info('DISPATCH')).state.messages).toBe(1);
    await connection.close();
    await bus.close();
  });

  test('parks with a reason in one line what has one in several', async () => {
    const bus = openBus('lines');
    bus.subscribe({
      durable: 'lines',
      subject: 'customer.lines.v1',
      inFlight: 1,
      async handle() {
        throw new PoisonEventError(`It cannot\r\nbe: ${'x'.repeat(2_000)}`);
      },
    });
    await untilConnected(bus);
    await bus.publish(event({ subject: 'customer.lines.v1', org: 'o', actor: 'a', data: {} }));
    const parked = () => readParked('customer.lines.v1');
    await until(async () => (await parked()).length > 0, 20_000);
    await bus.close();
    expect(await parked()).toEqual([expect.stringMatching(/^It cannot be: x{900,990}$/)]);
  });

  test('parks what none of its deliveries came to an end of: it may have ended the process each time', async () => {
    const subject = 'customer.crashed.v1';
    const handled: unknown[] = [];
    const subscribe = (bus: Bus) =>
      bus.subscribe({
        durable: 'crashed',
        subject,
        inFlight: 1,
        async handle({ data }) {
          handled.push(data);
          return 'done';
        },
      });
    const first = openBus('first');
    subscribe(first);
    await untilConnected(first);
    const facts = { subject, org: 'o', actor: 'a' };
    await first.publish(event({ ...facts, data: 'before' }));
    await until(() => handled.length === 1);
    await first.close();
    // A process that takes an event and dies says nothing of it; here the server need not wait for 30 s to see that.
    const connection = await connect({ servers: nats.url });
    const publisher = openBus('publisher');
    await untilConnected(publisher);
    await publisher.publish(event({ ...facts, data: 'crashing' }));
    await publisher.close();
    const consumer = await jetstream(connection).consumers.get('CUSTOMERS', 'crashed');
    for (let delivery = 1; delivery <= 6; delivery += 1) (await consumer.next())?.nak();
    await connection.drain();
    const second = openBus('second');
    subscribe(second);
    await untilConnected(second);
    await second.publish(event({ ...facts, data: 'after' }));
    await until(() => handled.length === 2);
    await until(async () => (await readParked(subject)).length > 0, 20_000);
    await second.close();
    expect(await readParked(subject)).toEqual(['None of its 6 deliveries came to an end.']);
    expect(handled).toEqual(['before', 'after']);
  });

  test('parks one poison event among a thousand; nobody waits for it, not even those of its key', async () => {
    const registry = new Registry();
    const bus = openBus('thousand', registry);
    const handled: number[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const inFlight = 16;
    bus.subscribe({
      durable: 'thousand',
      subject: 'tracking.thousand.v1',
      inFlight,
      async handle({ data }) {
        const { index } = data as { index: number };
        if (index === 500) throw new PoisonEventError('The 500th cannot be.');
        handled.push(index);
        if (handled.length === 999) resolve();
        return 'done';
      },
    });
    await untilConnected(bus);
    const facts = { subject: 'tracking.thousand.v1', org: 'o', actor: 'a' };
    const events = Array.from({ length: 1_000 }, (_, index) => event({ ...facts, data: { index } }));
    for (let first = 0; first < 1_000; first += 50) {
      const some = events.slice(first, first + 50);
      await Promise.all(some.map((told, at) => bus.publish(told, String((first + at) % 10))));
    }
    await promise;
    await bus.close();
    expect(handled.toSorted((a, b) => a - b)).toEqual([...Array(1_000).keys()].filter((one) => one !== 500));
    expect(await readParked(facts.subject)).toEqual(['The 500th cannot be.']);
    // Published fifty at a time, and handled sixteen at a time: nothing is further from its place than that.
    const displaced = handled.map((index, at) => Math.abs(index - at));
    expect(Math.max(...displaced)).toBeLessThanOrEqual(2 * (50 + inFlight));
    expect((await registry.getSingleMetricAsString('bus_consumed_total')).split('\n')).toEqual(
      expect.arrayContaining([
        'bus_consumed_total{subject="tracking.thousand.v1",result="done"} 999',
        'bus_consumed_total{subject="tracking.thousand.v1",result="parked"} 1',
      ]),
    );
  });
});

describe('the database', () => {
  test('a role sees its own schema only', async () => {
    const other = {
      admin: readDatabaseUrl(postgres.url),
      schema: 'others',
      role: 'other',
      rolePassword: 'p',
      folder,
      log,
    };
    await migrate(other);
    await expect(database.query('foreign', sql`select * from others.counters`)).rejects.toThrow(
      'permission denied',
    );
  });

  test('answers STORE_UNAVAILABLE while the server is away, and works again afterwards without a restart', async () => {
    await postgres.kill();
    for (const ask of [database.read, database.query]) {
      const asked = ask('away', sql`select 1 as one`);
      await expect(asked).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', status: 503 });
    }
    await postgres.restart();
    expect(await database.read('back', sql`select 1 as one`)).toEqual([{ one: 1 }]);
    expect(await database.query('back', sql`select 2 as two`)).toEqual([{ two: 2 }]);
  });
});

/** The reasons of the parked events of a subject. */
async function readParked(subject: string): Promise<string[]> {
  const connection = await connect({ servers: nats.url });
  const consumer = await jetstream(connection).consumers.get('DLQ', { filter_subjects: `dlq.${subject}` });
  const { num_pending: count } = await consumer.info();
  const reasons: string[] = [];
  if (count > 0) {
    const messages = await consumer.fetch({ max_messages: count });
    for await (const message of messages) reasons.push(message.headers?.get('berth-reason') ?? '');
  }
  await connection.close();
  return reasons;
}
