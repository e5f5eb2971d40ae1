import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { identityHeader, signIdentity, tryReadIdentity } from '../../../services/lib/identity-header.ts';
import { ask, having, until } from './caller.ts';
import { type GatewayGround, nowhere, startGatewayGround } from './gateway-ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';
import { sendJson, startUpstreamDouble, type UpstreamDouble } from './upstream-double.ts';

let all: GatewayGround;
let base: string;
let double: UpstreamDouble;
let manager: Person;
let driver: Person;
let customer: Person;

beforeAll(async () => {
  all = await startGatewayGround();
  double = await startUpstreamDouble();
  ({ base } = await all.startGateway({
    TRACKING_URL: double.base,
    UPSTREAM_TIMEOUT_MS: '25000',
    CORS_ORIGINS: 'https://app.example.com',
    USER_REQUESTS_PER_MINUTE: '100000',
    ADDRESS_REQUESTS_PER_MINUTE: '100000',
  }));
  manager = await logInManager(base, all.ground);
  driver = await enrol(base, manager, 'driver');
  customer = await enrol(base, manager, 'customer');
});
afterAll(async () => {
  await all.ground.stop();
  await double.close();
});

const places = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };

async function placeOrder() {
  return having(await ask(base, 'POST /orders', { body: places, token: customer.token }), 'id').json;
}

describe('passing on', () => {
  test('goes to each service with who asks; a stranger is stopped before', async () => {
    const { id } = await placeOrder();
    expect(await ask(base, `GET /orders/${id}`, { token: customer.token })).toMatchObject({
      status: 200,
      json: { id, customerId: customer.id },
    });
    expect(await ask(base, `GET /users/${driver.id}`, { token: driver.token })).toMatchObject({
      status: 200,
      json: { id: driver.id },
    });
    expect((await ask(base, 'GET /drivers', { token: manager.token })).status).toBe(200);
    expect((await ask(base, 'GET /.well-known/jwks.json')).json.keys?.length).toBeGreaterThan(0);
    expect(await ask(base, `GET /orders/${id}`)).toMatchObject({
      status: 401,
      json: { code: 'TOKEN_MISSING' },
    });
    expect((await ask(base, `GET /orders/${id}`, { token: 'not.a.token' })).status).toBe(401);
  });

  test('keeps the answers of the service: its refusals, its headers, its problems', async () => {
    const stranger = await enrol(base, manager, 'customer');
    const { id } = await placeOrder();
    expect((await ask(base, `GET /orders/${id}`, { token: stranger.token })).status).toBe(404);
    expect(await ask(base, 'POST /orders', { body: { pickup: 1 }, token: customer.token })).toMatchObject({
      status: 400,
      json: { code: 'BODY_INVALID' },
    });
    const headers = { 'idempotency-key': 'once' };
    const place = () => ask(base, 'POST /orders', { body: places, token: customer.token, headers });
    const [first, second] = [having(await place(), 'id'), await place()];
    expect(second.json.id).toBe(first.json.id);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
  });

  test('refuses by role before the service is asked, and knows no other routes', async () => {
    expect((await ask(base, 'GET /drivers', { token: customer.token })).status).toBe(403);
    expect((await ask(base, 'GET /dispatch/queue', { token: driver.token })).status).toBe(403);
    expect((await ask(base, 'GET /nothing', { token: manager.token })).status).toBe(404);
    // Dispatch is away here: who gets that far is let through.
    const accept = (person: Person) =>
      ask(base, `POST /dispatch/offers/${customer.id}/accept`, { token: person.token });
    expect((await accept(driver)).status).toBe(503);
    expect((await accept(customer)).status).toBe(403);
  });
});

