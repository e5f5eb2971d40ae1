import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { freePort } from '../../../local/stack/server-process.ts';
import { service as identity } from '../../../services/identity/service.ts';
import type { Bus, DomainEvent } from '../../../services/lib/bus.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { createDatabase, type Database } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { createNatsBus } from '../../../services/lib/nats-bus.ts';
import { createEventMaker } from '../../../services/lib/outbox.ts';
import { sql } from '../../../services/lib/sql.ts';
import { uuidV7 } from '../../../services/lib/uuid.ts';
import { createPartitions, monthOf } from '../../../services/tracking/partitions.ts';
import { service } from '../../../services/tracking/service.ts';
import type { Body } from './body.ts';
import { ask, eventually, until, untilConnected } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { connectMqtt } from './mqtt.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';
import { openSocket } from './socket.ts';
import { openStream } from './stream.ts';

const log = pino({ level: 'silent' });
let ground: Ground;
let base: string;
let mqttPort: number;
let identityBase: string;
let manager: Person;
let driver: Person;
/** Speaks as the other services do. */
let bus: Bus;
let database: Database;
const told: DomainEvent<Record<string, unknown>>[] = [];
const live: { topic: string; data: Record<string, unknown> }[] = [];
const located: DomainEvent<Record<string, unknown>>[] = [];

beforeAll(async () => {
  ground = await startGround();
  await Promise.all([ground.migrate('identity'), ground.migrate('tracking')]);
  ({ base: identityBase } = await ground.start(identity));
  mqttPort = await freePort();
  ({ base } = await ground.start(service, {
    MQTT_PORT: String(mqttPort),
    HEARTBEAT_MS: '200',
    LOCATION_EVENT_EVERY_MS: '60000',
  }));
  manager = await logInManager(identityBase, ground);
  driver = await enrol(identityBase, manager, 'driver');
  const registry = new Registry();
  bus = createNatsBus({ url: ground.nats.url, name: 'test', replicas: 1, clock: systemClock, log, registry });
  const access = readDatabaseUrl(`postgres://tracking:password@127.0.0.1:${ground.postgres.port}/postgres`);
  database = createDatabase({ access, schema: 'tracking', log, registry: new Registry() });
  const keep = (list: DomainEvent<Record<string, unknown>>[]) => async (event: DomainEvent) => {
    list.push(event as DomainEvent<Record<string, unknown>>);
    return 'done' as const;
  };
  bus.subscribe({
    durable: 'test-told',
    subject: 'tracking.delivery_updated.v1',
    inFlight: 1,
    handle: keep(told),
  });
  bus.subscribe({
    durable: 'test-located',
    subject: 'driver.location_updated.v1',
    inFlight: 1,
    handle: keep(located),
  });
  bus.listenLive('live.*.*', (topic, text) => live.push({ topic, data: JSON.parse(text) }));
  await untilConnected(bus);
});
afterAll(async () => {
  await bus.close();
  await database.close();
  await ground.stop();
});

const event = createEventMaker({ clock: systemClock, random: Math.random });
const newId = () => uuidV7(Date.now(), Math.random);
const pickup = { lat: 52.5, lon: 13.4 };
const dropoff = { lat: 52.52, lon: 13.42 };
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** An order as order tells of it, with a driver of its own. */
async function newOrder() {
  const id = newId();
  const customerId = newId();
  const one = await enrol(identityBase, manager, 'driver');
  const make = (subject: string, data: object) =>
    event({ subject, org: 'public', actor: customerId, data: { id, customerId, ...data } });
  return {
    id,
    customerId,
    driver: one,
    created: make('order.created.v1', {
      kind: 'delivery',
      pickup: { ...pickup, address: 'Secret Street 1' },
      dropoff,
      priority: 0,
      version: 1,
    }),
    assigned: make('order.assigned.v1', { driverId: one.id, version: 2 }),
    rebooked: (places: object) =>
      make('order.status_changed.v1', {
        from: 'created',
        to: 'created',
        version: 2,
        reason: 'rebooked',
        ...places,
      }),
    changed: (from: string, to: string, version: number) =>
      make('order.status_changed.v1', { from, to, driverId: one.id, version }),
  };
}

const publish = (one: DomainEvent, key: string) => bus.publish(one, key);
const read = (id: string) => ask(base, `GET /tracking/orders/${id}`, { headers: asService('test', ground) });
const send = (who: Person, ping: object) =>
  ask(base, 'POST /tracking/locations', { body: { pings: [ping] }, token: who.token });
