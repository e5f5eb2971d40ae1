import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Bus, DomainEvent } from '../../../services/lib/bus.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { createNatsBus } from '../../../services/lib/nats-bus.ts';
import { createEventMaker } from '../../../services/lib/outbox.ts';
import type { RunningService } from '../../../services/lib/service.ts';
import type { Body } from './body.ts';
import { ask, eventually, having, until } from './caller.ts';
import { centre, type Organisation, startTown, type Town } from './town.ts';

let town: Town;
let bus: Bus;
const heard: { topic: string; json: Record<string, unknown> & { data?: Record<string, unknown> } }[] = [];

beforeAll(async () => {
  town = await startTown();
  bus = createNatsBus({
    url: town.ground.nats.url,
    replicas: 1,
    name: 'test',
    clock: systemClock,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
  });
  for (const topic of ['dispatch.assignment_proposed.v1', 'live.driver.*', 'dlq.>'])
    bus.listenLive(topic, (on, text) => heard.push({ topic: on, json: JSON.parse(text) }));
});
afterAll(async () => {
  await bus.close();
  await town.stop();
});

const notices = () => town.aws.accepted.map(({ body }) => JSON.parse(body));
const isAssigned = ({ status }: Body) => status === 'assigned';

function queueOf(base: string, { manager }: Organisation) {
  return ask(base, 'GET /dispatch/queue', { headers: manager });
}

