import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { service as driverService } from '../../../services/driver/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { service as orderService } from '../../../services/order/service.ts';
import { service } from '../../../services/tracking/service.ts';
import { type Answer, ask, eventually, having, until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';
import { openSocket } from './socket.ts';
import { openStream } from './stream.ts';

let ground: Ground;
let base: string;
let other: string;
let orders: string;
let drivers: string;
let identityBase: string;
let manager: Person;
let customer: Person;

beforeAll(async () => {
  ground = await startGround();
  await Promise.all(
    (['identity', 'order', 'driver', 'tracking'] as const).map((name) => ground.migrate(name)),
  );
  ({ base: identityBase } = await ground.start(identity));
  ({ base: orders } = await ground.start(orderService));
  ({ base: drivers } = await ground.start(driverService));
  ({ base } = await ground.start(service));
  ({ base: other } = await ground.start(service));
  manager = await logInManager(identityBase, ground);
  customer = await enrol(identityBase, manager, 'customer');
});
afterAll(() => ground.stop());

const pickup = { lat: 52.5, lon: 13.4 };
const dropoff = { lat: 52.52, lon: 13.42 };
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** An order that its driver has been given, known to tracking. */
async function drive() {
  const driver = await enrol(identityBase, manager, 'driver');
  const body = { pickup: { ...pickup, address: 'Secret Street 1' }, dropoff };
  const { json: order } = having(await ask(orders, 'POST /orders', { body, token: customer.token }), 'id');
  await ask(orders, `PUT /orders/${order.id}/assignment`, {
    body: { driverId: driver.id },
    headers: { ...asService('dispatch', ground), 'if-match': '"1"' },
  });
  await eventually(
    () => read(order.id, driver.token),
    ({ json }) => json.status === 'assigned' && json.updates?.length === 2,
  );
  return { driver, id: order.id };
}

const read = (id: string, token = customer.token, from = base) =>
  ask(from, `GET /tracking/orders/${id}`, { token });
const report = (id: string, driver: Person, body: object, headers = {}) =>
  ask(base, `POST /tracking/orders/${id}/updates`, { body, token: driver.token, headers });
const send = (driver: Person, pings: object[], to = base) =>
  ask(to, 'POST /tracking/locations', { body: { pings }, token: driver.token });
const typesOf = ({ json: { updates = [] } }: Answer) => updates.map(({ type }) => type);

describe('the timeline of a delivery', () => {
  test('grows by positions, by the driver and by order, and moves the order on', async () => {
    const { id, driver } = await drive();
    const pings = [
      { lat: 52.51, lon: 13.4, at: secondsAgo(400) },
      { ...pickup, at: secondsAgo(200) },
    ];
    expect(await send(driver, pings)).toMatchObject({
      status: 202,
      json: { results: ['accepted', 'accepted'] },
    });
    expect((await report(id, driver, { type: 'picked-up', point: pickup })).status).toBe(201);
    await eventually(
      () => ask(orders, `GET /orders/${id}`, { token: customer.token }),
      ({ json }) => json.status === 'picked-up',
    );
    await eventually(
      () => read(id),
      ({ json }) => json.status === 'picked-up',
    );
    await send(driver, [{ ...dropoff, at: secondsAgo(1) }]);
    expect((await report(id, driver, { type: 'delivered' })).status).toBe(201);
    const { json } = await eventually(
      () => read(id),
      ({ json: one }) => one.status === 'delivered',
    );
    expect(json.updates?.map(({ type }) => type).toSorted()).toEqual(
      ['created', 'assigned', 'en-route', 'near-pickup', 'picked-up', 'near-dropoff', 'delivered'].toSorted(),
    );
    expect(json).toMatchObject({ orderId: id, driverId: driver.id, stage: 'delivered' });
  });

  test('is for its customer, its driver and managers, and not there for others', async () => {
    const { id, driver } = await drive();
    const stranger = await enrol(identityBase, manager, 'customer');
    const statuses = await Promise.all(
      [customer, driver, manager, stranger].map(async ({ token }) => (await read(id, token)).status),
    );
    expect(statuses).toEqual([200, 200, 200, 404]);
    const elsewhere = { id: manager.id, org: 'elsewhere', role: 'manager' as const, permissions: [] };
    const headers = { [identityHeader]: signIdentity(elsewhere, ground.serviceKey, Date.now()) };
    expect((await ask(base, `GET /tracking/orders/${id}`, { headers })).status).toBe(404);
    expect((await ask(base, `GET /tracking/orders/${id}`)).status).toBe(401);
    expect((await ask(base, 'GET /tracking/orders/none', { token: customer.token })).status).toBe(400);
  });

  test('takes each stage once, in order, and only from the driver of the order', async () => {
    const { id, driver } = await drive();
    const stranger = await enrol(identityBase, manager, 'driver');
    expect((await report(id, stranger, { type: 'picked-up' })).status).toBe(404);
    expect((await report(id, manager, { type: 'picked-up' })).status).toBe(403);
    expect(await report(id, driver, { type: 'delivered' })).toMatchObject({
      status: 409,
      json: { code: 'STATE_CONFLICT' },
    });
    const key = { 'idempotency-key': 'once' };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => report(id, driver, { type: 'picked-up' }, key)),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    expect((await report(id, driver, { type: 'picked-up' })).status).toBe(409);
    expect((await report(id, driver, { type: 'near-dropoff' }, key)).status).toBe(422);
    expect(typesOf(await read(id)).filter((type) => type === 'picked-up')).toHaveLength(1);
  });

  test.each([
    [{ type: 'arrived' }, 'type'],
    [{ type: 'picked-up', point: { lat: 91, lon: 0 } }, 'point.lat'],
    [{ type: 'picked-up', by: 'me' }, 'by'],
    [{}, 'type'],
  ])('refuses the report %j, naming %s', async (body, field) => {
    const { id, driver } = await drive();
    expect(await report(id, driver, body)).toMatchObject({ status: 400, json: { field } });
  });
});