const typesOf = ({ updates = [] }: Body) => updates.map(({ type }) => type);

describe('events', () => {
  test('make a timeline in whatever order they come, each once', async () => {
    const order = await newOrder();
    await publish(order.changed('assigned', 'picked-up', 3), order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.status === 'picked-up',
    );
    await publish(order.assigned, order.id);
    await publish(order.created, order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.updates?.length === 3,
    );
    const { json } = await read(order.id);
    expect(typesOf(json).toSorted()).toEqual(['assigned', 'created', 'picked-up']);
    expect(json).toMatchObject({ status: 'picked-up', stage: 'picked-up', driverId: order.driver.id });
    // Late in the stream, but not twice in effect: the inbox knows its id.
    await bus.publish({ ...order.assigned }, order.id);
    expect((await read(order.id)).json.updates).toHaveLength(3);
  });

  test('of a booking that goes elsewhere give its new places, also when they overtake the first ones', async () => {
    const order = await newOrder();
    const elsewhere = { pickup: { lat: 1, lon: 2, address: 'Other Street 1' }, dropoff: { lat: 3, lon: 4 } };
    await publish(order.rebooked(elsewhere), order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.updates?.length === 1,
    );
    await publish(order.created, order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.updates?.length === 2,
    );
    const places = sql`select pickup, dropoff from order_ref where id = ${order.id}`;
    expect(await database.read('places', places)).toEqual([
      { pickup: { lat: 1, lon: 2 }, dropoff: { lat: 3, lon: 4 } },
    ]);
  });

  test('of an order that goes back to nobody begin a new drive', async () => {
    const order = await newOrder();
    for (const one of [order.created, order.assigned, order.changed('assigned', 'created', 3)])
      await publish(one, order.id);
    const { json } = await eventually(
      () => read(order.id),
      ({ json: one }) => one.updates?.length === 3 && one.status === 'created',
    );
    expect(typesOf(json).toSorted()).toEqual(['assigned', 'created', 'unassigned']);
    expect(json).not.toHaveProperty('driverId');
  });

  test('tell offers to the organisation only', async () => {
    const order = await newOrder();
    const offer = event({
      subject: 'dispatch.assignment_proposed.v1',
      org: 'public',
      actor: 'dispatch',
      data: {
        offerId: newId(),
        orderId: order.id,
        driverId: order.driver.id,
        expiresAt: secondsAgo(-30),
        distanceMeters: 1,
        cost: 1,
        strategy: 'nearest',
      },
    });
    await publish(order.created, order.id);
    await publish(offer, order.id);
    await publish(order.assigned, order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.updates?.length === 3,
    );
    const { json } = await ask(base, `GET /tracking/orders/${order.id}`, { token: order.driver.token });
    expect(typesOf(json).toSorted()).toEqual(['assigned', 'created']);
  });

  test.each([
    ['order.assigned.v1', { id: 'none' }],
    [
      'order.status_changed.v1',
      { id: newId(), from: 'assigned', to: 'lost', customerId: newId(), version: 2 },
    ],
    ['order.created.v1', { id: newId(), customerId: newId(), pickup: { lat: 1 }, dropoff }],
    ['dispatch.assignment_proposed.v1', {}],
    ['driver.location_updated.v1', { id: newId(), lat: 91, lon: 0, at: 'now' }],
    ['customer.erased.v1', { id: 7 }],
  ])('that are malformed (%s %j) are parked with their reason', async (subject, data) => {
    const before = await parkedCount(subject);
    await bus.publish(event({ subject, org: 'public', actor: 'test', data }), newId());
    await until(async () => (await parkedCount(subject)) > before);
  });

  async function parkedCount(subject: string): Promise<number> {
    const metrics = await (await fetch(`${base}/metrics`)).text();
    const pattern = new RegExp(
      `^bus_consumed_total\\{(?=[^}]*"parked")(?=[^}]*"${subject}")[^}]*\\} (\\d+)$`,
      'm',
    );
    return Number(pattern.exec(metrics)?.[1] ?? 0);
  }
});

