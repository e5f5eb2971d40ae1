import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { service as customerService } from '../../../services/customer/service.ts';
import { service as driverService } from '../../../services/driver/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { service as orderService } from '../../../services/order/service.ts';
import { ask, eventually, having, until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { logInManager, type Person, whoLoggedIn } from './people.ts';

let ground: Ground;
let bases: { identity: string; customer: string; order: string; driver: string };
let manager: Person;
let admin: pg.Pool;
let nats: NatsConnection;

beforeAll(async () => {
  ground = await startGround();
  await Promise.all(
    (['identity', 'customer', 'order', 'driver'] as const).map((name) => ground.migrate(name)),
  );
  const { base } = await ground.start(identity);
  // Links to files are signed, and go nowhere here.
  const aws = { credentials: { accessKeyId: 'id', secretAccessKey: 'key' } };
  const [customer, order, driver] = await Promise.all(
    [customerService, orderService, driverService].map(
      async (one) => (await ground.start(one, {}, { aws })).base,
    ),
  );
  bases = { identity: base, customer: customer ?? '', order: order ?? '', driver: driver ?? '' };
  manager = await logInManager(bases.identity, ground);
  admin = new pg.Pool({ connectionString: ground.postgres.url });
  nats = await connect({ servers: ground.nats.url });
});
afterAll(async () => {
  await nats.close();
  await admin.end();
  await ground.stop();
});

const event = (subject: string, data: unknown, at = new Date().toISOString()) => ({
  id: randomUUID(),
  subject,
  at,
  org: 'public',
  actor: 'test',
  data,
});

/** Publishes past the bus, which would leave out what came before. */
async function publish(message: { subject: string }): Promise<void> {
  await jetstream(nats).publish(message.subject, JSON.stringify(message), { msgID: randomUUID() });
}

/** Events of a subject that customer, or another service, has handled with that result. */
async function handled(subject: string, result: string, by = bases.customer): Promise<number> {
  const text = await (await fetch(`${by}/metrics`)).text();
  const line = text
    .split('\n')
    .find(
      (one) => one.startsWith('bus_consumed_total') && one.includes(subject) && one.includes(`"${result}"`),
    );
  return Number(line?.split(' ').at(-1) ?? 0);
}

async function profile(id: string) {
  const { rows } = await admin.query('select name, email from customers.customers where id = $1', [id]);
  return rows[0];
}

describe('what identity tells', () => {
  test('becomes the profile; the newest name wins in any order, and the address is kept', async () => {
    const id = randomUUID();
    const at = (second: number) => new Date(Date.now() - 60_000 + second * 1_000).toISOString();
    await publish(event('user.updated.v1', { id, name: 'Newest', role: 'customer' }, at(3)));
    await until(async () => (await profile(id))?.name === 'Newest');
    await publish(
      event('user.created.v1', { id, name: 'First', role: 'customer', email: 'a@b.example' }, at(1)),
    );
    await until(async () => (await profile(id))?.email === 'a@b.example');
    expect(await profile(id)).toEqual({ name: 'Newest', email: 'a@b.example' });
  });

  test('has its effect once when it is delivered twice', async () => {
    const id = randomUUID();
    const created = event('user.created.v1', { id, name: 'Once', role: 'customer', email: 'once@b.example' });
    const before = await handled(created.subject, 'duplicate');
    await publish(created);
    await publish(created);
    await until(async () => (await handled(created.subject, 'duplicate')) === before + 1);
    expect(await profile(id)).toEqual({ name: 'Once', email: 'once@b.example' });
  });

  test.each([
    ['without a name', event('user.created.v1', { id: randomUUID() })],
    ['of an unknown version', event('user.created.v2', { id: randomUUID(), name: 'x' })],
    ['about no id', event('user.updated.v1', { id: 'me', name: 'x' })],
  ])('is parked with its reason when it is %s', async (_what, message) => {
    const before = await handled(message.subject, 'parked');
    await publish(message);
    await until(async () => (await handled(message.subject, 'parked')) === before + 1);
  });
});

test('an account of another version, however like ours, is parked by all who read accounts', async () => {
  const readers = [bases.customer, bases.order, bases.driver];
  const data = { id: randomUUID(), name: 'Next', role: 'driver' };
  const message = event('user.updated.v2', data);
  await publish(message);
  const isParked = async () =>
    (await Promise.all(readers.map((by) => handled(message.subject, 'parked', by)))).every(
      (count) => count === 1,
    );
  await until(isParked);
  expect(await tablesWith([data.id])).toEqual([]);
});

test('somebody who asks is forgotten by every service: no table of any schema holds a value of theirs', async () => {
  const secret = randomUUID().slice(0, 8);
  const name = `Ada ${secret}`;
  const email = `ada-${secret}@example.com`;
  const login = { email, password: 'correct horse battery' };
  await ask(bases.identity, 'POST /auth/register', {
    body: { ...login, name, role: 'driver' },
    token: manager.token,
    headers: { 'idempotency-key': 'account' },
  });
  const { id, token } = whoLoggedIn(await ask(bases.identity, 'POST /auth/login', { body: login }));
  const headers = { 'idempotency-key': 'once' };
  await until(async () => (await profile(id))?.email === email);
  const mine = `/customers/${id}` as const;
  await ask(bases.customer, `PUT ${mine}/preferences`, {
    body: { channels: { email: true, sms: true, push: true, slack: false }, source: 'app', version: 1 },
    token,
  });
  const address = `Street ${secret}`;
  const saved = { label: `Home ${secret}`, address, lat: 1, lon: 1 };
  await ask(bases.customer, `POST ${mine}/addresses`, { body: saved, token, headers });
  await ask(bases.customer, `POST ${mine}/tokens`, {
    body: { kind: 'push', value: `device-${secret}` },
    token,
    headers,
  });
  const phone = `+49151${parseInt(secret, 16).toString().padStart(10, '0').slice(-9)}`;
  await ask(bases.customer, `POST ${mine}/tokens`, { body: { kind: 'sms', value: phone }, token });
  const place = {
    pickup: { lat: 1, lon: 1, address },
    dropoff: { lat: 2, lon: 2, address },
    note: `Note ${secret}`,
  };
  const ordered = await ask(bases.order, 'POST /orders', {
    body: { ...place, customerId: id },
    token: manager.token,
    headers,
  });
  expect(ordered.status).toBe(201);
  const photograph = { name: `${secret} at the door.jpg`, mediaType: 'image/jpeg' };
  const filed = await ask(bases.order, `POST /orders/${ordered.json.id}/files`, {
    body: photograph,
    token: manager.token,
    headers,
  });
  expect(filed.status).toBe(201);
  const cancel = { status: 'cancelled', version: 1, reason: `${secret} called` };
  await ask(bases.order, `PATCH /orders/${having(ordered, 'id').json.id}/status`, {
    body: cancel,
    token: manager.token,
  });
  await eventually(
    () => ask(bases.driver, `GET /drivers/${id}`, { token: manager.token }),
    ({ status }) => status === 200,
  );
  const traces = [secret, phone];
  const { json: held } = await ask(bases.customer, `GET ${mine}/export`, { token });
  expect(held).toMatchObject({ id, name, email, addresses: [saved], tokens: [{}, { value: phone }] });
  expect(await tablesWith(traces)).toEqual(
    expect.arrayContaining(['users.users', 'orders.orders', 'drivers.drivers']),
  );

  const erased = await ask(bases.customer, `DELETE ${mine}`, { token });
  expect(erased).toMatchObject({ status: 202, json: { customerId: id, requestedBy: id } });
  await until(async () => (await tablesWith(traces)).length === 0).catch(async () => {
    expect(await tablesWith(traces)).toEqual([]);
  });

  // Asked again it is the same request; nothing else is there any more, and no late event brings the person back.
  expect((await ask(bases.customer, `DELETE ${mine}`, { token })).json).toEqual(erased.json);
  expect((await ask(bases.customer, `GET ${mine}/export`, { token })).status).toBe(404);
  expect((await ask(bases.customer, `POST ${mine}/addresses`, { body: saved, token })).status).toBe(404);
  expect((await ask(bases.identity, 'POST /auth/login', { body: login })).status).toBe(401);
  const late = event('user.updated.v1', { id, name, role: 'driver', email });
  const before = await handled(late.subject, 'done');
  await publish(late);
  await until(async () => {
    const { rowCount } = await admin.query(
      `select from orders.inbox where event_id = $1 union all select from drivers.inbox where event_id = $1`,
      [late.id],
    );
    return rowCount === 2 && (await handled(late.subject, 'done')) > before;
  });
  expect(await tablesWith(traces)).toEqual([]);
  const consents = await admin.query(
    'select channel, granted, source from customers.consents where customer_id = $1 order by id',
    [id],
  );
  expect(consents.rows.slice(4).toSorted((one, other) => (one.channel < other.channel ? -1 : 1))).toEqual(
    ['email', 'push', 'sms'].map((channel) => ({ channel, granted: false, source: 'erasure' })),
  );
});

/** Every table of ours with a row that holds one of the texts, in whatever column. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  expect(rows.length).toBeGreaterThan(20);
  const found: string[] = [];
  for (const { name } of rows) {
    const { rowCount } = await admin.query(
      `select from ${name} as one where exists (select from unnest($1::text[]) as wanted where strpos(one::text, wanted) > 0) limit 1`,
      [texts],
    );
    if (rowCount !== 0) found.push(name);
  }
  return found;
}