describe('a shared link', () => {
  const share = (id: string, token: string, body: object = {}) =>
    ask(base, `POST /tracking/orders/${id}/token`, { body, token });
  const open = (id: string, link: string) => ask(base, `GET /tracking/orders/${id}?token=${link}`);

  test('shows one order without an account, and not who drives', async () => {
    const { id } = await drive();
    const before = Date.now();
    const shared = await share(id, customer.token, { expiresInSeconds: 60 });
    const { status, json } = having(shared, 'token', 'expiresAt');
    expect(status).toBe(201);
    const sharedAt = Date.parse(json.expiresAt) - 60_000;
    expect([before <= sharedAt, sharedAt <= Date.now()]).toEqual([true, true]);
    const answer = await open(id, json.token);
    expect(answer).toMatchObject({ status: 200, json: { status: 'assigned' } });
    expect(JSON.stringify(answer.json)).not.toContain('driverId');
    const { id: another } = await drive();
    expect((await open(another, json.token)).status).toBe(404);
    const [payload = '', signature = ''] = json.token.split('.');
    const forged = Buffer.from(JSON.stringify({ orderId: another, until: Date.now() + 60_000 }));
    expect((await open(another, `${forged.toString('base64url')}.${signature}`)).status).toBe(401);
    expect((await open(id, payload)).status).toBe(401);
  });

  test('is made by the customer or a manager, for a minute up to a week', async () => {
    const { id, driver } = await drive();
    expect((await share(id, manager.token)).status).toBe(201);
    expect((await share(id, driver.token)).status).toBe(403);
    const stranger = await enrol(identityBase, manager, 'customer');
    expect((await share(id, stranger.token)).status).toBe(404);
    expect(await share(id, customer.token, { expiresInSeconds: 59 })).toMatchObject({ status: 400 });
  });
});

