import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { goldenJourney } from '../../../local/demo/platform/golden-journey.ts';
import { type PlatformGround, startPlatformGround } from '../../../local/stack/platform-ground.ts';
import { freePort } from '../../../local/stack/server-process.ts';
import { type ServiceProcess, startServiceProcess } from '../../../services/test/doubles/service-process.ts';

const main = join(import.meta.dirname, '../../../services/main.ts');
/** The services that the journey passes through, with the schema of each. */
const schemas = {
  identity: 'users',
  order: 'orders',
  driver: 'drivers',
  dispatch: 'dispatch',
  notification: 'notifications',
  tracking: 'tracking',
  customer: 'customers',
  gateway: undefined,
} as const;
const names = Object.keys(schemas) as (keyof typeof schemas)[];
const manager = { email: 'manager@example.com', password: 'a long enough password' };

let ground: PlatformGround;
const running: ServiceProcess[] = [];
let base: string;

beforeAll(async () => {
  ground = await startPlatformGround({ bus: 'nats', log: () => undefined });
  const ports = new Map<string, number>();
  for (const name of names) ports.set(name, await freePort());
  const urls = names.map((name) => [`${name.toUpperCase()}_URL`, `http://127.0.0.1:${ports.get(name)}`]);
  const shared: Record<string, string> = {
    ...ground.environment,
    ...Object.fromEntries(urls),
    JWKS_URL: `http://127.0.0.1:${ports.get('identity')}/.well-known/jwks.json`,
    FIRST_MANAGER: `${manager.email}:${manager.password}`,
    PROVIDERS: '{}',
    DRAIN_DELAY_MS: '0',
  };
  for (const name of names) {
    const schema = schemas[name];
    const own = { DATABASE_URL: shared.DATABASE_URL?.replace('{schema}', schema ?? '') ?? '' };
    const environment = { ...shared, ...own, SERVICE: name, PORT: String(ports.get(name)) };
    if (schema !== undefined)
      await promisify(execFile)(process.execPath, [main, 'migrate'], { env: environment });
    running.push(await startServiceProcess(main, environment));
  }
  base = running.at(-1)?.url ?? '';
});
afterAll(async () => {
  for (const one of running) one.kill('SIGTERM');
  await Promise.all(running.map(({ exited }) => exited));
  await ground?.stop();
});

test('a delivery goes from a new customer to the word that it has arrived, through processes of their own', async () => {
  const answers: (number | Error)[] = [];
  const journey = await goldenJourney({ base, manager }, (_request, outcome) => answers.push(outcome));
  // Whether it hears of the driver is a race: the order is there before anybody can watch it.
  expect(journey.heard.slice(-2)).toEqual(['picked-up', 'delivered']);
  expect(journey.told).toEqual(
    expect.arrayContaining(['order_created', 'order_assigned', 'order_delivered']),
  );
  expect(journey.requests).toBe(answers.length);
});