describe('positions', () => {
  test('are told live, once, to who watches the driver and the order', async () => {
    const order = await newOrder();
    for (const one of [order.created, order.assigned]) await publish(one, order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.status === 'assigned',
    );
    // From the last century: kept and shown, but no sign of where its driver is now.
    await send(order.driver, { ...pickup, at: '1999-12-31T23:59:59Z' });
    const at = secondsAgo(1);
    await send(order.driver, { ...pickup, at });
    await until(async () =>
      live.some(({ topic, data }) => topic === `live.order.${order.id}` && data.at === at),
    );
    const position = { type: 'position', driverId: order.driver.id, point: pickup, at };
    const positions = live.filter(
      ({ data }) => data.type === 'position' && data.driverId === order.driver.id && data.at === at,
    );
    expect(positions).toEqual([
      { topic: `live.driver.${order.driver.id}`, data: position },
      { topic: `live.order.${order.id}`, data: { ...position, orderId: order.id } },
    ]);
    await until(async () => told.some(({ data }) => data.orderId === order.id));
    expect(told.filter(({ data }) => data.orderId === order.id)).toMatchObject([
      {
        actor: order.driver.id,
        data: {
          type: 'near-pickup',
          customerId: order.customerId,
          driverId: order.driver.id,
          point: pickup,
          at,
        },
      },
    ]);
  });

  test('reach dispatch as one event a driver and period, in the shape that driver gives it', async () => {
    const one = await enrol(identityBase, manager, 'driver');
    await send(one, { ...pickup, at: secondsAgo(3), accuracyM: 5 });
    await send(one, { ...pickup, at: secondsAgo(1) });
    await until(async () => located.some(({ data }) => data.id === one.id));
    expect(located.filter(({ data }) => data.id === one.id)).toMatchObject([
      { actor: 'tracking', data: { id: one.id, ...pickup, accuracyM: 5 } },
    ]);
  });
});

test('a socket that does not answer our ping frames is cut off, one that does stays', async () => {
  const lively = await openSocket(base, driver.token);
  const silent = await openSocket(base, driver.token, { autoPong: false });
  expect(await silent.closed).toMatchObject({ code: 1006 });
  expect(await lively.ask('still there')).toEqual({ result: 'malformed' });
  lively.close();
});

describe('MQTT', () => {
  const topicOf = ({ id }: Person) => `drivers/${id}/location`;

  test('takes a position with the access token as password', async () => {
    const one = await enrol(identityBase, manager, 'driver');
    const client = await connectMqtt(mqttPort, one.token);
    await client.publish(topicOf(one), JSON.stringify({ ...pickup, at: secondsAgo(1) }));
    await client.publish(topicOf(one), 'not JSON');
    await until(async () => live.some(({ topic }) => topic === `live.driver.${one.id}`));
    expect(await client.subscribe('drivers/#')).toBe(128);
    client.close();
  });

  test('refuses a wrong token and another role, and ends who publishes elsewhere or sends too much', async () => {
    const customer = await enrol(identityBase, manager, 'customer');
    await expect(connectMqtt(mqttPort, 'not.a.token')).rejects.toThrow('refused with 5');
    await expect(connectMqtt(mqttPort, customer.token)).rejects.toThrow('refused with 5');
    const client = await connectMqtt(mqttPort, driver.token);
    await expect(client.publish(`drivers/${customer.id}/location`, '{}')).rejects.toThrow('ended');
    const large = await connectMqtt(mqttPort, driver.token);
    // A PUBLISH that says it will be 256 MB.
    large.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
    await large.closed;
  });
});

test('a customer who is erased leaves no place behind', async () => {
  const order = await newOrder();
  for (const one of [order.created, order.assigned]) await publish(one, order.id);
  await eventually(
    () => read(order.id),
    ({ json }) => json.status === 'assigned',
  );
  await send(order.driver, { ...pickup, at: secondsAgo(1) });
  await eventually(
    () => read(order.id),
    ({ json }) => typesOf(json).includes('near-pickup'),
  );
  const reported = await ask(base, `POST /tracking/orders/${order.id}/updates`, {
    body: { type: 'picked-up', point: pickup },
    token: order.driver.token,
    headers: { 'idempotency-key': 'picked-up' },
  });
  expect(reported.status).toBe(201);
  const erased = event({
    subject: 'customer.erased.v1',
    org: 'public',
    actor: 'x',
    data: { id: order.customerId },
  });
  await publish(erased, order.customerId);
  await eventually(
    () => read(order.id),
    ({ json }) => json.updates?.every((update) => !('point' in update)) === true,
  );
  const rows = await database.query<{ text: string }>(
    'test',
    sql`select order_ref::text as text from order_ref where id = ${order.id}
      union all select delivery_updates::text from delivery_updates where order_id = ${order.id}
      union all select payload::text from outbox where key = ${order.id}
      union all select body::text from idempotency_keys where body ->> 'orderId' = ${order.id}`,
  );
  const text = rows.map((row) => row.text).join('\n');
  expect(text).not.toContain('52.5');
  expect(text).not.toContain('Secret');
});

