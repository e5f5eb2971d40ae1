import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { goldenJourney } from '../../../local/demo/platform/golden-journey.ts';
import { People } from '../../../local/demo/platform/people.ts';
import { type PlatformGround, startPlatformGround } from '../../../local/stack/platform-ground.ts';
import { freePort } from '../../../local/stack/server-process.ts';
import { type ServiceProcess, startServiceProcess } from '../../../services/test/doubles/service-process.ts';
import { keepBundles } from '../kept-bundles.ts';
import { ask, until } from './caller.ts';

/** The services that the journey passes through, with the schema of each. */
const schemas = {
  identity: 'users',
  order: 'orders',
  driver: 'drivers',
  dispatch: 'dispatch',
  notification: 'notifications',
  tracking: 'tracking',
  customer: 'customers',
  gateway: '',
} as const;
const names = Object.keys(schemas) as (keyof typeof schemas)[];
const manager = { email: 'manager@example.com', password: 'a long enough password' };

/** The file of each service's image, and of the one that holds them all. */
let mains: Record<(typeof names)[number] | 'all', string>;
let ground: PlatformGround;
/** Both ways have one database, in which a driver of the first is still free. */
const people = new People();
let shared: Record<string, string>;
let running: ServiceProcess[] = [];

beforeAll(async () => {
  [ground, mains] = await Promise.all([
    startPlatformGround({ bus: 'nats', log: () => undefined }),
    keepBundles(...names, 'all'),
  ]);
  shared = {
    ...ground.environment,
    FIRST_MANAGER: `${manager.email}:${manager.password}`,
    PROVIDERS: '{}',
    LOGINS_PER_MINUTE: '100000',
    DRAIN_DELAY_MS: '0',
  };
  await promisify(execFile)(process.execPath, [mains.all, 'migrate'], { env: shared });
});
afterAll(async () => {
  await end();
  await ground?.stop();
});

async function end(): Promise<void> {
  for (const one of running) one.kill('SIGTERM');
  await Promise.all(running.map(({ exited }) => exited));
  running = [];
}

/** Each service as a process of its own, all started at once; gives the base URL of the gateway. */
async function startApart(): Promise<string> {
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const urls = names.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${ports.get(name)}`]);
  const JWKS_URL = `http://127.0.0.1:${ports.get('identity')}/.well-known/jwks.json`;
  running = await Promise.all(
    names.map((name) => {
      const DATABASE_URL = shared.DATABASE_URL?.replace('{schema}', schemas[name]) ?? '';
      const own = { ...Object.fromEntries(urls), JWKS_URL, DATABASE_URL, PORT: String(ports.get(name)) };
      return startServiceProcess(mains[name], { ...shared, ...own });
    }),
  );
  return `http://127.0.0.1:${ports.get('gateway')}`;
}

/** All of them as one process, which needs no NATS. */
async function startAsOne(): Promise<string> {
  const settings = { ...shared, BUS: 'memory', PORT: String(await freePort()) };
  running = [await startServiceProcess(mains.all, settings)];
  return running[0]?.url ?? '';
}

test.each([
  ['processes of their own', startApart],
  ['one process', startAsOne],
])('a delivery goes from a new customer to the word that it has arrived, through %s', async (_way, start) => {
  await end();
  const base = await start();
  await until(async () => {
    const answers = await Promise.all(running.map(({ url }) => fetch(`${url}/ready`)));
    return answers.every(({ ok }) => ok);
  });
  // The first manager is made a moment after identity has started.
  await until(async () => (await ask(base, 'POST /auth/login', { body: manager })).status === 200);
  const answers: (number | Error)[] = [];
  const journey = await goldenJourney({ base, manager, people }, (_request, outcome) =>
    answers.push(outcome),
  );
  // Whether it hears of the driver is a race: the order is there before anybody can watch it.
  expect(journey.heard.slice(-2)).toEqual(['picked-up', 'delivered']);
  expect(journey.told).toEqual(
    expect.arrayContaining(['order_created', 'order_assigned', 'order_delivered']),
  );
  expect(journey.requests).toBe(answers.length);
});