describe('what a service gets', () => {
  async function pass(headers: Record<string, string> = {}, person = customer) {
    double.answer = (_request, response) => sendJson(response, {});
    await ask(base, 'GET /tracking/orders/x?a=%20b', { token: person.token, headers });
    const request = double.got.at(-1);
    if (!request) throw new Error('Nothing arrived.');
    return request;
  }

  test('is the identity we have signed, not the one the client claims, and not the token', async () => {
    const forged = asService('dispatch', { ...all.ground, serviceKey: 'a guess' });
    const stolen = signIdentity(
      { id: 'x', org: '*', role: 'service', permissions: [] },
      all.ground.serviceKey,
      Date.now(),
    );
    for (const claimed of [forged, { [identityHeader]: stolen }]) {
      const { headers } = await pass(claimed);
      const given = tryReadIdentity(String(headers[identityHeader]), [all.ground.serviceKey], Date.now());
      expect(given).toMatchObject({ id: customer.id, role: 'customer' });
      expect(headers.authorization).toBeUndefined();
    }
    // Neither opens a door by itself.
    expect((await ask(base, 'GET /orders', { headers: { [identityHeader]: stolen } })).status).toBe(401);
  });

  test('names the client, passes traces on, and nothing of the connection', async () => {
    const { headers, url } = await pass({
      'x-forwarded-for': '203.0.113.9',
      'x-real-ip': '10.0.0.1',
      forwarded: 'for=10.0.0.1',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      te: 'trailers',
    });
    expect(url).toBe('/tracking/orders/x?a=%20b');
    expect(headers).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(base).host,
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(['te', 'x-real-ip', 'forwarded'].filter((name) => name in headers)).toEqual([]);
  });

  test('that only reads is ended when its client leaves; one that changes something is not', async () => {
    const open: IncomingMessage[] = [];
    double.answer = (request) => void open.push(request);
    const leave = new AbortController();
    const start = (method: string) =>
      fetch(`${base}/tracking/orders/x`, {
        method,
        signal: leave.signal,
        headers: { authorization: `Bearer ${customer.token}` },
      }).catch((error: Error) => error.name);
    const asked = [start('GET'), start('POST')];
    await until(async () => open.length === 2);
    leave.abort();
    expect(await Promise.all(asked)).toEqual(['AbortError', 'AbortError']);
    const isOpen = (method: string) => open.find((one) => one.method === method)?.socket.destroyed === false;
    // Well before the service is given up, which would end it too.
    await until(async () => !isOpen('GET'), 15_000);
    expect(isOpen('POST')).toBe(true);
    for (const { socket } of open) socket.destroy();
    // None of that was a fault of the service.
    double.answer = (_request, response) => sendJson(response, { seen: true });
    expect((await ask(base, 'GET /tracking/orders/x', { token: customer.token })).json).toEqual({
      seen: true,
    });
  });

  test('comes for a watcher with a token of the order, too: the service checks that one', async () => {
    double.answer = (_request, response) => sendJson(response, { seen: true });
    expect((await ask(base, 'GET /tracking/orders/x?token=abc')).json).toEqual({ seen: true });
    expect((await ask(base, 'POST /tracking/orders/x?token=abc')).status).toBe(401);
    expect((await ask(base, 'GET /tracking/orders/x')).status).toBe(401);
  });

  test('is no other path than the one that was looked at', async () => {
    const count = double.got.length;
    for (const path of ['/tracking/../metrics', '/tracking/%2e%2e/metrics', '/tracking/..\\metrics']) {
      const request = `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${manager.token}\r\nconnection: close\r\n\r\n`;
      expect(await exchange(base, request)).toMatch(/^HTTP\/1.1 400 /);
    }
    expect(double.got.length).toBe(count);
  });
});

describe('sizes', () => {
  test('a body above 256 KiB is 413, whether it says its size or not', async () => {
    double.answer = (request, response) => {
      request
        .resume()
        .on('end', () => sendJson(response, {}))
        .on('error', () => undefined);
    };
    const headers = { authorization: `Bearer ${driver.token}` };
    const small = new Uint8Array(200 * 1024);
    const large = new Uint8Array(300 * 1024);
    const post = (body: Uint8Array | ReadableStream) =>
      fetch(`${base}/tracking/locations`, { method: 'POST', headers, body, duplex: 'half' } as RequestInit);
    expect((await post(small)).status).toBe(200);
    expect((await post(chunked(small))).status).toBe(200);
    expect((await post(large)).status).toBe(413);
    expect((await post(chunked(large))).status).toBe(413);
  });

  test('headers above 16 KiB are 431', async () => {
    const request = `GET /orders HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`;
    expect(await exchange(base, request)).toMatch(/^HTTP\/1.1 431 /);
  });
});

