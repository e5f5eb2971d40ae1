import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { service as customerService } from '../../../services/customer/service.ts';
import { service as driverService } from '../../../services/driver/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { ask, eventually, having } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { enrol, logInManager, type Person } from './people.ts';

let ground: Ground;
let bases: Record<'identity' | 'order' | 'driver' | 'customer', string>;
let people: Record<'manager' | 'customer' | 'driver', Person>;

beforeAll(async () => {
  ground = await startGround();
  await Promise.all(
    (['identity', 'order', 'driver', 'customer'] as const).map((name) => ground.migrate(name)),
  );
  const { base } = await ground.start(identity);
  const [orders, drivers, customers] = await Promise.all(
    [order, driverService, customerService].map((service) => ground.start(service, {}, { aws })),
  );
  bases = {
    identity: base,
    order: orders?.base ?? '',
    driver: drivers?.base ?? '',
    customer: customers?.base ?? '',
  };
  const manager = await logInManager(base, ground);
  people = {
    manager,
    customer: await enrol(base, manager, 'customer'),
    driver: await enrol(base, manager, 'driver'),
  };
  const { id, token } = people.driver;
  await eventually(
    () => ask(bases.driver, `GET /drivers/${id}`, { token }),
    ({ status }) => status === 200,
  );
});
afterAll(() => ground.stop());

/** Links to files are signed, and go nowhere here. */
const aws = { credentials: { accessKeyId: 'id', secretAccessKey: 'key' } };
const place = { lat: 52.5, lon: 13.4 };
const parcel = { pickup: place, dropoff: place };
const nobody = '00000000-0000-7000-8000-000000000000';
const tooNew = 2_147_483_648;
const channels = { email: true, sms: false, push: false, slack: false };

type Case = [
  service: keyof typeof bases,
  who: keyof typeof people,
  request: Parameters<typeof ask>[1],
  field: string,
  body: object | undefined,
];

const at = (scheduledAt: string) => ({ ...parcel, scheduledAt });
const newer = { name: 'A', version: tooNew };
const tooLong = Array.from({ length: 300 }, () => Math.random().toString(36)).join('');

/** Most were answered with a 5xx once: what the schema let in, a statement refused. `:me` is who asks. */
test.each<Case>([
  ['order', 'customer', `GET /orders/urn:uuid:${nobody}`, 'id', undefined],
  ['order', 'customer', `GET /orders/${'0A'.repeat(4)}-0000-7000-8000-000000000000`, 'id', undefined],
  ['order', 'customer', `GET /orders?after=urn:uuid:${nobody}`, 'after', undefined],
  ['order', 'customer', 'POST /orders', 'scheduledAt', at('0000-01-01T00:00:00Z')],
  ['order', 'customer', 'POST /orders', 'scheduledAt', at('2030-01-01T00:00:00+23:59')],
  // Accepted once, and never given to anybody: who hears of the order reads no such times.
  ['order', 'customer', 'POST /orders', 'scheduledAt', at('2016-12-31T23:59:60Z')],
  ['order', 'customer', 'POST /orders', 'scheduledAt', at('2030-01-01 00:00:00Z')],
  [
    'order',
    'customer',
    `PATCH /bookings/${nobody}`,
    'scheduledAt',
    { scheduledAt: '2020-01-01T00:00:00Z', version: 1 },
  ],
  ['order', 'manager', `PATCH /orders/${nobody}/status`, 'version', { status: 'cancelled', version: tooNew }],
  ['identity', 'customer', `GET /users/urn:uuid:${nobody}`, 'id', undefined],
  ['identity', 'customer', 'PATCH /users/:me', 'version', newer],
  ['identity', 'manager', 'PUT /users/:me/role', 'version', { role: 'manager', version: tooNew }],
  ['driver', 'driver', 'PATCH /drivers/:me', 'version', newer],
  ['driver', 'manager', 'POST /drivers', 'id', { id: `urn:uuid:${nobody}`, name: 'A' }],
  ['driver', 'driver', 'POST /drivers/:me/location', 'at', { ...place, at: '2016-12-31T23:59:60Z' }],
  [
    'customer',
    'customer',
    'PUT /customers/:me/preferences',
    'version',
    { channels, source: 'app', version: tooNew },
  ],
  [
    'customer',
    'customer',
    `PATCH /customers/:me/addresses/${nobody}`,
    'version',
    { label: 'A', version: tooNew },
  ],
  ['customer', 'customer', 'POST /customers/:me/tokens', 'value', { kind: 'push', value: 'x'.repeat(2_001) }],
])('%s refuses to a %s: %s, for its %s', async (service, who, request, field, body) => {
  const { id, token } = people[who];
  const answer = await ask(bases[service], request.replace(':me', id) as typeof request, { body, token });
  expect(answer).toMatchObject({ status: 400, json: { code: 'BODY_INVALID', field } });
});

