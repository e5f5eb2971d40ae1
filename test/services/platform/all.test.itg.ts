import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { freePort } from '../../../local/stack/server-process.ts';
import { members } from '../../../services/all.ts';
import { type ServiceProcess, startServiceProcess } from '../../../services/test/doubles/service-process.ts';
import { keepBundles } from '../kept-bundles.ts';
import { ask, eventually, having, until } from './caller.ts';
import { type Ground, signingKey, startGround } from './ground.ts';
import { enrol, logInManager, type Person } from './people.ts';

/** The file of an image that holds them all, with its migrations beside it. */
let main: string;

let ground: Ground;
let environment: Record<string, string>;
let running: ServiceProcess;
let base: string;
let manager: Person;

beforeAll(async () => {
  [ground, { all: main }] = await Promise.all([startGround(), keepBundles('all')]);
  environment = {
    SERVICE: 'all',
    PORT: String(await freePort()),
    AWS_REGION: 'us-east-1',
    DATABASE_URL: `postgres://{schema}:password@127.0.0.1:${ground.postgres.port}/postgres`,
    DATABASE_ADMIN_URL: ground.postgres.url,
    REDIS_URL: ground.redis.url,
    BUS: 'memory',
    SERVICE_KEY: ground.serviceKey,
    JWT_KEYS: JSON.stringify({ current: await signingKey('first') }),
    UPLOADS_BUCKET: 'uploads',
    FIRST_MANAGER: `${ground.manager.email}:${ground.manager.password}`,
    LOGINS_PER_MINUTE: '100000',
    DRAIN_DELAY_MS: '0',
  };
  await migrateAll();
  running = await startServiceProcess(main, environment);
  base = running.url;
  manager = await logInManager(base, ground);
});
afterAll(async () => {
  running?.kill('SIGTERM');
  await running?.exited;
  await ground.stop();
});

async function migrateAll(): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, 'migrate'], { env: environment });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '').applied;
}

test('one run of migrate brought every schema to the newest version; the next one finds nothing to do', async () => {
  expect(await migrateAll()).toEqual([]);
  expect((await ask(base, 'GET /ready')).status).toBe(200);
});

test('/health is of the process, /ready names each check, /metrics its service, /openapi.json has all paths', async () => {
  expect(await ask(base, 'GET /health')).toMatchObject({ status: 200, json: { status: 'ok' } });
  expect((await ask(base, 'GET /version')).json.service).toBe('all');
  const { json } = await ask(base, 'GET /ready');
  const withSchema = members.filter(
    ({ description, onlyWith }) => description.schema !== undefined && onlyWith === undefined,
  );
  expect(Object.keys(json.checks ?? {})).toEqual(
    expect.arrayContaining(withSchema.map(({ description }) => `${description.name}.postgres`)),
  );
  const metrics = await (await fetch(`${base}/metrics`)).text();
  for (const { description } of withSchema) expect(metrics).toContain(`service="${description.name}"`);
  const { json: description } = having(await ask(base, 'GET /openapi.json'), 'paths');
  const paths = Object.keys(description.paths);
  expect(paths).toEqual(
    expect.arrayContaining(['/auth/login', '/orders', '/drivers/{id}', '/customers/{id}/preferences']),
  );
  expect(paths).toEqual(expect.arrayContaining(['/events', '/bff/dashboard', '/tracking/orders/{id}']));
  // Left out without their settings.
  for (const path of ['/api/email', '/dispatch/queue', '/notifications']) expect(paths).not.toContain(path);
});

test('an order is watched live over WebSocket, and every answer passes the edge of the gateway', async () => {
  const body = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
  const { json: order } = await ask(base, 'POST /orders', { body, token: manager.token });
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, ['bearer', manager.token]);
  const heard: string[] = [];
  socket.on('message', (data) => heard.push(String(data)));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const topic = `order:${order.id}`;
  socket.send(JSON.stringify({ type: 'subscribe', topic }));
  await until(async () => heard.includes(JSON.stringify({ type: 'subscribed', topic })));
  const step = { body: { status: 'cancelled', version: order.version }, token: manager.token };
  const { headers } = await ask(base, `PATCH /orders/${order.id}/status`, step);
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  await until(async () => heard.some((text) => text.includes('"status":"cancelled"')));
  socket.close();
  // Of what is asked for one screen, dispatch is not in this process: it costs its part only.
  const { json } = await ask(base, 'GET /bff/dashboard', { token: manager.token });
  expect(json).toMatchObject({
    orders: { items: expect.any(Array) },
    failed: [{ part: 'queue', code: 'ROUTE_UNKNOWN' }],
  });
  const metrics = await (await fetch(`${base}/metrics`)).text();
  expect(metrics).toMatch(/^ws_clients\{.*service="gateway".*\} \d/m);
});

test.each(['/users/x', '/orders', '/drivers', '/customers/x/preferences'] as const)(
  '%s is answered by its service, which keeps strangers out',
  async (path) => {
    expect(await ask(base, `GET ${path}`)).toMatchObject({ status: 401, json: { code: 'TOKEN_MISSING' } });
  },
);

test('the services hear of each other, and the keys of one are the keys of all', async () => {
  const driver = await enrol(base, manager, 'driver');
  const { json } = await eventually(
    () => ask(base, `GET /drivers/${driver.id}`, { token: driver.token }),
    ({ status }) => status === 200,
  );
  expect(json.id).toBe(driver.id);
  const body = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
  expect((await ask(base, 'POST /orders', { body, token: manager.token })).status).toBe(201);
  await ask(base, `DELETE /customers/${driver.id}`, { token: driver.token });
  await until(async () => {
    const { json: erased } = await ask(base, `GET /drivers/${driver.id}`, { token: manager.token });
    return erased.name === 'erased';
  });
});

test('a missing setting ends the process with a sentence that names the services', async () => {
  const { REDIS_URL: _without, ...rest } = environment;
  const outcome = promisify(execFile)(process.execPath, [main], { env: rest });
  await expect(outcome).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('identity, order, driver, tracking, gateway: REDIS_URL is missing'),
  });
});