describe('a browser', () => {
  test('may ask from the origins that are named, and gets secure headers', async () => {
    const preflight = (origin: string) =>
      fetch(`${base}/orders`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await preflight('https://app.example.com');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(
      (await preflight('https://evil.example.com')).headers.get('access-control-allow-origin'),
    ).toBeNull();
    const { headers } = await ask(base, 'GET /orders', { token: customer.token });
    expect(headers.get('strict-transport-security')).toContain('max-age');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

describe('a service that does not answer', () => {
  test('is 503 with Retry-After when it is away', async () => {
    const answer = await ask(base, 'GET /customers/x', { token: customer.token });
    expect(answer).toMatchObject({ status: 503, json: { code: 'UPSTREAM_UNAVAILABLE' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('holds up nobody who asks another one', async () => {
    const held: ServerResponse[] = [];
    double.answer = (_request, response) => void held.push(response);
    const read = () => ask(base, 'GET /tracking/orders/x', { token: manager.token });
    const waiting = Array.from({ length: 20 }, read);
    await until(() => held.length === 20);
    expect((await ask(base, 'GET /orders', { token: manager.token })).status).toBe(200);
    for (const response of held) sendJson(response, {});
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(
      Array.from({ length: 20 }, () => 200),
    );
  });

  test('breaks the circuit when it is slow: the next are refused at once, and it is tried again later', async () => {
    const slow = await startUpstreamDouble();
    const own = await all.startGateway({ TRACKING_URL: slow.base, UPSTREAM_TIMEOUT_MS: '300' });
    const timers = new Set<NodeJS.Timeout>();
    slow.answer = (_request, response) => {
      timers.add(setTimeout(() => sendJson(response, {}), 5_000));
    };
    const read = () => ask(own.base, 'GET /tracking/orders/x', { token: manager.token });
    expect((await Promise.all(Array.from({ length: 20 }, read))).map(({ status }) => status)).toEqual(
      Array.from({ length: 20 }, () => 503),
    );
    const count = slow.got.length;
    expect((await read()).status).toBe(503);
    expect(slow.got.length).toBe(count);
    const { text } = await readText(`${own.base}/metrics`);
    expect(text).toMatch(/upstream_broken\{upstream="tracking",service="gateway"\} 1/);
    slow.answer = (_request, response) => sendJson(response, {});
    await until(async () => (await read()).status === 200);
    for (const timer of timers) clearTimeout(timer);
    await slow.close();
  });

  test('is asked a second time only for what changes nothing', async () => {
    const flaky = await startUpstreamDouble();
    const own = await all.startGateway({ TRACKING_URL: flaky.base });
    const cutOnce = () => {
      let isFirst = true;
      flaky.answer = (request, response) => {
        if (isFirst) request.socket.destroy();
        else sendJson(response, { answered: true });
        isFirst = false;
      };
    };
    cutOnce();
    expect((await ask(own.base, 'GET /tracking/orders/x', { token: manager.token })).json).toEqual({
      answered: true,
    });
    cutOnce();
    const count = flaky.got.length;
    const post = await ask(own.base, 'POST /tracking/locations', { body: {}, token: driver.token });
    expect(post).toMatchObject({ status: 503, json: { code: 'UPSTREAM_UNAVAILABLE' } });
    expect(flaky.got.length).toBe(count + 1);
    await flaky.close();
  });
});

describe('limits', () => {
  test('count a user in all instances together; without Redis each counts for itself', async () => {
    const settings = { USER_REQUESTS_PER_MINUTE: '6', ADDRESS_REQUESTS_PER_MINUTE: '1000' };
    const own = await Promise.all([all.startGateway(settings), all.startGateway(settings)]);
    const [person, other] = [await enrol(base, manager, 'customer'), await enrol(base, manager, 'customer')];
    await Promise.all(own.map((one) => untilReady(one.base)));
    const read = async (index: number, who = person) =>
      (await ask(own[index % 2]?.base ?? '', 'GET /orders', { token: who.token })).status;
    const statuses = [];
    for (let index = 0; index < 8; index += 1) statuses.push(await read(index));
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429, 429]);
    const refused = await ask(own[0].base, 'GET /orders', { token: person.token });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await read(0, other)).toBe(200);
    await all.ground.redis.kill();
    const alone = [];
    for (let index = 0; index < 14; index += 1) alone.push(await read(index, other));
    expect(alone).toEqual([...Array.from({ length: 12 }, () => 200), 429, 429]);
    await all.ground.redis.restart();
  });

  test('count an address, before anybody is recognised', async () => {
    const own = await all.startGateway({ ADDRESS_REQUESTS_PER_MINUTE: '3' });
    await untilReady(own.base);
    const from = async (address: string) => {
      const headers = { 'x-forwarded-for': address };
      return (await ask(own.base, 'GET /orders', { headers })).status;
    };
    const statuses = [];
    for (let index = 0; index < 5; index += 1) statuses.push(await from('198.51.100.7'));
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect(await from('198.51.100.8')).toBe(401);
  });
});

describe('aggregated answers', () => {
  test('the dashboard has what answers and names what does not', async () => {
    const { id } = await placeOrder();
    const { status, json } = await ask(base, 'GET /bff/dashboard', { token: manager.token });
    expect(status).toBe(200);
    expect(json.orders?.items?.map((one) => one.id)).toContain(id);
    expect(json.drivers?.items?.map((one) => one.id)).toContain(driver.id);
    expect(json).toMatchObject({ queue: null, failed: [{ part: 'queue', code: 'UPSTREAM_UNAVAILABLE' }] });
    expect((await ask(base, 'GET /bff/dashboard', { token: customer.token })).status).toBe(403);
  });

  test('an order comes with its parts, a slow one left out in time; it is 404 for strangers', async () => {
    const { id } = await placeOrder();
    const own = await all.startGateway({ TRACKING_URL: double.base, BFF_TIMEOUT_MS: '700' });
    double.answer = () => undefined;
    const view = () => ask(own.base, `GET /bff/orders/${id}`, { token: customer.token });
    expect((await view()).json).toMatchObject({
      order: { id },
      events: { items: [{ type: 'created' }] },
      timeline: null,
      position: null,
      failed: [{ part: 'timeline', code: 'REQUEST_TOO_SLOW' }],
    });
    double.answer = (_request, response) => sendJson(response, { items: [] });
    expect((await view()).json).toMatchObject({ timeline: { items: [] }, failed: [] });
    const stranger = await enrol(base, manager, 'customer');
    expect((await ask(own.base, `GET /bff/orders/${id}`, { token: stranger.token })).status).toBe(404);
  });

  test('without the order there is no view, and without any service no dashboard', async () => {
    const own = await all.startGateway({ ORDER_URL: nowhere, DRIVER_URL: nowhere });
    const { id } = await placeOrder();
    expect((await ask(own.base, `GET /bff/orders/${id}`, { token: customer.token })).status).toBe(503);
    expect((await ask(own.base, 'GET /bff/dashboard', { token: manager.token })).status).toBe(503);
  });
});

describe('GraphQL', () => {
  const query = (where: string, text: string, person = customer) =>
    ask(where, 'POST /graphql', { body: { query: text }, token: person.token });

  test('is not there unless it is switched on', async () => {
    expect((await query(base, '{ me { id } }')).status).toBe(404);
  });

  test('reads what the person may see, no deeper than its limit, and nothing without a token', async () => {
    const own = await all.startGateway({ GRAPHQL: 'on' });
    const { id } = await placeOrder();
    const { json } = await query(
      own.base,
      `{ me { id role } order(id: "${id}") { status events { type } driver { id } } orders(limit: 5) { items { id } } }`,
    );
    expect(json.data).toMatchObject({
      me: { id: customer.id, role: 'customer' },
      order: { status: 'created', events: [{ type: 'created' }], driver: null },
    });
    expect(json.data?.orders?.items?.map((one) => one.id)).toContain(id);
    const other = await enrol(base, manager, 'customer');
    expect((await query(own.base, `{ order(id: "${id}") { id } }`, other)).json.data).toBeNull();
    const deep = '{ __schema { types { fields { type { ofType { ofType { ofType { name } } } } } } } }';
    expect(await query(own.base, deep)).toMatchObject({
      status: 400,
      json: { code: 'REQUEST_INVALID' },
    });
    expect((await ask(own.base, 'POST /graphql', { body: { query: '{ me { id } }' } })).status).toBe(401);
  });
});

// Last: identity stays away.
test('while identity is away, tokens signed with known keys are good', async () => {
  await all.identity.close();
  expect((await ask(base, 'GET /orders', { token: driver.token })).status).toBe(200);
  expect((await ask(base, 'GET /users/x', { token: driver.token })).status).toBe(503);
});

const untilReady = (where: string) => until(async () => (await ask(where, 'GET /ready')).status === 200);

function chunked(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += 16_384) controller.enqueue(bytes.slice(at, at + 16_384));
      controller.close();
    },
  });
}

async function readText(url: string): Promise<{ text: string }> {
  return { text: await (await fetch(url)).text() };
}

/** Sends bytes as they are, and gives all that comes back. */
function exchange(to: string, text: string): Promise<string> {
  const { hostname, port } = new URL(to);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket
      .on('data', (chunk) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks).toString()))
      .on('error', reject);
  });
}
