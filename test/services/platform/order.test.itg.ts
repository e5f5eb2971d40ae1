import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { service as identity } from '../../../services/identity/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { ask, having, until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';

let ground: Ground;
let base: string;
let manager: Person;
let customer: Person;
let driver: Person;

beforeAll(async () => {
  ground = await startGround();
  await Promise.all([ground.migrate('identity'), ground.migrate('order')]);
  const { base: identityBase } = await ground.start(identity);
  ({ base } = await ground.start(order));
  manager = await logInManager(identityBase, ground);
  customer = await enrol(identityBase, manager, 'customer');
  driver = await enrol(identityBase, manager, 'driver');
});
afterAll(() => ground.stop());

const place = { pickup: { lat: 52.5, lon: 13.4, address: 'Here 1' }, dropoff: { lat: 52.6, lon: 13.5 } };

async function create(headers: Record<string, string> = {}) {
  return having(await ask(base, 'POST /orders', { body: place, token: customer.token, headers }), 'id').json;
}

function assign(id: string, version: number) {
  return ask(base, `PUT /orders/${id}/assignment`, {
    body: { driverId: driver.id },
    headers: { ...asService('dispatch', ground), 'if-match': `"${version}"` },
  });
}

describe('an order', () => {
  test('goes from created over assigned and picked-up to delivered, and its history says so', async () => {
    const { id } = await create();
    expect(await assign(id, 1)).toMatchObject({
      status: 200,
      json: { status: 'assigned', driverId: driver.id, version: 2 },
    });
    for (const [status, version] of [
      ['picked-up', 2],
      ['delivered', 3],
    ] as const) {
      const step = await ask(base, `PATCH /orders/${id}/status`, {
        body: { status, version },
        token: driver.token,
      });
      expect(step).toMatchObject({ status: 200, json: { status, version: version + 1 } });
    }
    const { json } = await ask(base, `GET /orders/${id}/events`, { token: customer.token });
    expect(json.items?.map(({ type }) => type)).toEqual([
      'created',
      'assigned',
      'status_changed',
      'status_changed',
    ]);
    expect((await ask(base, `GET /orders/${id}/status`, { token: customer.token })).json).toMatchObject({
      status: 'delivered',
      next: [],
    });
  });

  test('refuses a step its state does not allow, and one decided on an old version', async () => {
    const { id } = await create();
    const step = (status: string, version: number) =>
      ask(base, `PATCH /orders/${id}/status`, { body: { status, version }, token: manager.token });
    expect(await step('delivered', 1)).toMatchObject({ status: 409, json: { code: 'STATE_CONFLICT' } });
    expect(await step('cancelled', 7)).toMatchObject({ status: 409, json: { code: 'VERSION_STALE' } });
    expect((await step('cancelled', 1)).status).toBe(200);
  });

  test('is assigned once when two try at the same moment', async () => {
    const { id } = await create();
    const answers = await Promise.all([assign(id, 1), assign(id, 1)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });

  test('is not there for another customer, and says 401, 403 and 400 where they are due', async () => {
    const { id } = await create();
    expect((await ask(base, `GET /orders/${id}`, { token: driver.token })).status).toBe(404);
    expect((await ask(base, `GET /orders/${id}`)).status).toBe(401);
    expect((await ask(base, 'POST /orders', { body: place, token: driver.token })).status).toBe(403);
    expect(
      (
        await ask(base, `PUT /orders/${id}/assignment`, {
          body: { driverId: driver.id },
          token: manager.token,
        })
      ).status,
    ).toBe(403);
    expect(
      await ask(base, `PUT /orders/${id}/assignment`, {
        body: { driverId: driver.id },
        headers: asService('dispatch', ground),
      }),
    ).toMatchObject({ status: 400, json: { field: 'if-match' } });
  });

  test.each([
    [{ ...place, pickup: { lat: 91, lon: 0 } }, 'pickup.lat'],
    [{ ...place, dropoff: undefined }, 'dropoff'],
    [{ ...place, colour: 'red' }, 'colour'],
    [{ ...place, priority: '1' }, 'priority'],
  ])('refuses %j, naming %s', async (body, field) => {
    expect(await ask(base, 'POST /orders', { body, token: customer.token })).toMatchObject({
      status: 400,
      json: { field },
    });
  });
});

describe('placing with an Idempotency-Key', () => {
  test('makes fifty equal requests at once into one order and fifty equal answers', async () => {
    const headers = { 'idempotency-key': 'fifty' };
    const orders = await Promise.all(Array.from({ length: 50 }, () => create(headers)));
    expect(new Set(orders.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test('refuses the key with another body', async () => {
    const headers = { 'idempotency-key': 'other' };
    await create(headers);
    const body = { ...place, note: 'another' };
    expect(await ask(base, 'POST /orders', { body, token: customer.token, headers })).toMatchObject({
      status: 422,
      json: { code: 'KEY_REUSED' },
    });
  });
});

describe('a list', () => {
  test('shows each one their own orders, page by page without a gap', async () => {
    const all: string[] = [];
    let after: string | undefined;
    do {
      const query = after ? `&after=${after}` : '';
      const answer = await ask(base, `GET /orders?limit=3${query}`, { token: customer.token });
      const { items, next } = having(answer, 'items').json;
      all.push(...items.map(({ id }) => String(id)));
      after = next;
    } while (after);
    expect(all).toEqual(all.toSorted().toReversed());
    expect(new Set(all).size).toBe(all.length);
    const { json } = await ask(base, 'GET /orders?limit=100', { token: manager.token });
    expect(json.items?.map(({ id }) => id)).toEqual(all);
  });
});

describe('a booking', () => {
  test('is a ride at a time to come, changes until it is assigned, and can be cancelled', async () => {
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    const booked = await ask(base, 'POST /bookings', {
      body: { ...place, scheduledAt },
      token: customer.token,
    });
    const { json, status } = having(booked, 'id');
    expect({ status, kind: json.kind }).toEqual({ status: 201, kind: 'ride' });
    const body = { note: 'two bags', version: 1 };
    expect(await ask(base, `PATCH /bookings/${json.id}`, { body, token: customer.token })).toMatchObject({
      status: 200,
      json: { note: 'two bags', version: 2 },
    });
    expect(await ask(base, `DELETE /bookings/${json.id}`, { token: customer.token })).toMatchObject({
      json: { status: 'cancelled' },
    });
    expect(
      (
        await ask(base, `PATCH /bookings/${json.id}`, {
          body: { ...body, version: 3 },
          token: customer.token,
        })
      ).status,
    ).toBe(409);
  });

  test('is refused for a time that has passed', async () => {
    const body = { ...place, scheduledAt: '2020-01-01T00:00:00Z' };
    expect(await ask(base, 'POST /bookings', { body, token: customer.token })).toMatchObject({
      status: 400,
      json: { field: 'scheduledAt' },
    });
  });
});

describe('when something is away', () => {
  test('orders are placed and read without Redis and without NATS; the events follow', async () => {
    await Promise.all([ground.redis.kill(), ground.nats.kill()]);
    const { id } = await create();
    expect((await ask(base, `GET /orders/${id}`, { token: customer.token })).status).toBe(200);
    expect((await ask(base, 'GET /ready')).json.checks).toMatchObject({ redis: 'failing' });
    await Promise.all([ground.redis.restart(), ground.nats.restart()]);
    const metrics = async () => ({ text: await (await fetch(`${base}/metrics`)).text() });
    await until(async () => /^outbox_unpublished\{.*\} 0$/m.test((await metrics()).text));
  });

  test('without PostgreSQL it lives, is not ready, and answers 503 with Retry-After', async () => {
    await ground.postgres.pause();
    expect((await ask(base, 'GET /health')).status).toBe(200);
    expect((await ask(base, 'GET /ready')).status).toBe(503);
    const refused = await ask(base, 'POST /orders', { body: place, token: customer.token });
    expect(refused).toMatchObject({ status: 503, json: { code: 'STORE_UNAVAILABLE' } });
    expect(refused.headers.get('retry-after')).toBe('5');
    await ground.postgres.restart();
    expect((await create()).status).toBe('created');
  });
});
