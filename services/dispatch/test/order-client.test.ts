import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { tryReadIdentity } from '../../lib/identity-header.ts';
import { fixedSecret } from '../../lib/secret.ts';
import { createPlainTracer, within } from '../../lib/trace.ts';
import { createOrderClient, type OrderClient } from '../order-client.ts';

const id = '01890000-0000-7000-8000-000000000001';
const order = {
  id,
  org: 'public',
  kind: 'delivery',
  customerId: id,
  status: 'created',
  version: 3,
  pickup: { lat: 1, lon: 2, address: 'Here 1' },
  dropoff: { lat: 3, lon: 4 },
  priority: 0,
  demand: {},
};
const assignment = { orderId: id, offerId: id, driverId: id, version: 3 };
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

let server: Server;
let client: OrderClient;
let asked: IncomingMessage[];
let answer: { status: number; body?: unknown } | 'hang up';

beforeEach(async () => {
  asked = [];
  answer = { status: 200, body: order };
  server = createServer((request, response) => {
    asked.push(request);
    if (answer === 'hang up') request.socket.destroy();
    else response.writeHead(answer.status).end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = createOrderClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serviceKey: fixedSecret('new\nold'),
    clock: { now: () => 1_000 },
    log: pino({ level: 'silent' }),
  });
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

test('assigns as the service, on the version of the choice, within the trace of the order', async () => {
  const span = createPlainTracer(Math.random).begin({ name: 'test', kind: 'internal' }, traceparent);
  expect(await within(span, () => client.assign(assignment))).toMatchObject({ id, version: 3 });
  const { method, url, headers } = asked[0] as IncomingMessage;
  expect([method, url]).toEqual(['PUT', `/orders/${id}/assignment`]);
  expect(headers).toMatchObject({ 'if-match': '"3"', traceparent });
  expect(tryReadIdentity(String(headers['x-berth-identity']), ['new'], 1_000)).toEqual({
    id: 'dispatch',
    org: '*',
    role: 'service',
    permissions: [],
  });
});

test.each([404, 409])('gives nothing when order answers %d', async (status) => {
  answer = { status };
  expect(await client.assign(assignment)).toBeUndefined();
  expect(await client.find(id)).toBeUndefined();
});

test.each<[string, typeof answer]>([
  ['answers 503', { status: 503 }],
  ['refuses who we are', { status: 403 }],
  ['answers something else', { status: 200, body: { id } }],
  ['hangs up', 'hang up'],
])('says that order is away when it %s, after one more try', async (_what, given) => {
  answer = given;
  await expect(client.find(id)).rejects.toThrow('order');
  expect(asked).toHaveLength(2);
});

test('stops asking after five failures in a row', async () => {
  answer = 'hang up';
  for (let call = 0; call < 6; call += 1) await expect(client.find(id)).rejects.toThrow('order');
  expect(asked).toHaveLength(5);
});

test('tries again at most for one call in ten, once ten are spent', async () => {
  answer = { status: 503 };
  // A good answer in between keeps the breaker closed.
  for (let round = 0; round < 40; round += 1) {
    answer = { status: 503 };
    await client.find(id).catch(() => undefined);
    answer = { status: 200, body: order };
    await client.find(id);
  }
  expect(asked.length - 80).toBeGreaterThanOrEqual(10);
  expect(asked.length - 80).toBeLessThanOrEqual(10 + 80 * 0.1);
});
