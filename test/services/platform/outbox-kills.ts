import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createSeededRandom } from '../../../local/aws/seeded-random.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { createDatabase, type Database } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { once } from '../../../services/lib/inbox.ts';
import { migrate } from '../../../services/lib/migrate.ts';
import { createNatsBus } from '../../../services/lib/nats-bus.ts';
import { sql } from '../../../services/lib/sql.ts';
import { type ServiceProcess, startServiceProcess } from '../../../services/test/doubles/service-process.ts';
import { keepBundles } from '../kept-bundles.ts';
import { until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { createTrap, type FailPoint, failPoints } from './outbox-trap.ts';
import { startWireTap } from './wire-tap.ts';

/** What is found after all kills; each list has one id an order. */
export interface KillOutcome {
  /** How often the process died at each point. */
  readonly kills: Readonly<Record<FailPoint, number>>;
  /** The orders that clients were told of, by key. */
  readonly answered: readonly string[];
  /** The orders there are. */
  readonly committed: readonly string[];
  /** The orders whose creation is in the stream, once for each message. */
  readonly published: readonly string[];
  /** How often the consumer's effect of each was had. */
  readonly effects: Readonly<Record<string, number>>;
}

const place = { pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } };
const log = pino({ level: 'silent' });

/**
 * Kills a process of `order` at the fail points of its outbox, in an order that `seed` decides, while orders are placed;
 * what was not answered is asked again with its Idempotency-Key, as clients do. The process is the bundle of its image:
 * taps on its way to PostgreSQL and NATS see the point, kill it by SIGKILL, and let nothing more arrive.
 */
export async function playOutboxKills(times: number, seed: number): Promise<KillOutcome> {
  const [ground, { order: main }] = await Promise.all([startGround(), keepBundles('order')]);
  const trap = createTrap();
  const taps = await Promise.all([
    startWireTap(ground.postgres.port, trap.atDatabase),
    startWireTap(ground.nats.port, trap.atBus),
  ]);
  const [postgresTap, natsTap] = taps;
  const consumer = await startConsumer(ground);
  try {
    await ground.migrate('order');
    const random = createSeededRandom(seed);
    const kills = Object.fromEntries(failPoints.map((point) => [point, 0])) as Record<FailPoint, number>;
    const answered = new Map<string, string>();
    let unanswered: string[] = [];
    for (let index = 0; index <= times; index += 1) {
      trap.reset();
      const instance = await startServiceProcess(main, {
        ...settings(ground),
        DATABASE_URL: `postgres://orders:password@127.0.0.1:${postgresTap.port}/postgres`,
        NATS_URL: `nats://127.0.0.1:${natsTap.port}`,
      });
      const point = failPoints[Math.floor(random() * failPoints.length)] as FailPoint;
      const keys = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, key) => `${index}-${key}`);
      // The last one is left alone: it finishes what the others have left.
      const isLast = index === times;
      if (!isLast) trap.set(point, () => instance.kill('SIGKILL'));
      unanswered = await ask([...unanswered, ...keys], instance, ground, answered);
      if (!isLast) {
        await instance.exited;
        kills[point] += 1;
        continue;
      }
      const expected = await consumer.orders();
      await until(async () => (await consumer.effects()).length >= expected.length);
      instance.kill('SIGTERM');
      await instance.exited;
    }
    return {
      kills,
      answered: [...answered.values()],
      committed: await consumer.orders(),
      published: await readCreated(ground.nats.url),
      effects: Object.fromEntries((await consumer.effects()).map(({ id, value }) => [id, value])),
    };
  } finally {
    await consumer.stop();
    await Promise.all(taps.map((tap) => tap.close()));
    await ground.stop();
  }
}

/** Says what does not hold after the kills; nothing when each change was told, and told once. */
export function faultsOf({ answered, committed, published, effects }: KillOutcome): string[] {
  const all = committed.toSorted();
  const wrong = (given: readonly string[]) => JSON.stringify(given.toSorted()) !== JSON.stringify(all);
  return [
    ...(wrong(answered) ? ['The orders that clients were told of are not those there are.'] : []),
    ...(wrong(published) ? ['The events in the stream are not one for each order.'] : []),
    ...(wrong(Object.keys(effects)) ? ['The consumer has not had the effect of each order.'] : []),
    ...Object.entries(effects)
      .filter(([, count]) => count !== 1)
      .map(([id, count]) => `The consumer has had the effect of order ${id} ${count} times.`),
  ];
}