describe('partitions', () => {
  const partitionNames = async () =>
    (
      await database.query<{ name: string }>(
        'test',
        sql`select inhrelid::regclass::text as name from pg_inherits
          where inhparent = 'delivery_updates'::regclass order by 1`,
      )
    ).map(({ name }) => name);
  const nameOf = (month: string) => `delivery_updates_${month.slice(0, 7).replace('-', '_')}`;

  test('turn with the months: made ahead, dropped when they are old', async () => {
    const now = Date.now();
    let shownMs = now;
    const clock = { now: () => shownMs, sleep: systemClock.sleep };
    const partitions = createPartitions({ database, clock, log, keptMonths: 2 });
    await Promise.all([partitions.turn(), partitions.turn()]);
    expect(await partitionNames()).toEqual([-1, 0, 1, 2].map((ahead) => nameOf(monthOf(now, ahead))));
    await partitions.cover(Date.parse(monthOf(now, -5)));
    shownMs = Date.parse(monthOf(now, 0));
    expect(await partitions.turn()).toEqual([nameOf(monthOf(now, -5))]);
    shownMs = Date.parse(monthOf(now, 1));
    expect(await partitions.turn()).toEqual([nameOf(monthOf(now, -1))]);
    expect(await partitions.turn()).toEqual([]);
    expect(await partitionNames()).toEqual([0, 1, 2, 3].map((ahead) => nameOf(monthOf(now, ahead))));
  });
});

describe('when something is away', () => {
  test('positions are taken and shown live without Redis', async () => {
    const one = await enrol(identityBase, manager, 'driver');
    await ground.redis.kill();
    expect(await send(one, { ...pickup, at: secondsAgo(1) })).toMatchObject({
      status: 202,
      json: { results: ['accepted'] },
    });
    await until(async () => live.some(({ topic }) => topic === `live.driver.${one.id}`));
    expect((await ask(base, 'GET /ready')).json.checks).toMatchObject({ redis: 'failing', postgres: 'ok' });
    await ground.redis.restart();
  });

  test('stages are written without NATS, and told when it is back', async () => {
    const order = await newOrder();
    for (const one of [order.created, order.assigned]) await publish(one, order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.status === 'assigned',
    );
    const stream = await openStream(`${base}/tracking/orders/${order.id}/stream`, order.driver.token);
    await ground.nats.kill();
    const answer = await ask(base, `POST /tracking/orders/${order.id}/updates`, {
      body: { type: 'picked-up' },
      token: order.driver.token,
    });
    expect(answer.status).toBe(201);
    await stream.until(({ data }) => data.type === 'picked-up');
    stream.close();
    await ground.nats.restart();
    await until(async () => told.some(({ data }) => data.orderId === order.id && data.type === 'picked-up'));
  });

  test('positions are taken without PostgreSQL, and timelines answer 503 with Retry-After', async () => {
    const order = await newOrder();
    for (const one of [order.created, order.assigned]) await publish(one, order.id);
    await eventually(
      () => read(order.id),
      ({ json }) => json.status === 'assigned',
    );
    await send(order.driver, { lat: 52.6, lon: 13.4, at: secondsAgo(100) });
    const socket = await openSocket(base, order.driver.token);
    await ground.postgres.pause();
    expect(await socket.ask({ lat: 52.6, lon: 13.4, at: secondsAgo(1) })).toEqual({ result: 'accepted' });
    await until(
      async () =>
        live.filter(({ topic, data }) => topic === `live.order.${order.id}` && data.type === 'position')
          .length === 2,
    );
    const refused = await read(order.id);
    expect(refused).toMatchObject({ status: 503, json: { code: 'STORE_UNAVAILABLE' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    expect((await ask(base, 'GET /health')).status).toBe(200);
    await ground.postgres.restart();
    await eventually(
      () => read(order.id),
      ({ status }) => status === 200,
    );
    socket.close();
  });
});