describe('positions', () => {
  test('go to Redis: the newest of each driver, the map of all, and the stream', async () => {
    const driver = await enrol(identityBase, manager, 'driver');
    await send(driver, [{ lat: 48.1, lon: 11.5, at: secondsAgo(1) }]);
    const { Redis } = await import('ioredis');
    const redis = new Redis(ground.redis.url);
    expect(await redis.hgetall(`driver:{${driver.id}}:location`)).toMatchObject({ lat: '48.1', lon: '11.5' });
    expect(await redis.ttl(`driver:{${driver.id}}:location`)).toBeGreaterThan(100);
    expect(await redis.geopos('drivers:geo', driver.id)).toEqual([[expect.any(String), expect.any(String)]]);
    await until(async () =>
      JSON.stringify(await redis.xrange('stream:locations', '-', '+')).includes(driver.id),
    );
    redis.disconnect();
  });

  test('come in batches of 1 to 100 from drivers alone, and not without end', async () => {
    const driver = await enrol(identityBase, manager, 'driver');
    const ping = { lat: 1, lon: 1, at: secondsAgo(1) };
    expect((await send(driver, [])).status).toBe(400);
    expect(
      (
        await send(
          driver,
          Array.from({ length: 101 }, () => ping),
        )
      ).status,
    ).toBe(400);
    expect(await send(driver, [{ ...ping, lat: 'north' }])).toMatchObject({
      status: 400,
      json: { field: 'pings.0.lat' },
    });
    expect((await send(customer, [ping])).status).toBe(403);
    const hundred = Array.from({ length: 100 }, () => ping);
    const statuses: number[] = [];
    for (let round = 0; round < 4; round += 1) statuses.push((await send(driver, hundred)).status);
    expect(statuses).toEqual([202, 202, 202, 429]);
  });

  test('that come to driver and here are told to dispatch once', async () => {
    const driver = await enrol(identityBase, manager, 'driver');
    const toldBy = async (service: string) => {
      const metrics = await (await fetch(`${service}/metrics`)).text();
      const line =
        /^bus_published_total\{(?=[^}]*"driver\.location_updated\.v1")(?=[^}]*"ok")[^}]*\} (\d+)$/m;
      return Number(line.exec(metrics)?.[1] ?? 0);
    };
    const told = async () =>
      (await Promise.all([base, other, drivers].map(toldBy))).reduce((sum, one) => sum + one);
    const before = await told();
    const ping = { ...pickup, at: secondsAgo(1) };
    const answers = await Promise.all([
      send(driver, [ping]),
      send(driver, [ping], other),
      ask(drivers, `POST /drivers/${driver.id}/location`, { body: ping, token: driver.token }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect((await told()) - before).toBe(1);
  });

  test('that driver took are followed here as well', async () => {
    const { id, driver } = await drive();
    const stream = await openStream(`${base}/tracking/orders/${id}/stream`, customer.token);
    await ask(drivers, `POST /drivers/${driver.id}/location`, {
      body: { ...pickup, at: secondsAgo(1) },
      token: driver.token,
    });
    await stream.until(({ event, data }) => event === 'position' && data.point?.lat === pickup.lat);
    await stream.until(({ event, data }) => event === 'update' && data.type === 'near-pickup');
    stream.close();
  });
});

