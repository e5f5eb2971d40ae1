import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { service as identity } from '../../../services/identity/service.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { service as order } from '../../../services/order/service.ts';
import { type AwsDouble, startAwsDouble } from '../../../services/test/doubles/aws-double.ts';
import { ask, having, until } from './caller.ts';
import { type Ground, signingKey, startGround } from './ground.ts';
import { enrol, logInManager, type Person } from './people.ts';

let ground: Ground;
let aws: AwsDouble;
let bases: { identity: string; order: string };
let customer: Person;
let aheadMs = 0;
const clock = { ...systemClock, now: () => Date.now() + aheadMs };

beforeAll(async () => {
  [ground, aws] = await Promise.all([startGround(), startAwsDouble()]);
  await Promise.all([ground.migrate('identity'), ground.migrate('order')]);
  aws.script.secrets = {
    keys: JSON.stringify({ current: await signingKey('only') }),
    service: ground.serviceKey,
  };
  const outside = { aws: aws.access, clock };
  const started = await ground.start(identity, { JWT_KEYS: '', JWT_KEYS_SECRET_ARN: 'keys' }, outside);
  const orders = await ground.start(order, { SERVICE_KEY: '', SERVICE_KEY_SECRET_ARN: 'service' }, outside);
  bases = { identity: started.base, order: orders.base };
  customer = await enrol(started.base, await logInManager(started.base, ground), 'customer');
});
afterAll(async () => {
  await ground.stop();
  await aws.close();
});

const place = { pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } };
const placing = () => ask(bases.order, 'POST /orders', { body: place, token: customer.token });
const loggingIn = () => ask(bases.identity, 'POST /auth/login', { body: ground.manager });

async function gauge(name: string): Promise<number> {
  const text = await (await fetch(`${bases.order}/metrics`)).text();
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1]);
}

/** Fifty requests a second until told to stop; gives how many answers of each status there were. */
function startWrites(request: () => Promise<{ status: number }>) {
  const answers: Promise<{ status: number }>[] = [];
  const timer = setInterval(() => answers.push(request()), 20);
  return {
    async stop() {
      clearInterval(timer);
      const counts = Map.groupBy(await Promise.all(answers), ({ status }) => status);
      return Object.fromEntries([...counts].map(([status, its]) => [status, its.length]));
    },
  };
}

test('NATS away under 50 writes a second: all are answered, the outbox says its age, and drains afterwards', async () => {
  const writes = startWrites(placing);
  await ground.nats.kill();
  // What an alarm reads.
  await until(async () => (await gauge('outbox_oldest_seconds')) >= 3);
  const counts = await writes.stop();
  expect(Object.keys(counts)).toEqual(['201']);
  expect(counts['201']).toBeGreaterThan(50);
  expect(await gauge('outbox_unpublished')).toBeGreaterThan(50);
  await ground.nats.restart();
  await until(async () => (await gauge('outbox_unpublished')) === 0);
  expect(await gauge('outbox_oldest_seconds')).toBe(0);
});

test('Redis away under load: orders are placed and read, people log in, nothing is a 5xx', async () => {
  const { id } = having(await placing(), 'id').json;
  const requests = [
    placing,
    () => ask(bases.order, `GET /orders/${id}`, { token: customer.token }),
    loggingIn,
  ];
  let turn = 0;
  const load = startWrites(async () => {
    turn += 1;
    const request = requests[turn % 3];
    return request ? request() : { status: 0 };
  });
  await until(async () => turn > 20);
  await ground.redis.kill();
  const before = turn;
  await until(async () => turn > before + 60);
  await ground.redis.restart();
  expect(Object.keys(await load.stop())).toEqual(['200', '201']);
  await until(async () => (await ask(bases.order, 'GET /ready')).status === 200);
});

test('Secrets Manager away after the start: the last good keys stay, however old they are', async () => {
  expect((await placing()).status).toBe(201);
  aws.script.secretsFault = { code: 'InternalServiceError', status: 500 };
  aheadMs += 5 * 60_000;
  const login = having(await loggingIn(), 'accessToken');
  expect(login.status).toBe(200);
  expect(await ask(bases.order, 'GET /orders', { token: login.json.accessToken })).toMatchObject({
    status: 200,
  });
  expect(aws.calls.filter(({ operation }) => operation === 'GetSecretValue').length).toBeGreaterThan(2);
});