test('the longest token of a device is kept, whatever is in it', async () => {
  const { id, token } = people.customer;
  const value = Array.from({ length: 2_000 }, () => String.fromCharCode(33 + Math.floor(94 * Math.random())));
  const body = { kind: 'push', value: value.join('') };
  expect((await ask(bases.customer, `POST /customers/${id}/tokens`, { body, token })).status).toBe(201);
});

test.each([
  ['empty', ''],
  ['too long for an index', tooLong],
])('an Idempotency-Key that is %s is refused, and nothing is made', async (_how, key) => {
  const { token } = people.customer;
  const count = async () =>
    having(await ask(bases.order, 'GET /orders?limit=100', { token }), 'items').json.items.length;
  const before = await count();
  const headers = { 'idempotency-key': key };
  const answer = await ask(bases.order, 'POST /orders', { body: parcel, token, headers });
  expect(answer).toMatchObject({ status: 400, json: { field: 'idempotency-key' } });
  expect(await count()).toBe(before);
});

describe('an Idempotency-Key', () => {
  test('opens an account once, for who knows its password', async () => {
    const headers = { 'idempotency-key': 'account' };
    const given = { email: 'once@example.com', name: 'Once', password: 'correct horse battery' };
    const open = (body: object) => ask(bases.identity, 'POST /auth/register', { body, headers });
    const answers = await Promise.all([open(given), open(given), open(given)]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(1);
    for (const other of [{ password: 'another horse battery' }, { name: 'Twice' }]) {
      const refused = await open({ ...given, ...other });
      expect(refused).toMatchObject({ status: 422, json: { code: 'KEY_REUSED' } });
    }
    // Somebody else's key, though it is the same.
    expect((await open({ ...given, email: 'other@example.com' })).status).toBe(201);
    const again = await ask(bases.identity, 'POST /auth/register', { body: given });
    expect(again).toMatchObject({ status: 409, json: { code: 'ALREADY_EXISTS' } });
  });

  test('makes an account a driver once, and says so again', async () => {
    const { token } = people.manager;
    const id = '00000000-0000-7000-8000-000000000001';
    const headers = { 'idempotency-key': 'driver' };
    const add = (name: string) => ask(bases.driver, 'POST /drivers', { body: { id, name }, token, headers });
    const answers = await Promise.all([add('A'), add('A'), add('A')]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(answers.filter(({ headers: given }) => given.has('idempotency-replayed'))).toHaveLength(2);
    expect(await add('B')).toMatchObject({ status: 422, json: { code: 'KEY_REUSED' } });
    const body = { id, name: 'A' };
    expect((await ask(bases.driver, 'POST /drivers', { body, token })).status).toBe(409);
  });

  test('adds a file once, with a link each time', async () => {
    const { token } = people.customer;
    const { json: placed } = await ask(bases.order, 'POST /orders', { body: parcel, token });
    const path = `/orders/${placed.id}/files` as const;
    const headers = { 'idempotency-key': 'file' };
    const body = { name: 'door.jpg', mediaType: 'image/jpeg' };
    const add = async () =>
      having(await ask(bases.order, `POST ${path}`, { body, token, headers }), 'id', 'url');
    const [first, second] = [await add(), await add()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.json.id).toBe(first.json.id);
    expect(new URL(second.json.url).pathname).toBe(new URL(first.json.url).pathname);
    expect((await ask(bases.order, `GET ${path}`, { token })).json.items).toMatchObject([body]);
  });
});

test('a file that no link can be given to is none', async () => {
  const { token } = people.customer;
  const credentials = async () => {
    throw new Error('The task has no role.');
  };
  const { base } = await ground.start(order, {}, { aws: { credentials } });
  const { json: placed } = await ask(base, 'POST /orders', { body: parcel, token });
  const path = `/orders/${placed.id}/files` as const;
  const body = { name: 'door.jpg', mediaType: 'image/jpeg' };
  const answer = await ask(base, `POST ${path}`, { body, token });
  expect(answer).toMatchObject({ status: 503, json: { code: 'UPSTREAM_UNAVAILABLE' } });
  expect(answer.headers.get('retry-after')).toBe('5');
  expect((await ask(base, `GET ${path}`, { token })).json.items).toEqual([]);
});