/** Many kills, with another seed each time; says what was found and whether all is well. */
export async function soakOutbox(times: number, tell: (line: string) => void): Promise<boolean> {
  const seed = Date.now() % 2 ** 31;
  const outcome = await playOutboxKills(times, seed);
  const faults = faultsOf(outcome);
  const at = failPoints.map((point) => `${outcome.kills[point]} ${point}`).join('; ');
  tell(`${times} kills (${at}), ${outcome.committed.length} orders, ${faults.length} faults (seed ${seed})`);
  for (const fault of faults) tell(fault);
  return faults.length === 0;
}

/** Counts each created order in the transaction that notes its event. */
async function startConsumer(ground: Ground) {
  const own = {
    admin: readDatabaseUrl(ground.postgres.url),
    ...{ schema: 'samples', role: 'sample', rolePassword: 'p', log },
    folder: join(import.meta.dirname, '../fixtures/exchange'),
  };
  await migrate(own);
  const open = (schema: string, url: string): Database =>
    createDatabase({ access: readDatabaseUrl(url), schema, log, registry: new Registry() });
  const database = open('samples', `postgres://sample:p@127.0.0.1:${ground.postgres.port}/postgres`);
  const orders = open('orders', ground.postgres.url);
  const bus = createNatsBus({
    ...{ url: ground.nats.url, name: 'counter', replicas: 1, clock: systemClock, log },
    registry: new Registry(),
  });
  bus.subscribe({
    durable: 'counter',
    subject: 'order.created.v1',
    inFlight: 8,
    handle: (event) =>
      once(database, 'counter', event, (transaction) => {
        const { id } = event.data as { id: string };
        return transaction.query(
          'count',
          sql`insert into counters (id, value) values (${id}, 1) on conflict (id) do update set value = counters.value + 1`,
        );
      }),
  });
  return {
    effects: () =>
      database.query<{ id: string; value: number }>('effects', sql`select id, value from counters`),
    async orders() {
      const rows = await orders.query<{ id: string }>('orders', sql`select id from orders`);
      return rows.map(({ id }) => id);
    },
    async stop() {
      await bus.close();
      await Promise.all([database.close(), orders.close()]);
    },
  };
}

function settings(ground: Ground): Record<string, string> {
  return {
    PORT: '0',
    AWS_REGION: 'us-east-1',
    DRAIN_DELAY_MS: '0',
    REDIS_URL: ground.redis.url,
    JWKS_URL: 'http://127.0.0.1:1/.well-known/jwks.json',
    SERVICE_KEY: ground.serviceKey,
    UPLOADS_BUCKET: 'uploads',
  };
}

/** Asks by each key until there is an answer to all or the process is gone; gives the keys without one. */
async function ask(
  keys: readonly string[],
  instance: ServiceProcess,
  ground: Ground,
  answered: Map<string, string>,
): Promise<string[]> {
  let isGone = false;
  void instance.exited.then(() => {
    isGone = true;
  });
  let left = [...keys];
  while (left.length > 0 && !isGone) {
    const ids = await Promise.all(left.map((key) => tryPlace(instance.url, ground, key)));
    left = left.filter((key, at) => {
      const id = ids[at];
      if (id !== undefined) answered.set(key, id);
      return id === undefined;
    });
    if (left.length > 0) await systemClock.sleep(50);
  }
  return left;
}

/** Places an order and gives its id; `undefined` when none was placed or no answer came. */
async function tryPlace(base: string, ground: Ground, key: string): Promise<string | undefined> {
  const customer = {
    id: '00000000-0000-7000-8000-000000000001',
    org: 'public',
    role: 'customer' as const,
    permissions: [],
  };
  try {
    const answer = await fetch(`${base}/orders`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': key,
        [identityHeader]: signIdentity(customer, ground.serviceKey, Date.now()),
      },
      body: JSON.stringify(place),
    });
    return answer.status === 201 ? ((await answer.json()) as { id: string }).id : undefined;
  } catch {
    return undefined;
  }
}

/** The orders of all messages that tell a creation. */
async function readCreated(url: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  const consumer = await jetstream(connection).consumers.get('ORDERS', {
    filter_subjects: 'order.created.v1',
  });
  const ids: string[] = [];
  const { num_pending: count } = await consumer.info();
  if (count > 0) {
    const messages = await consumer.fetch({ max_messages: count });
    for await (const message of messages) ids.push(message.json<{ data: { id: string } }>().data.id);
  }
  await connection.close();
  return ids;
}
