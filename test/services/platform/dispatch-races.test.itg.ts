import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { type Postgres, startPostgres } from '../../../local/stack/postgres.ts';
import { createNotices } from '../../../services/dispatch/notices.ts';
import { createOffers, type Offer } from '../../../services/dispatch/offers.ts';
import { createOrderQueue } from '../../../services/dispatch/order-queue.ts';
import { createRoster } from '../../../services/dispatch/roster.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { createDatabase, type Database } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { migrate } from '../../../services/lib/migrate.ts';
import { createEventMaker } from '../../../services/lib/outbox.ts';
import { Problem } from '../../../services/lib/problem.ts';
import { sql } from '../../../services/lib/sql.ts';

const log = pino({ level: 'silent' });
let postgres: Postgres;
let database: Database;

beforeAll(async () => {
  postgres = await startPostgres();
  const schema = 'dispatch';
  await migrate({
    admin: readDatabaseUrl(postgres.url),
    schema,
    role: schema,
    rolePassword: 'password',
    folder: join(import.meta.dirname, '../../../services/dispatch/migrations'),
    log,
  });
  const url = `postgres://dispatch:password@127.0.0.1:${postgres.port}/postgres`;
  database = createDatabase({
    access: readDatabaseUrl(url),
    schema,
    poolSize: 16,
    log,
    registry: new Registry(),
  });
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
});

const idOf = (kind: number, index: number) => `0189000${kind}-0000-7000-8000-00000000000${index}`;
const orderIds = [0, 1, 2, 3, 4].map((index) => idOf(1, index));
const driverIds = [0, 1, 2].map((index) => idOf(2, index));
const org = 'public';
const place = { lat: 52.5, lon: 13.4 };

function open() {
  const made: Offer[] = [];
  const deps = { database, clock: systemClock, random: Math.random, log };
  const notices = createNotices({ ...deps, sqs: new SQSClient({ region: 'us-east-1' }), queueUrl: 'none' });
  const offers = createOffers({
    ...deps,
    event: createEventMaker(deps),
    notices,
    offerMs: 20,
    onChange: (offer) => made.push(offer),
    onUnassigned: () => undefined,
  });
  return { offers, made, queue: createOrderQueue(database, 0), roster: createRoster(database) };
}

type World = ReturnType<typeof open>;

async function begin({ queue, roster }: World): Promise<void> {
  await database.query('clear_orders', sql`delete from order_ref`);
  await database.query('clear_drivers', sql`delete from driver_ref`);
  await database.transaction(async (transaction) => {
    for (const id of orderIds) {
      const facts = { id, org, customerId: id, pickup: place, dropoff: place, demand: {}, priority: 0 };
      await queue.place(transaction, { ...facts, version: 1 }, Date.now());
    }
    for (const id of driverIds) await roster.keep(transaction, driverFacts(id, 'available'));
  });
}

const driverFacts = (id: string, status: string) => ({
  ...{ id, org, status, capacity: {}, skills: [] },
  at: new Date().toISOString(),
});

const order = fc.constantFrom(...orderIds);
const driver = fc.constantFrom(...driverIds);
const state = fc.constantFrom('open' as const, 'accepted' as const);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('propose' as const), order, driver, state }) },
  fc.record({ kind: fc.constant('accept' as const), nth: fc.nat(20) }),
  fc.record({ kind: fc.constant('decline' as const), nth: fc.nat(20) }),
  fc.record({ kind: fc.constant('expire' as const) }),
  fc.record({ kind: fc.constant('cancel' as const), order }),
  fc.record({ kind: fc.constant('assigned' as const), order, driver }),
  fc.record({ kind: fc.constant('offline' as const), driver }),
  fc.record({ kind: fc.constant('give up' as const), nth: fc.nat(20) }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

async function take({ offers, made, queue, roster }: World, one: Step): Promise<unknown> {
  const now = Date.now();
  if (one.kind === 'expire') return offers.expire(now + 1_000);
  if (one.kind === 'propose') {
    const facts = { orderId: one.order, driverId: one.driver, version: 1, distanceMeters: 1, cost: 1 };
    return offers.propose({ ...facts, strategy: 'nearest', by: 'dispatch', state: one.state }, now);
  }
  if (one.kind === 'cancel') {
    return database.transaction(async (transaction) => {
      await queue.step(transaction, { id: one.order, org, version: 2, state: 'over', at: now });
      await offers.withdraw(transaction, { orderId: one.order }, 'order-changed', now);
    });
  }
  if (one.kind === 'assigned') {
    return database.transaction(async (transaction) => {
      await queue.step(transaction, { id: one.order, org, version: 2, state: 'assigned', at: now });
      await offers.settle(transaction, one.order, one.driver, now);
    });
  }
  if (one.kind === 'offline') {
    return database.transaction(async (transaction) => {
      await roster.keep(transaction, driverFacts(one.driver, 'offline'));
      await offers.withdraw(transaction, { openOf: one.driver }, 'driver-gone', now);
    });
  }
  const offer = made[one.nth % Math.max(1, made.length)];
  if (!offer) return;
  if (one.kind === 'give up') return offers.giveUp(offer, now);
  return offers.decide(offer.id, offer.driverId, one.kind === 'accept' ? 'accepted' : 'declined', now);
}

test('whatever happens at the same moment, nobody is promised twice and no order is lost between states', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const world = open();
      await begin(world);
      const ends = await Promise.allSettled(steps.map((one) => take(world, one)));
      const faults = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
      const refused = (fault: unknown) => fault instanceof Problem && fault.code === 'STATE_CONFLICT';
      expect(faults.filter((fault) => !refused(fault))).toEqual([]);
      const rows = await database.query<{ state: string; active: number }>(
        'orders_with_offers',
        sql`select state, (select count(*)::int from offers where order_id = order_ref.id
          and state in ('open', 'accepted')) as active from order_ref`,
      );
      for (const { state: is, active } of rows) expect([is, active]).toEqual([is, is === 'proposed' ? 1 : 0]);
      const twice = await database.query(
        'drivers_twice',
        sql`select driver_id from offers where state in ('open', 'accepted', 'assigned')
          group by driver_id having count(*) > 1`,
      );
      expect(twice).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
