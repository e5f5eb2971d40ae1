import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { applyRetention } from '../../../services/customer/retention.ts';
import { service as customerService } from '../../../services/customer/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import { createDatabase } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { ask, having } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { asService, enrol, logInManager, type Person, whoLoggedIn } from './people.ts';

let ground: Ground;
let base: string;
let manager: Person;
let stranger: Person;
let foreignManager: Person;
let newcomer: () => Promise<Person>;
let admin: pg.Pool;

beforeAll(async () => {
  ground = await startGround();
  await Promise.all([ground.migrate('identity'), ground.migrate('customer')]);
  const { base: identityBase } = await ground.start(identity);
  ({ base } = await ground.start(customerService));
  admin = new pg.Pool({ connectionString: ground.postgres.url });
  manager = await logInManager(identityBase, ground);
  newcomer = () => enrol(identityBase, manager, 'customer');
  stranger = await newcomer();
  // Rights of another organisation: its name is in the token alone.
  foreignManager = await foreign(identityBase);
});
afterAll(async () => {
  await admin.end();
  await ground.stop();
});

/** Somebody of the organisation `elsewhere`, moved there in the database: no manager may open accounts of another. */
async function foreign(identityBase: string): Promise<Person> {
  const body = { email: 'elsewhere@example.com', password: 'correct horse battery' };
  await ask(identityBase, 'POST /auth/register', {
    body: { ...body, name: 'Elsewhere', role: 'manager', org: 'public' },
    token: manager.token,
  });
  await admin.query("update users.users set org_id = 'elsewhere' where email = $1", [body.email]);
  return whoLoggedIn(await ask(identityBase, 'POST /auth/login', { body }));
}

async function told(subject: string, id: string) {
  const { rows } = await admin.query<{ data: Record<string, unknown> }>(
    "select payload -> 'data' as data from customers.outbox where subject = $1 and key = $2 order by id",
    [subject, id],
  );
  return rows.map(({ data }) => data);
}

const yes = {
  channels: { email: true, sms: false, push: true, slack: false },
  locale: 'de-AT',
  quietHours: { from: '22:00', to: '07:00', timeZone: 'Europe/Vienna' },
  source: 'app',
  version: 1,
};
const home = { label: 'Home', address: 'Lindenweg 4', lat: 48.2, lon: 16.4 };
const put = ({ id, token }: Person, body: unknown) =>
  ask(base, `PUT /customers/${id}/preferences`, { body, token });
const save = ({ id, token }: Person, body: unknown, headers = {}) =>
  ask(base, `POST /customers/${id}/addresses`, { body, token, headers });
const reach = ({ id, token }: Person, body: unknown, headers = {}) =>
  ask(base, `POST /customers/${id}/tokens`, { body, token, headers });