describe('a socket', () => {
  test('opens with the token of a driver as second protocol, and answers each position', async () => {
    const driver = await enrol(identityBase, manager, 'driver');
    const socket = await openSocket(base, driver.token);
    expect(socket.protocol).toBe('bearer');
    expect(await socket.ask({ lat: 48.1, lon: 11.5, at: secondsAgo(1) })).toEqual({ result: 'accepted' });
    expect(await socket.ask({ lat: 48.1, lon: 11.5, at: secondsAgo(2) })).toEqual({ result: 'outdated' });
    expect(await socket.ask({ lat: 'north' })).toEqual({ result: 'malformed' });
    expect(await socket.ask('not JSON')).toEqual({ result: 'malformed' });
    const metrics = await (await fetch(`${base}/metrics`)).text();
    expect(metrics).toMatch(/^ws_clients\{hub="drivers",service="tracking"\} 1$/m);
    expect(metrics).toMatch(/^driver_locations_total\{result="malformed",service="tracking"\} 2$/m);
    socket.close();
  });

  test('is refused before it opens without a good token of a driver', async () => {
    await expect(openSocket(base, undefined)).rejects.toThrow('401');
    await expect(openSocket(base, 'not.a.token')).rejects.toThrow('401');
    await expect(openSocket(base, customer.token)).rejects.toThrow('403');
  });

  test('is ended by a message that is too large, and by too many', async () => {
    const driver = await enrol(identityBase, manager, 'driver');
    const large = await openSocket(base, driver.token);
    large.send('x'.repeat(17_000));
    expect(await large.closed).toMatchObject({ code: 1009 });
    const many = await openSocket(base, driver.token);
    // Far more than come to it by the second meanwhile.
    for (let count = 0; count < 1_000; count += 1) many.send('{}');
    expect(await many.closed).toEqual({ code: 1008, reason: 'limited' });
  });

  test('ends when its token expires, and when nothing comes', async () => {
    let aheadMs = 0;
    const clock = {
      now: () => Date.now() + aheadMs,
      sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(50, signal),
    };
    const { base: ahead } = await ground.start(
      service,
      { SOCKET_IDLE_MS: '60000', HEARTBEAT_MS: '9999999' },
      { clock },
    );
    const driver = await enrol(identityBase, manager, 'driver');
    const idle = await openSocket(ahead, driver.token);
    aheadMs = 61_000;
    expect(await idle.closed).toEqual({ code: 1008, reason: 'idle' });
    const expired = await openSocket(ahead, driver.token);
    aheadMs = 20 * 60_000;
    expect(await expired.closed).toEqual({ code: 1008, reason: 'expired' });
  });
});

describe('a stream', () => {
  test('shows what there is and what comes, at whichever instance it happens', async () => {
    const { id, driver } = await drive();
    const stream = await openStream(`${other}/tracking/orders/${id}/stream`, customer.token);
    await stream.until(({ data }) => data.type === 'assigned');
    await send(driver, [{ ...pickup, at: secondsAgo(1) }], base);
    await stream.until(({ event, data }) => event === 'position' && data.point?.lon === pickup.lon);
    const near = await stream.until(({ data }) => data.type === 'near-pickup');
    stream.close();
    await report(id, driver, { type: 'picked-up' });
    const resumed = await openStream(`${base}/tracking/orders/${id}/stream`, customer.token, near.id);
    const next = await resumed.until(({ event }) => event === 'update');
    expect(next.data.type).toBe('picked-up');
    resumed.close();
  });

  test('ends with the link it was opened by', async () => {
    const { id } = await drive();
    let aheadMs = 0;
    const clock = {
      now: () => Date.now() + aheadMs,
      sleep: (_ms: number, signal?: AbortSignal) => systemClock.sleep(50, signal),
    };
    const { base: ahead } = await ground.start(service, {}, { clock });
    const body = { expiresInSeconds: 60 };
    const shared = await ask(ahead, `POST /tracking/orders/${id}/token`, { body, token: customer.token });
    const stream = await openStream(
      `${ahead}/tracking/orders/${id}/stream?token=${having(shared, 'token').json.token}`,
    );
    const { data } = await stream.until(({ event }) => event === 'update');
    expect(data).not.toHaveProperty('driverId');
    aheadMs = 61_000;
    await stream.ended;
  });

  test('is refused to strangers and for a wrong Last-Event-ID', async () => {
    const { id } = await drive();
    const stranger = await enrol(identityBase, manager, 'customer');
    const get = (token: string, headers = {}) =>
      ask(base, `GET /tracking/orders/${id}/stream`, { token, headers });
    expect((await get(stranger.token)).status).toBe(404);
    expect(await get(customer.token, { 'last-event-id': 'x' })).toMatchObject({
      status: 400,
      json: { field: 'last-event-id' },
    });
  });
});

test('a drain ends sockets with 1012 and streams in order; new sockets go elsewhere', async () => {
  const { id, driver } = await drive();
  const { base: going, running } = await ground.start(service);
  const socket = await openSocket(going, driver.token);
  const stream = await openStream(`${going}/tracking/orders/${id}/stream`, customer.token);
  running.beginDrain();
  expect(await socket.closed).toMatchObject({ code: 1012 });
  await stream.ended;
  await expect(openSocket(going, driver.token)).rejects.toThrow('503');
  expect((await read(id, customer.token, going)).status).toBe(200);
});
