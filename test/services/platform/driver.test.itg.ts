import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { service as driverService } from '../../../services/driver/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { service as orderService } from '../../../services/order/service.ts';
import { ask, eventually, until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';

let ground: Ground;
let base: string;
let orders: string;
let identityBase: string;
let manager: Person;
let driver: Person;
let customer: Person;
let nats: NatsConnection;
let admin: pg.Pool;

beforeAll(async () => {
  ground = await startGround();
  await Promise.all([ground.migrate('identity'), ground.migrate('driver'), ground.migrate('order')]);
  ({ base: identityBase } = await ground.start(identity));
  ({ base } = await ground.start(driverService));
  ({ base: orders } = await ground.start(orderService));
  manager = await logInManager(identityBase, ground);
  driver = await enrol(identityBase, manager, 'driver');
  customer = await enrol(identityBase, manager, 'customer');
  nats = await connect({ servers: ground.nats.url });
  admin = new pg.Pool({ connectionString: ground.postgres.url });
});
afterAll(async () => {
  await nats.close();
  await admin.end();
  await ground.stop();
});

/** Tells driver as order does, and waits until it has taken it in. */
async function tell(subject: string, data: object, at: string): Promise<void> {
  const id = randomUUID();
  const event = { id, subject, at, org: 'public', actor: 'test', data };
  await jetstream(nats).publish(subject, JSON.stringify(event), { msgID: id });
  const seen = () => admin.query('select from drivers.inbox where event_id = $1', [id]);
  await until(async () => (await seen()).rowCount === 1);
}

const read = (person = driver) => ask(base, `GET /drivers/${driver.id}`, { token: person.token });

test('somebody who got the role of a driver is one a moment later, by the event of identity', async () => {
  const { json } = await eventually(read, ({ status }) => status === 200);
  expect(json).toMatchObject({ id: driver.id, status: 'offline', skills: [], org: 'public' });
});

describe('a driver', () => {
  test('changes by a manager or by themselves, from the version that was read', async () => {
    const body = { skills: ['cold'], vehicle: { type: 'van', capacity: { weightKg: 800 } }, version: 1 };
    const change = () => ask(base, `PATCH /drivers/${driver.id}`, { body, token: manager.token });
    expect(await change()).toMatchObject({
      status: 200,
      json: { skills: ['cold'], vehicle: body.vehicle, version: 2 },
    });
    expect(await change()).toMatchObject({ status: 409, json: { code: 'VERSION_STALE' } });
  });

  test('is not there for strangers, and a second one of an account is refused', async () => {
    const other = await enrol(identityBase, manager, 'driver');
    expect((await read(other)).status).toBe(404);
    expect((await read(customer)).status).toBe(403);
    const body = { id: driver.id, name: 'again' };
    expect(await ask(base, 'POST /drivers', { body, token: manager.token })).toMatchObject({ status: 409 });
  });

  test('says when they work; a window that ends before it starts is named', async () => {
    const put = (body: unknown) =>
      ask(base, `PUT /drivers/${driver.id}/availability`, { body, token: driver.token });
    const windows = [{ weekday: 1, starts: 480, ends: 1020 }];
    expect(await put({ windows, status: 'available' })).toMatchObject({
      status: 200,
      json: { status: 'available', windows },
    });
    expect(await put({ windows: [{ weekday: 1, starts: 60, ends: 60 }] })).toMatchObject({
      status: 400,
      json: { field: 'windows.0.ends' },
    });
  });

  test('is busy with an order and free after it, and cannot go offline in between', async () => {
    const place = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
    const { json: order } = await ask(orders, 'POST /orders', { body: place, token: customer.token });
    await ask(orders, `PUT /orders/${order.id}/assignment`, {
      body: { driverId: driver.id },
      headers: { ...asService('dispatch', ground), 'if-match': '"1"' },
    });
    await eventually(read, ({ json }) => json.status === 'busy');
    const offline = { body: { status: 'offline' }, token: driver.token };
    expect((await ask(base, `PUT /drivers/${driver.id}/availability`, offline)).status).toBe(409);
    for (const [status, version] of [
      ['picked-up', 2],
      ['delivered', 3],
    ] as const) {
      await ask(orders, `PATCH /orders/${order.id}/status`, {
        body: { status, version },
        token: driver.token,
      });
    }
    await eventually(read, ({ json }) => json.status === 'available');
  });

  test('stays busy until the last of their orders has ended, in whatever order that is told', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const at = (seconds: number) => new Date(Date.now() - 60_000 + seconds * 1_000).toISOString();
    const assigned = (id: string, seconds: number) =>
      tell('order.assigned.v1', { id, driverId: driver.id }, at(seconds));
    const ended = (id: string, seconds: number) =>
      tell('order.status_changed.v1', { id, to: 'delivered', driverId: driver.id }, at(seconds));
    await assigned(first, 1);
    await assigned(second, 2);
    expect((await read()).json.status).toBe('busy');
    await ended(first, 4);
    expect((await read()).json.status).toBe('busy');
    await ended(second, 3);
    expect((await read()).json.status).toBe('available');
    const late = randomUUID();
    await ended(late, 6);
    await assigned(late, 5);
    expect((await read()).json.status).toBe('available');
  });

  test('who has gone offline stays so when an order ends that never made them busy', async () => {
    const status = (wanted: string) => ({ body: { status: wanted }, token: driver.token });
    await ask(base, `PUT /drivers/${driver.id}/availability`, status('offline'));
    const data = { id: randomUUID(), to: 'cancelled', driverId: driver.id };
    await tell('order.status_changed.v1', data, new Date().toISOString());
    expect((await read()).json.status).toBe('offline');
    await ask(base, `PUT /drivers/${driver.id}/availability`, status('available'));
  });
});

describe('a position', () => {
  const report = (ping: object, token = driver.token) =>
    ask(base, `POST /drivers/${driver.id}/location`, { body: ping, token });

  test('is kept when it is fit, left out when it is not, and forgotten after two minutes', async () => {
    const ping = { lat: 52.5, lon: 13.4, at: new Date(Date.now() - 5_000).toISOString(), accuracyM: 5 };
    expect(await report(ping)).toMatchObject({ status: 202, json: { result: 'accepted' } });
    expect(await report(ping)).toMatchObject({ status: 202, json: { result: 'outdated' } });
    const far = { lat: 48, lon: 11, at: new Date().toISOString() };
    expect((await report(far)).json).toEqual({ result: 'too-fast' });
    expect((await ask(base, `GET /drivers/${driver.id}/location`, { token: manager.token })).json).toEqual(
      ping,
    );
    const { Redis } = await import('ioredis');
    const redis = new Redis(ground.redis.url);
    expect(await redis.ttl(`driver:{${driver.id}}:location`)).toBeGreaterThan(100);
    redis.disconnect();
  });

  test('comes from the driver alone, and only as a position', async () => {
    expect((await report({ lat: 1, lon: 1, at: new Date().toISOString() }, manager.token)).status).toBe(403);
    expect(await report({ lat: 91, lon: 1, at: 'now' })).toMatchObject({ status: 400 });
  });
});
