import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { service } from '../../../services/identity/service.ts';
import { ask, eventually, having } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { logInManager } from './people.ts';

let ground: Ground;
let base: string;
let managerToken: string;
let count = 0;

beforeAll(async () => {
  ground = await startGround();
  await ground.migrate('identity');
  ({ base } = await ground.start(service));
  ({ token: managerToken } = await logInManager(base, ground));
});
afterAll(() => ground.stop());

const password = 'correct horse battery';

async function register() {
  count += 1;
  const email = `person${count}@example.com`;
  const { json } = await ask(base, 'POST /auth/register', { body: { email, password, name: 'A person' } });
  const login = await ask(base, 'POST /auth/login', { body: { email, password } });
  const { json: tokens } = having(login, 'accessToken', 'refreshToken');
  return { email, id: json.id, tokens, token: tokens.accessToken };
}

describe('registering', () => {
  test('opens a customer account of the open organisation, without its password in the answer', async () => {
    const answer = await ask(base, 'POST /auth/register', {
      body: { email: 'New@Example.com', password, name: 'New' },
    });
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({
      email: 'New@Example.com',
      role: 'customer',
      org: 'public',
      version: 1,
    });
    expect(JSON.stringify(answer.json)).not.toContain('argon2');
  });

  test('refuses a second account of one address, however it is written', async () => {
    const { email } = await register();
    const body = { email: email.toUpperCase(), password, name: 'Again' };
    expect(await ask(base, 'POST /auth/register', { body })).toMatchObject({
      status: 409,
      json: { code: 'ALREADY_EXISTS', field: 'email' },
    });
  });

  test('gives another role only by a manager', async () => {
    const body = { email: 'driver@example.com', password, name: 'D', role: 'driver' };
    expect((await ask(base, 'POST /auth/register', { body })).status).toBe(403);
    expect((await ask(base, 'POST /auth/register', { body, token: (await register()).token })).status).toBe(
      403,
    );
    expect(await ask(base, 'POST /auth/register', { body, token: managerToken })).toMatchObject({
      status: 201,
      json: { role: 'driver' },
    });
  });

  test.each([
    [{ email: 'no address', password, name: 'x' }, 'email'],
    [{ email: 'a@example.com', password: 'short', name: 'x' }, 'password'],
    [{ email: 'a@example.com', password }, 'name'],
    [{ email: 'a@example.com', password, name: 'x', admin: true }, 'admin'],
  ])('refuses %j, naming %s', async (body, field) => {
    expect(await ask(base, 'POST /auth/register', { body })).toMatchObject({ status: 400, json: { field } });
  });
});

describe('logging in', () => {
  test('answers the same for a wrong password and for no account', async () => {
    const { email } = await register();
    const wrong = await ask(base, 'POST /auth/login', { body: { email, password: 'something else' } });
    const none = await ask(base, 'POST /auth/login', { body: { email: 'nobody@example.com', password } });
    expect(wrong.status).toBe(401);
    expect({ ...none.json, instance: '' }).toEqual({ ...wrong.json, instance: '' });
  });
});

describe('logins of one account', () => {
  test('are limited, also when they come from an address that has many left', async () => {
    const own = await ground.start(service, { LOGINS_PER_MINUTE: '2' });
    const { email } = await register();
    const logIn = async (who: string) =>
      (await ask(own.base, 'POST /auth/login', { body: { email: who, password } })).status;
    await eventually(
      () => ask(own.base, 'GET /ready'),
      ({ status }) => status === 200,
    );
    expect([await logIn('a@b.c'), await logIn('a@b.c'), await logIn('a@b.c')]).toEqual([401, 401, 429]);
    expect(await logIn(email)).toBe(200);
  });
});

describe('a refresh token', () => {
  test('is good once; used twice it ends the whole session', async () => {
    const { tokens } = await register();
    const next = await ask(base, 'POST /auth/token/refresh', { body: { refreshToken: tokens.refreshToken } });
    expect(next.status).toBe(200);
    expect(
      (await ask(base, 'POST /auth/token/refresh', { body: { refreshToken: tokens.refreshToken } })).status,
    ).toBe(401);
    const stolen = { refreshToken: having(next, 'refreshToken').json.refreshToken };
    expect((await ask(base, 'POST /auth/token/refresh', { body: stolen })).status).toBe(401);
  });

  test('is good no more after logging out', async () => {
    const { tokens } = await register();
    const body = { refreshToken: tokens.refreshToken };
    expect((await ask(base, 'POST /auth/logout', { body })).status).toBe(204);
    expect((await ask(base, 'POST /auth/token/refresh', { body })).status).toBe(401);
  });
});

describe('an account', () => {
  test('is seen by its owner and by managers, and is not there for others', async () => {
    const [one, other] = [await register(), await register()];
    expect((await ask(base, `GET /users/${one.id}`, { token: one.token })).status).toBe(200);
    expect((await ask(base, `GET /users/${one.id}`, { token: managerToken })).status).toBe(200);
    expect((await ask(base, `GET /users/${one.id}`, { token: other.token })).status).toBe(404);
    expect((await ask(base, `GET /users/${one.id}`)).status).toBe(401);
  });

  test('changes only from the version that was read', async () => {
    const { id, token } = await register();
    const body = { name: 'Renamed', version: 1 };
    expect(await ask(base, `PATCH /users/${id}`, { body, token })).toMatchObject({
      status: 200,
      json: { name: 'Renamed', version: 2 },
    });
    expect(await ask(base, `PATCH /users/${id}`, { body, token })).toMatchObject({
      status: 409,
      json: { code: 'VERSION_STALE' },
    });
  });

  test('gets a role from a manager, and its sessions end', async () => {
    const { id, tokens, token } = await register();
    const body = { role: 'manager', permissions: ['dispatch'], version: 1 };
    expect((await ask(base, `PUT /users/${id}/role`, { body, token })).status).toBe(403);
    expect(await ask(base, `PUT /users/${id}/role`, { body, token: managerToken })).toMatchObject({
      status: 200,
      json: { role: 'manager', permissions: ['dispatch'] },
    });
    const refresh = { refreshToken: tokens.refreshToken };
    expect((await ask(base, 'POST /auth/token/refresh', { body: refresh })).status).toBe(401);
  });
});

test('publishes public keys only', async () => {
  const { json, headers } = await ask(base, 'GET /.well-known/jwks.json');
  expect(json.keys).toHaveLength(1);
  expect(Object.keys(json.keys?.[0] ?? {}).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  expect(headers.get('cache-control')).toBe('public, max-age=300');
});

test('works without Redis: nobody is refused for it', async () => {
  await ground.redis.kill();
  expect((await register()).token).toEqual(expect.any(String));
  expect((await ask(base, 'GET /ready')).json.checks).toMatchObject({ redis: 'failing', postgres: 'ok' });
  await ground.redis.restart();
});
