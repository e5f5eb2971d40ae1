import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { service as identity } from '../../../services/identity/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { type Balancer, startBalancer } from '../../../services/test/doubles/balancer.ts';
import { type ServiceProcess, startServiceProcess } from '../../../services/test/doubles/service-process.ts';
import { keepBundles } from '../kept-bundles.ts';
import { ask, having, until } from './caller.ts';
import { nowhere } from './gateway-ground.ts';
import { type Ground, startGround } from './ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';

const place = { pickup: { lat: 52.5, lon: 13.4 }, dropoff: { lat: 52.6, lon: 13.5 } };

/** The file of each one's image. */
let mains: { order: string; gateway: string };
let ground: Ground;
let customer: Person;
let driver: Person;
let orders: { base: string };
let bases: { identity: string };
const processes: ServiceProcess[] = [];
const balancers: Balancer[] = [];

beforeAll(async () => {
  ground = await startGround();
  [mains] = await Promise.all([
    keepBundles('order', 'gateway'),
    ground.migrate('identity'),
    ground.migrate('order'),
  ]);
  const started = await ground.start(identity);
  bases = { identity: started.base };
  orders = await ground.start(order);
  const manager = await logInManager(started.base, ground);
  customer = await enrol(started.base, manager, 'customer');
  driver = await enrol(started.base, manager, 'driver');
});

afterAll(async () => {
  for (const { kill } of processes) kill('SIGKILL');
  await Promise.all(processes.map(({ exited }) => exited));
  for (const balancer of balancers) balancer.close();
  await ground.stop();
});

async function startInstance(name: 'order' | 'gateway'): Promise<ServiceProcess> {
  const instance = await startServiceProcess(mains[name], {
    ...{ PORT: '0', AWS_REGION: 'us-east-1', DRAIN_DELAY_MS: '3000', UPLOADS_BUCKET: 'uploads' },
    DATABASE_URL: `postgres://orders:password@127.0.0.1:${ground.postgres.port}/postgres`,
    REDIS_URL: ground.redis.url,
    NATS_URL: ground.nats.url,
    JWKS_URL: `${bases.identity}/.well-known/jwks.json`,
    SERVICE_KEY: ground.serviceKey,
    IDENTITY_URL: bases.identity,
    ORDER_URL: orders.base,
    ...Object.fromEntries(
      ['DRIVER', 'DISPATCH', 'NOTIFICATION', 'TRACKING', 'CUSTOMER'].map((peer) => [`${peer}_URL`, nowhere]),
    ),
    USER_REQUESTS_PER_MINUTE: '1000000',
    ADDRESS_REQUESTS_PER_MINUTE: '1000000',
    // What is tested is the restart, on a machine that may be busy with other tests.
    SHED_ABOVE_MS: '0',
    LOG_LEVEL: 'info',
  });
  processes.push(instance);
  return instance;
}

interface Outcome {
  status: number;
  text: string;
}

/** Two hundred requests a second, each fourth of which places an order, until told to stop; gives every outcome. */
function startLoad(base: string, id: string): { stop: () => Promise<Outcome[]> } {
  const outcomes: Promise<Outcome>[] = [];
  const authorization = `Bearer ${customer.token}`;
  const headers = { authorization, 'content-type': 'application/json' };
  async function send(): Promise<Outcome> {
    const isPlacing = outcomes.length % 4 === 0;
    try {
      const response = isPlacing
        ? await fetch(`${base}/orders`, { method: 'POST', headers, body: JSON.stringify(place) })
        : await fetch(`${base}/orders/${id}`, { headers: { authorization } });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return { status: 0, text: String(error) };
    }
  }
  const timer = setInterval(() => outcomes.push(send()), 5);
  return {
    stop: () => {
      clearInterval(timer);
      return Promise.all(outcomes);
    },
  };
}

/** Starts two instances behind a balancer; `restart` replaces one after the other. */
async function startPair(name: 'order' | 'gateway') {
  const balancer = await startBalancer();
  balancers.push(balancer);
  let current = [await startInstance(name), await startInstance(name)];
  for (const { url } of current) balancer.targets.add(url);
  return {
    url: balancer.url,
    /** As ECS does: SIGTERM and deregistration together, and the balancer learns of it two seconds later. */
    async restart(): Promise<(number | string)[]> {
      const exits: (number | string)[] = [];
      for (const old of current) {
        const fresh = await startInstance(name);
        balancer.targets.add(fresh.url);
        old.kill('SIGTERM');
        await wait(2_000);
        balancer.targets.delete(old.url);
        exits.push(await old.exited);
        current = [...current.slice(1), fresh];
      }
      return exits;
    },
  };
}

/** Watches an order and connects again whenever it is ended with 1012, as clients do. */
function keepWatching(base: string, id: string) {
  const codes: number[] = [];
  const statuses: string[] = [];
  let socket: WebSocket;
  let isSubscribed = false;
  function connect(): void {
    socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, ['bearer', customer.token]);
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', topic: `order:${id}` })));
    socket.on('message', (data) => {
      const { type, data: told } = JSON.parse(String(data));
      if (type === 'subscribed') isSubscribed = true;
      if (told?.status) statuses.push(told.status);
    });
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      isSubscribed = false;
      codes.push(code);
      if (code === 1012) setTimeout(connect, 50);
    });
  }
  connect();
  return { codes, statuses, isWatching: async () => isSubscribed, close: () => socket.close() };
}

async function placeOrder(): Promise<string> {
  const answer = await ask(orders.base, 'POST /orders', { body: place, token: customer.token });
  return having(answer, 'id').json.id;
}

describe('a rolling restart of two instances under 200 requests a second', () => {
  test('of order fails no request, and no order that was answered is lost', async () => {
    const id = await placeOrder();
    const pair = await startPair('order');
    const load = startLoad(pair.url, id);
    const exits = await pair.restart();
    const outcomes = await load.stop();
    expect(outcomes.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
    expect(exits).toEqual([0, 0]);
    const placed = outcomes.filter(({ status }) => status === 201).map(({ text }) => JSON.parse(text).id);
    expect(placed.length).toBeGreaterThan(100);
    const last = placed.at(-1);
    expect((await ask(orders.base, `GET /orders/${last}`, { token: customer.token })).status).toBe(200);
  });

  test('of the gateway fails no request; a WebSocket is ended with 1012 and goes on at another instance', async () => {
    const id = await placeOrder();
    const pair = await startPair('gateway');
    const watcher = keepWatching(pair.url, id);
    await until(watcher.isWatching);
    const load = startLoad(pair.url, id);
    const exits = await pair.restart();
    const outcomes = await load.stop();
    expect(outcomes.filter(({ status }) => status !== 200 && status !== 201)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(200);
    expect(exits).toEqual([0, 0]);
    await until(watcher.isWatching);
    expect(watcher.codes.length).toBeGreaterThan(0);
    expect(watcher.codes.filter((code) => code !== 1012)).toEqual([]);
    await ask(orders.base, `PUT /orders/${id}/assignment`, {
      body: { driverId: driver.id },
      headers: { ...asService('dispatch', ground), 'if-match': '"1"' },
    });
    await until(async () => watcher.statuses.includes('assigned'));
    watcher.close();
  });
});
