import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { identityHeader } from '../../../services/lib/identity-header.ts';
import type { RunningService } from '../../../services/lib/service.ts';
import { service as orderService } from '../../../services/order/service.ts';
import type { Body } from './body.ts';
import { ask, eventually, until } from './caller.ts';
import { startTown, type Town } from './town.ts';

let town: Town;
let running: RunningService | undefined;
beforeAll(async () => {
  town = await startTown();
});
afterEach(async () => {
  await running?.close();
  running = undefined;
});
afterAll(() => town.stop());

/** Starts dispatch alone in this town, so that no other instance does its work. */
async function start(settings: Record<string, string> = {}): Promise<string> {
  const started = await town.dispatch(settings);
  running = started.running;
  return started.base;
}

const isAssigned = ({ status }: Body) => status === 'assigned';
const queueOf = (base: string, headers: Record<string, string>) =>
  ask(base, 'GET /dispatch/queue', { headers });

test('keeps its decision while order is away, and writes it when order is back', async () => {
  const other = await town.ground.start(orderService);
  const base = await start({ ORDER_URL: other.base });
  const org = await town.organisation();
  await other.running.close();
  const driver = await org.addDriver(10);
  const id = await org.order();
  const { json } = await eventually(
    () => queueOf(base, org.manager),
    ({ json: { items } }) => items?.[0]?.offer?.state === 'accepted',
  );
  expect(json).toMatchObject({ depth: 1, items: [{ id, state: 'proposed' }] });
  const counted = async () => (await fetch(`${base}/metrics`)).text();
  await until(async () => /dispatch_unassigned_total\{reason="order-away".*\} [1-9]/.test(await counted()));
  await town.ground.start(orderService, { PORT: new URL(other.base).port });
  expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id });
  await eventually(
    () => queueOf(base, org.manager),
    ({ json: { depth } }) => depth === 0,
  );
});

/** Stands between dispatch and order; the first PUT is done, but its answer never comes. */
async function startForgetful(): Promise<{ url: string; server: Server }> {
  let hasForgotten = false;
  const server = createServer((request, response) => {
    void (async () => {
      const { method = 'GET', url = '/', headers } = request;
      const body = method === 'PUT' ? await text(request) : undefined;
      const names = ['content-type', 'if-match', identityHeader];
      const answer = await fetch(town.orders + url, {
        method,
        headers: names.flatMap((name) => (headers[name] ? [[name, String(headers[name])] as const] : [])),
        ...(body !== undefined && { body }),
      });
      if (method === 'PUT' && !hasForgotten) {
        hasForgotten = true;
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

test('takes an assignment whose answer was lost for what it is, and tells the driver once', async () => {
  const { url, server } = await startForgetful();
  await start({ ORDER_URL: url });
  const org = await town.organisation();
  const driver = await org.addDriver(10);
  const id = await org.order();
  expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id, version: 2 });
  const told = () => town.aws.accepted.filter(({ body }) => body.includes(id)).length;
  await until(async () => told() > 0);
  await running?.close();
  expect(told()).toBe(1);
  server.close();
  server.closeAllConnections();
});

test('ends its offer when somebody assigns the order elsewhere', async () => {
  const org = await town.organisation();
  const driver = await org.addDriver(10);
  const base = await start({ ASSIGNMENT: 'offer' });
  const [first, second] = [await org.order(), await org.order()];
  await eventually(
    () => queueOf(base, org.manager),
    ({ json }) => json.depth === 2 && json.items?.some(({ offer }) => offer) === true,
  );
  // A manager gives them to a driver at order itself: the offer ends, and nothing waits any more.
  for (const id of [first, second]) {
    await ask(town.orders, `PUT /orders/${id}/assignment`, {
      body: { driverId: driver.id },
      headers: { ...org.manager, 'if-match': '"1"' },
    });
  }
  await eventually(
    () => queueOf(base, org.manager),
    ({ json }) => json.depth === 0,
  );
});

test('knows what waits and who is free when it starts anew, with positions from Redis', async () => {
  const org = await town.organisation();
  const first = await start();
  const id = await org.order();
  await eventually(
    () => queueOf(first, org.manager),
    ({ json }) => json.depth === 1,
  );
  await running?.close();
  // Its position is told while nobody listens: only Redis still has it.
  const driver = await org.addDriver(10);
  await start();
  expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id });
});

test('goes on by its own grid while Redis is away', async () => {
  const base = await start();
  const org = await town.organisation();
  const driver = await org.addDriver(10);
  await eventually(
    () => ask(base, 'POST /dispatch/preview', { body: {}, headers: org.manager }),
    ({ status }) => status === 200,
  );
  await town.ground.redis.kill();
  try {
    const id = await org.order();
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id });
    expect((await fetch(`${base}/health`)).status).toBe(200);
    expect((await fetch(`${base}/ready`)).status).toBe(503);
  } finally {
    await town.ground.redis.restart();
  }
});

test('keeps notices and trip files while SQS and S3 are away', async () => {
  await start();
  const { script, accepted, objects, calls } = town.aws;
  const countSends = () => calls.filter(({ operation }) => operation === 'SendMessageBatch').length;
  const before = countSends();
  const fault = { code: 'ServiceUnavailable', status: 503 };
  [script.sqsFault, script.s3Fault] = [fault, fault];
  const org = await town.organisation();
  const driver = await org.addDriver(10);
  const id = await org.order();
  await org.follow(id, isAssigned);
  for (const [status, version] of [
    ['picked-up', 2],
    ['delivered', 3],
  ] as const) {
    await ask(town.orders, `PATCH /orders/${id}/status`, { body: { status, version }, token: driver.token });
  }
  await until(async () => countSends() > before);
  [script.sqsFault, script.s3Fault] = [undefined, undefined];
  // An instance keeps others, itself included, off what it was about to send or write for some seconds.
  await until(async () => accepted.filter(({ body }) => body.includes(id)).length === 1);
  await until(async () => [...objects.keys()].some((key) => key.endsWith(`/${id}.json`)));
});

test('decides while NATS is away, and tells it when NATS is back', async () => {
  const base = await start();
  const org = await town.organisation();
  const driver = await org.addDriver(10);
  const id = await org.order({ demand: { skills: ['rare'] } });
  await eventually(
    () => queueOf(base, org.manager),
    ({ json }) => json.items?.[0]?.reason === 'nobody-fits',
  );
  await town.ground.nats.kill();
  const unpublished = async () => {
    const text = await (await fetch(`${base}/metrics`)).text();
    return Number(/outbox_unpublished\{service="dispatch"\} (\d+)/.exec(text)?.[1]);
  };
  try {
    const body = { driverId: driver.id };
    const assigned = await ask(base, `POST /dispatch/orders/${id}/assign`, { body, headers: org.manager });
    expect(assigned.status).toBe(202);
    expect(await org.follow(id, isAssigned)).toMatchObject({ driverId: driver.id });
    await until(async () => (await unpublished()) === 1);
  } finally {
    await town.ground.nats.restart();
  }
  await until(async () => (await unpublished()) === 0);
});