describe('dispatch that decides by itself, in two instances', () => {
  let base: string;
  const running: RunningService[] = [];
  beforeAll(async () => {
    const [one, other] = await Promise.all([town.dispatch(), town.dispatch()]);
    running.push(one.running, other.running);
    base = one.base;
  });
  afterAll(() => Promise.all(running.map((one) => one.close())));

  test('gives a new order to the nearest free driver, and tells so', async () => {
    const org = await town.organisation();
    await org.addDriver(3_000);
    const near = await org.addDriver(200);
    const id = await org.order();
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: near.id, version: 2 });
    await until(async () => heard.some(({ json }) => json.data?.orderId === id));
    const { json } = heard.find((one) => one.json.data?.orderId === id) ?? {};
    expect(json).toMatchObject({
      subject: 'dispatch.assignment_proposed.v1',
      org: org.name,
      actor: 'dispatch',
      data: { driverId: near.id, distanceMeters: 200, strategy: 'nearest' },
    });
    await until(async () => notices().some(({ data }) => data.orderId === id));
    expect(notices().filter(({ data }) => data.orderId === id)).toEqual([
      expect.objectContaining({ userId: near.id, org: org.name, template: 'driver_assigned' }),
    ]);
  });

  test('minds skills and room, and says why somebody waits', async () => {
    const org = await town.organisation();
    await org.addDriver(10);
    const able = await org.addDriver(2_000, {
      skills: ['cold'],
      vehicle: { type: 'van', capacity: { weightKg: 500 } },
    });
    const id = await org.order({ demand: { skills: ['cold'], weightKg: 400 } });
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: able.id });
    const heavy = await org.order({ demand: { skills: ['heavy'] } });
    const { json } = await eventually(
      () => queueOf(base, org),
      ({ json: { items } }) => items?.[0]?.reason !== undefined,
    );
    expect(json).toMatchObject({ depth: 1, items: [{ id: heavy, state: 'waiting', reason: 'nobody-fits' }] });
  });

  test('never promises an order or a driver twice', async () => {
    const org = await town.organisation();
    const drivers = await Promise.all(
      Array.from({ length: 5 }, (_driver, index) => org.addDriver(100 * index)),
    );
    const ids = await Promise.all(Array.from({ length: 8 }, () => org.order()));
    const taken = new Map<string, string>();
    await until(async () => {
      for (const id of ids) {
        const { json } = await ask(town.orders, `GET /orders/${id}`, { token: org.customer.token });
        if (json.driverId) taken.set(id, json.driverId);
      }
      return taken.size === 5;
    });
    expect([...taken.values()].toSorted()).toEqual(drivers.map(({ id }) => id).toSorted());
    await eventually(
      () => queueOf(base, org),
      ({ json }) => json.depth === 3,
    );
  });

  test('drops an order that is cancelled while it waits', async () => {
    const org = await town.organisation();
    const id = await org.order();
    await eventually(
      () => queueOf(base, org),
      ({ json }) => json.items?.[0]?.id === id,
    );
    const body = { status: 'cancelled', version: 1 };
    await ask(town.orders, `PATCH /orders/${id}/status`, { body, headers: org.manager });
    await eventually(
      () => queueOf(base, org),
      ({ json }) => json.depth === 0,
    );
  });

  test('finds another driver when one gives the order back', async () => {
    const org = await town.organisation();
    const first = await org.addDriver(10);
    const id = await org.order();
    await org.follow(id, isAssigned);
    const second = await org.addDriver(5_000);
    const body = { status: 'created', version: 2 };
    await ask(town.orders, `PATCH /orders/${id}/status`, { body, token: first.token });
    expect(await org.follow(id, (order) => order.version === 4)).toMatchObject({ driverId: second.id });
  });

  test('keeps the file of a trip, without addresses', async () => {
    const org = await town.organisation();
    const driver = await org.addDriver(50);
    const id = await org.order({ pickup: { ...centre, address: 'Hidden 1' } });
    await org.follow(id, isAssigned);
    for (const [status, version] of [
      ['picked-up', 2],
      ['delivered', 3],
    ] as const) {
      await ask(town.orders, `PATCH /orders/${id}/status`, {
        body: { status, version },
        token: driver.token,
      });
    }
    const find = () => [...town.aws.objects].find(([key]) => key.endsWith(`/${id}.json`));
    await until(async () => find() !== undefined);
    const [key = '', text = ''] = find() ?? [];
    expect(key).toMatch(/^\/uploads\/trips\/\d{4}\/\d{2}\/\d{2}\/[0-9a-f-]{36}\.json$/);
    expect(text).not.toContain('Hidden');
    expect(JSON.parse(text)).toMatchObject({
      orderId: id,
      driverId: driver.id,
      pickup: centre,
      strategy: 'nearest',
      metresToPickup: 50,
      pickedUpAt: expect.any(String),
    });
  });

  test('shows what a strategy would choose, and writes nothing', async () => {
    const org = await town.organisation();
    const id = await org.order({ demand: { seats: 9 } });
    await eventually(
      () => queueOf(base, org),
      ({ json }) => json.depth === 1,
    );
    const preview = (body: object) => ask(base, 'POST /dispatch/preview', { body, headers: org.manager });
    for (const strategy of ['nearest', 'batch-greedy', 'optimal']) {
      expect(await preview({ strategy })).toMatchObject({
        status: 200,
        json: { strategy, matches: [], unassigned: [{ orderId: id, reason: 'no-free-driver' }] },
      });
    }
    expect((await preview({ orderIds: ['01890000-0000-7000-8000-000000000000'] })).json).toMatchObject({
      matches: [],
      unassigned: [],
    });
    expect((await queueOf(base, org)).json.items?.[0]).toMatchObject({ id, state: 'waiting' });
  });

  test('lists the strategies and the one that is used', async () => {
    const org = await town.organisation();
    const { json } = await ask(base, 'GET /dispatch/strategies', { headers: org.manager });
    expect(json).toMatchObject({ assignment: 'auto', costs: 'metres' });
    expect(json.items?.map((one) => [one.name, one.isActive])).toEqual([
      ['nearest', true],
      ['batch-greedy', false],
      ['optimal', false],
    ]);
  });

  test('lets a manager with the permission choose, whatever the driver can do', async () => {
    const org = await town.organisation();
    const driver = await org.addDriver(9_000);
    const id = await org.order({ demand: { skills: ['rare'] } });
    const assign = (driverId: string, headers = org.manager) =>
      ask(base, `POST /dispatch/orders/${id}/assign`, { body: { driverId }, headers });
    await eventually(
      () => queueOf(base, org),
      ({ json }) => json.items?.[0]?.reason === 'nobody-fits',
    );
    const elsewhere = await town.organisation();
    const stranger = await elsewhere.addDriver(1);
    expect(await assign(stranger.id)).toMatchObject({ status: 404, json: { field: 'driverId' } });
    expect(await assign(driver.id, elsewhere.manager)).toMatchObject({ status: 404 });
    expect(await assign(driver.id)).toMatchObject({ status: 202, json: { strategy: 'manual' } });
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id });
    expect(await assign(driver.id)).toMatchObject({ status: 409, json: { code: 'STATE_CONFLICT' } });
  });

  test('reads a booking again that was changed, and gives it to a driver when its time comes near', async () => {
    const org = await town.organisation();
    const driver = await org.addDriver(70);
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    const body = { pickup: centre, dropoff: centre, scheduledAt };
    const booked = await ask(town.orders, 'POST /bookings', { body, token: org.customer.token });
    const { json: booking } = having(booked, 'id');
    await eventually(
      () => queueOf(base, org),
      ({ json }) =>
        json.depth === 0 && (json.items?.[0]?.nextAt ?? '') > new Date(Date.now() + 2_000_000).toISOString(),
    );
    const change = { scheduledAt: new Date(Date.now() + 60_000).toISOString(), version: 1 };
    await ask(town.orders, `PATCH /bookings/${booking.id}`, { body: change, token: org.customer.token });
    expect(await org.follow(booking.id, isAssigned)).toMatchObject({ driverId: driver.id, version: 3 });
  });

  const event = createEventMaker({ clock: systemClock, random: Math.random });
  const idOf = (last: number) => `01890000-0000-7000-8000-0000000000${10 + last}`;
  function created(org: string, id: string, facts: object = {}): DomainEvent {
    const data = { id, customerId: id, pickup: centre, dropoff: centre, priority: 0, demand: {}, version: 1 };
    return event({ subject: 'order.created.v1', org, actor: 'test', data: { ...data, ...facts } });
  }

  test('takes events twice, and later ones first, without harm', async () => {
    const org = await town.organisation();
    const [dropped, kept] = [idOf(1), idOf(2)];
    const data = { id: dropped, from: 'created', to: 'cancelled', version: 2 };
    await bus.publish(
      event({ subject: 'order.status_changed.v1', org: org.name, actor: 'test', data }),
      dropped,
    );
    await bus.publish(created(org.name, dropped), dropped);
    const twice = created(org.name, kept);
    await bus.publish(twice, kept);
    await bus.publish({ ...twice, id: event({ ...twice }).id }, kept);
    // Either may be there before the other is gone: two instances take the events, eight at a time.
    await eventually(
      () => queueOf(base, org),
      ({ json: { depth, items } }) => depth === 1 && items?.length === 1 && items[0]?.id === kept,
    );
  });

  test.each([
    ['malformed', created('nobody', idOf(3), { pickup: { lat: 91, lon: 0 } })],
    ['of an unknown version', { ...created('nobody', idOf(4)), subject: 'order.created.v2' }],
    ['from the future', { ...created('nobody', idOf(5)), at: '2999-01-01T00:00:00.000Z' }],
  ])('parks an event that is %s, and goes on', async (_what, bad) => {
    await bus.publish(bad, bad.id);
    await until(async () => heard.some(({ topic, json }) => topic.startsWith('dlq.') && json.id === bad.id));
  });

  test('refuses bad tokens, wrong roles and unknown fields, each in its way', async () => {
    const org = await town.organisation();
    const { token } = org.customer;
    const id = idOf(9);
    const requests = [
      'GET /dispatch/queue',
      'GET /dispatch/strategies',
      'POST /dispatch/preview',
      `POST /dispatch/orders/${id}/assign`,
      `POST /dispatch/offers/${id}/accept`,
      `POST /dispatch/offers/${id}/decline`,
    ] as const;
    for (const request of requests) {
      expect([request, (await ask(base, request)).status]).toEqual([request, 401]);
      expect([request, (await ask(base, request, { token: 'a.b.c' })).status]).toEqual([request, 401]);
      expect([request, (await ask(base, request, { token })).status]).toEqual([request, 403]);
    }
    const { manager: headers } = org;
    const wrong = { status: 400, json: { code: 'BODY_INVALID' } };
    const post = (path: `/${string}`, body: unknown) => ask(base, `POST ${path}`, { body, headers });
    expect(await post('/dispatch/preview', { strategy: 'best' })).toMatchObject(wrong);
    expect(await post('/dispatch/preview', { colour: 'red' })).toMatchObject({ json: { field: 'colour' } });
    expect(await post(`/dispatch/orders/${id}/assign`, {})).toMatchObject({ json: { field: 'driverId' } });
    expect(await post(`/dispatch/orders/${id}/assign`, { driverId: 'x' })).toMatchObject(wrong);
    expect(await post(`/dispatch/orders/${id}/assign`, { driverId: id })).toMatchObject({ status: 404 });
    expect(await ask(base, 'GET /dispatch/queue?limit=0', { headers })).toMatchObject(wrong);
    const principal = { id, org: org.name, role: 'manager' as const, permissions: ['reports'] };
    const signed = signIdentity(principal, town.ground.serviceKey, Date.now());
    const unpermitted = { [identityHeader]: signed };
    const body = { driverId: id };
    const denied = await ask(base, `POST /dispatch/orders/${id}/assign`, { body, headers: unpermitted });
    expect(denied).toMatchObject({ status: 403, json: { code: 'ACCESS_DENIED' } });
    const driver = await org.addDriver(1);
    const offer = await ask(base, `POST /dispatch/offers/${id}/accept`, { token: driver.token });
    expect(offer).toMatchObject({ status: 404, json: { code: 'RESOURCE_UNKNOWN' } });
  });

  test('counts what waits, what matching took and why nobody was found', async () => {
    const text = await (await fetch(`${base}/metrics`)).text();
    expect(text).toMatch(/dispatch_queue_depth\{service="dispatch"\} \d+/);
    expect(text).toMatch(/dispatch_match_seconds_count\{service="dispatch"\} [1-9]/);
    expect(text).toMatch(/dispatch_unassigned_total\{reason="order-away",service="dispatch"\} 0/);
  });
});