describe('preferences', () => {
  test('are a no to every channel until somebody says yes, and are told with each change', async () => {
    const person = await newcomer();
    const none = { email: false, sms: false, push: false, slack: false };
    const read = () => ask(base, `GET /customers/${person.id}/preferences`, { token: person.token });
    expect(await read()).toMatchObject({ status: 200, json: { channels: none, version: 1 } });
    const { source: _source, ...chosen } = { ...yes, version: 2 };
    expect(await put(person, yes)).toMatchObject({ status: 200, json: chosen });
    expect((await read()).json).toEqual(chosen);
    const [fact] = await told('customer.preferences_changed.v1', person.id);
    expect(fact).toMatchObject({
      id: person.id,
      channels: yes.channels,
      locale: 'de-AT',
      quietHours: yes.quietHours,
    });
  });

  test('are changed from the version that was read; of two at once one wins', async () => {
    const person = await newcomer();
    const answers = await Promise.all([put(person, yes), put(person, yes)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect(await put(person, yes)).toMatchObject({ status: 409, json: { code: 'VERSION_STALE' } });
    expect(await told('customer.preferences_changed.v1', person.id)).toHaveLength(1);
  });

  test('leave each yes and no with time and source in a log that nobody can change', async () => {
    const person = await newcomer();
    await put(person, yes);
    const channels = { ...yes.channels, push: false };
    await put(person, { ...yes, channels, source: 'link', version: 2 });
    const { json } = await ask(base, `GET /customers/${person.id}/export`, { token: person.token });
    expect(json.consents?.map((one) => [one.channel, one.granted, one.source])).toEqual([
      ['email', true, 'app'],
      ['sms', false, 'app'],
      ['push', true, 'app'],
      ['slack', false, 'app'],
      ['push', false, 'link'],
    ]);
    expect(Date.parse(json.consents?.[0]?.at ?? '')).toBeLessThanOrEqual(Date.now());
    for (const change of ['update customers.consents set granted = true', 'delete from customers.consents']) {
      await expect(admin.query(change)).rejects.toThrow('consents is append-only');
    }
  });

  test.each([
    [{ ...yes, channels: { email: true } }, 'channels.sms'],
    [{ ...yes, channels: { ...yes.channels, pigeon: true } }, 'channels.pigeon'],
    [{ ...yes, channels: { ...yes.channels, sms: 'yes' } }, 'channels.sms'],
    [{ ...yes, source: 'elsewhere' }, 'source'],
    [{ ...yes, colour: 'red' }, 'colour'],
    [{ ...yes, version: undefined }, 'version'],
    [{ ...yes, quietHours: { ...yes.quietHours, from: '24:00' } }, 'quietHours.from'],
    [{ ...yes, quietHours: { ...yes.quietHours, timeZone: 'Mars/Olympus' } }, 'quietHours.timeZone'],
  ])('refuse %j, naming %s', async (body, field) => {
    expect(await put(stranger, body)).toMatchObject({ status: 400, json: { field } });
  });
});

describe('addresses', () => {
  test('are saved, listed page by page, changed from the version that was read, and removed', async () => {
    const person = await newcomer();
    const { token } = person;
    const first = having(await save(person, home), 'id').json;
    expect(first).toMatchObject({ ...home, version: 1 });
    await save(person, { ...home, label: 'Work', instructions: 'Ring twice' });
    const list = (query: string) => ask(base, `GET /customers/${person.id}/addresses${query}`, { token });
    const page = having(await list('?limit=1'), 'next').json;
    expect(page).toEqual({ items: [first], next: first.id });
    expect((await list(`?limit=2&after=${page.next}`)).json).toMatchObject({ items: [{ label: 'Work' }] });
    const one = `/customers/${person.id}/addresses/${first.id}` as const;
    const body = { label: 'Old home', version: 1 };
    expect(await ask(base, `PATCH ${one}`, { body, token })).toMatchObject({
      status: 200,
      json: { ...home, label: 'Old home', version: 2 },
    });
    expect(await ask(base, `PATCH ${one}`, { body, token })).toMatchObject({
      status: 409,
      json: { code: 'VERSION_STALE' },
    });
    expect((await ask(base, `DELETE ${one}`, { token })).status).toBe(204);
    expect((await ask(base, `DELETE ${one}`, { token })).status).toBe(404);
    expect((await ask(base, `PATCH ${one}`, { body, token })).status).toBe(404);
  });

  test.each([
    [{ ...home, lat: 91 }, 'lat'],
    [{ ...home, lon: '16' }, 'lon'],
    [{ ...home, label: '' }, 'label'],
    [{ ...home, address: undefined }, 'address'],
    [{ ...home, colour: 'red' }, 'colour'],
  ])('refuse %j, naming %s', async (body, field) => {
    expect(await save(stranger, body)).toMatchObject({ status: 400, json: { field } });
  });

  test('of somebody else cannot be reached through one’s own path', async () => {
    const person = await newcomer();
    const { id } = having(await save(person, home), 'id').json;
    const through = `/customers/${stranger.id}/addresses/${id}` as const;
    const { token } = stranger;
    expect((await ask(base, `DELETE ${through}`, { token })).status).toBe(404);
    const body = { label: 'Mine', version: 1 };
    expect((await ask(base, `PATCH ${through}`, { body, token })).status).toBe(404);
  });

  test('are saved once for an Idempotency-Key, however many ask at once; another body is refused', async () => {
    const person = await newcomer();
    const headers = { 'idempotency-key': 'home' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => save(person, home, headers)));
    expect(new Set(answers.map(({ json }) => JSON.stringify(json))).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(9);
    expect(await save(person, { ...home, label: 'Work' }, headers)).toMatchObject({
      status: 422,
      json: { code: 'KEY_REUSED' },
    });
  });

  test('are a hundred at most', async () => {
    const person = await newcomer();
    await save(person, home);
    await admin.query(
      `insert into customers.addresses (id, customer_id, label, address, lat, lon)
        select gen_random_uuid(), $1, 'x', 'x', 0, 0 from generate_series(1, 99)`,
      [person.id],
    );
    expect(await save(person, home)).toMatchObject({ status: 409, json: { code: 'STATE_CONFLICT' } });
  });
});

describe('tokens', () => {
  test('are kept once, told with the newest number, and forgotten', async () => {
    const person = await newcomer();
    const push = { kind: 'push', value: `device-${person.id}` };
    const { json: token, status } = having(await reach(person, push), 'id');
    expect([status, token.value]).toEqual([201, push.value]);
    expect((await reach(person, push)).json).toEqual(token);
    await reach(person, { kind: 'sms', value: '+4915112345678' });
    await reach(person, { kind: 'sms', value: '+4915187654321' });
    const remove = () =>
      ask(base, `DELETE /customers/${person.id}/tokens/${token.id}`, { token: person.token });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(404);
    const facts = await told('customer.preferences_changed.v1', person.id);
    expect(facts.at(-2)).toMatchObject({ contacts: { phone: '+4915187654321', pushTokens: [push.value] } });
    expect(facts.at(-1)?.contacts).not.toHaveProperty('pushTokens');
  });

  test.each([
    [{ kind: 'sms', value: '0151 1234' }, 'value'],
    [{ kind: 'sms', value: '015112345678' }, 'value'],
    [{ kind: 'fax', value: '+4915112345678' }, 'kind'],
    [{ kind: 'push', value: 'short' }, 'value'],
    [{ kind: 'push', value: 'device-token', colour: 'red' }, 'colour'],
  ])('refuse %j, naming %s', async (body, field) => {
    expect(await reach(stranger, body)).toMatchObject({ status: 400, json: { field } });
  });

  test('are twenty at most, and once for an Idempotency-Key', async () => {
    const person = await newcomer();
    const headers = { 'idempotency-key': 'device' };
    await reach(person, { kind: 'push', value: 'device-token' }, headers);
    expect(await reach(person, { kind: 'push', value: 'another-token' }, headers)).toMatchObject({
      status: 422,
    });
    for (let index = 1; index < 20; index += 1) {
      expect((await reach(person, { kind: 'push', value: `device-token-${index}` })).status).toBe(201);
    }
    expect((await reach(person, { kind: 'push', value: 'one-too-many' })).status).toBe(409);
  });
});

describe('somebody else', () => {
  test.each([
    'GET preferences',
    'PUT preferences',
    'GET addresses',
    'POST addresses',
    'POST tokens',
  ] as const)('gets 404 from %s, a manager and a stranger alike; a service 403, nobody 401', async (what) => {
    const [method, part] = what.split(' ') as ['GET' | 'PUT' | 'POST', string];
    const bodies: Record<string, unknown> = { preferences: yes, addresses: home };
    const body = method === 'GET' ? undefined : (bodies[part] ?? { kind: 'push', value: 'device-token' });
    const { id } = await newcomer();
    const request = `${method} /customers/${id}/${part}` as const;
    for (const { token } of [manager, stranger]) {
      expect(await ask(base, request, { body, token })).toMatchObject({ status: 404 });
    }
    const headers = asService('order', ground);
    expect((await ask(base, request, { body, headers })).status).toBe(403);
    expect((await ask(base, request, { body })).status).toBe(401);
    expect((await ask(base, request, { body, token: 'not.a.token' })).status).toBe(401);
  });

  test.each(['GET', 'DELETE'] as const)(
    '%s of data is for a manager of the same organisation only',
    async (method) => {
      const person = await newcomer();
      await put(person, yes);
      const request = `${method} /customers/${person.id}${method === 'GET' ? '/export' : ''}` as const;
      expect((await ask(base, request, { token: stranger.token })).status).toBe(404);
      expect((await ask(base, request, { token: foreignManager.token })).status).toBe(404);
      expect((await ask(base, request, { headers: asService('order', ground) })).status).toBe(403);
      expect((await ask(base, request)).status).toBe(401);
      expect((await ask(base, request, { token: manager.token })).status).toBe(method === 'GET' ? 200 : 202);
    },
  );
});

test('a path that is no id is refused, and so is a query that is unknown', async () => {
  const { token, id } = stranger;
  expect((await ask(base, 'GET /customers/me/preferences', { token })).status).toBe(400);
  expect((await ask(base, `GET /customers/${id}/addresses?limit=1000`, { token })).status).toBe(400);
  expect((await ask(base, `GET /customers/${id}/addresses?page=1`, { token })).status).toBe(400);
});

test('the retention forgets tokens and records past their time, and nothing else', async () => {
  const person = await newcomer();
  await reach(person, { kind: 'push', value: 'an-old-device' });
  await reach(person, { kind: 'push', value: 'a-new-device' });
  await admin.query(
    "update customers.comm_tokens set seen_at = now() - interval '271 days' where value = 'an-old-device'",
  );
  const access = readDatabaseUrl(`postgres://customers:password@127.0.0.1:${ground.postgres.port}/postgres`);
  const log = pino({ level: 'silent' });
  const database = createDatabase({ access, schema: 'customers', log, registry: new Registry() });
  await applyRetention(database, { tokens: 270, erasureRecords: 1_095 });
  await database.close();
  const { json } = await ask(base, `GET /customers/${person.id}/export`, { token: person.token });
  expect(json.tokens?.map(({ value }) => value)).toEqual(['a-new-device']);
});