describe('dispatch that asks the driver', () => {
  let base: string;
  let running: RunningService;
  beforeAll(async () => {
    ({ base, running } = await town.dispatch({ ASSIGNMENT: 'offer', OFFER_SECONDS: '6' }));
  });
  afterAll(() => running.close());

  /** The offer of an order to that driver, as their app hears of it. */
  async function offered(orderId: string, driverId: string): Promise<string> {
    const find = () =>
      heard.find(
        ({ topic, json }) =>
          topic === `live.driver.${driverId}` && json.orderId === orderId && json.state === 'open',
      );
    await until(async () => find() !== undefined);
    return String(find()?.json.id);
  }
  const answer = (offer: string, verb: 'accept' | 'decline', token: string) =>
    ask(base, `POST /dispatch/offers/${offer}/${verb}`, { token });

  test('assigns when the driver accepts; only theirs to accept, and only while it is open', async () => {
    const org = await town.organisation();
    const [driver, other] = [await org.addDriver(10), await org.addDriver(20)];
    const id = await org.order();
    const offer = await offered(id, driver.id);
    expect((await answer(offer, 'accept', other.token)).status).toBe(404);
    expect(await answer(offer, 'accept', driver.token)).toMatchObject({
      status: 200,
      json: { id: offer, orderId: id, state: 'accepted' },
    });
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id });
    expect((await answer(offer, 'decline', driver.token)).status).toBe(409);
    await until(async () => notices().filter(({ data }) => data.orderId === id).length === 2);
    const told = notices().filter(({ data }) => data.orderId === id);
    expect(told.map(({ template }) => template)).toEqual(['driver_offer', 'driver_assigned']);
  });

  test('asks the next driver when one declines', async () => {
    const org = await town.organisation();
    const [first, second] = [await org.addDriver(10), await org.addDriver(900)];
    const id = await org.order();
    const offer = await offered(id, first.id);
    expect((await answer(offer, 'decline', first.token)).json).toMatchObject({ state: 'declined' });
    await answer(await offered(id, second.id), 'accept', second.token);
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: second.id });
  });

  test('asks the next driver when one lets the offer expire, or goes offline', async () => {
    const org = await town.organisation();
    const [first, second, third] = [
      await org.addDriver(10),
      await org.addDriver(900),
      await org.addDriver(2_000),
    ];
    const id = await org.order();
    const late = await offered(id, first.id);
    await offered(id, second.id);
    expect((await answer(late, 'accept', first.token)).status).toBe(409);
    const body = { status: 'offline' };
    await ask(town.drivers, `PUT /drivers/${second.id}/availability`, { body, token: second.token });
    await answer(await offered(id, third.id), 'accept', third.token);
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: third.id });
  });

  test('takes an offer back for a manager who chooses somebody else', async () => {
    const org = await town.organisation();
    const [asked, chosen] = [await org.addDriver(10), await org.addDriver(900)];
    const id = await org.order();
    const offer = await offered(id, asked.id);
    const body = { driverId: chosen.id };
    expect(
      (await ask(base, `POST /dispatch/orders/${id}/assign`, { body, headers: org.manager })).status,
    ).toBe(202);
    expect((await answer(offer, 'accept', asked.token)).status).toBe(409);
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: chosen.id });
  });
});
