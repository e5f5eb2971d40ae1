import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ask, eventually, having, until } from './caller.ts';
import { type GatewayGround, startGatewayGround } from './gateway-ground.ts';
import { asService, enrol, logInManager, type Person } from './people.ts';
import { startUpstreamDouble } from './upstream-double.ts';

let all: GatewayGround;
let base: string;
let other: string;
let manager: Person;
let driver: Person;
let customer: Person;

beforeAll(async () => {
  all = await startGatewayGround();
  ({ base } = await all.startGateway());
  ({ base: other } = await all.startGateway());
  manager = await logInManager(base, all.ground);
  driver = await enrol(base, manager, 'driver');
  customer = await enrol(base, manager, 'customer');
});
afterAll(() => all.ground.stop());

interface Watcher {
  readonly socket: WebSocket;
  readonly messages: Message[];
  readonly ended: Promise<{ code: number }>;
  send(message: unknown): void;
  /** Waits for a message that holds what is given. */
  heard(wanted: object): Promise<void>;
}

interface Message {
  readonly type?: string;
  readonly topic?: string;
  readonly code?: string;
  readonly data?: { readonly id?: string; readonly status?: string; readonly version?: number };
}

async function watch(where: string, person: Person): Promise<Watcher> {
  const socket = new WebSocket(`${where.replace('http', 'ws')}/ws`, ['bearer', person.token]);
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data)) as Message));
  const ended = new Promise<{ code: number }>((resolve) => socket.on('close', (code) => resolve({ code })));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return {
    socket,
    messages,
    ended,
    send: (message) => socket.send(JSON.stringify(message)),
    heard: (wanted) =>
      until(async () => messages.some((one) => holds(one, wanted))).catch(() => {
        throw new Error(`Heard ${JSON.stringify(messages)}, not ${JSON.stringify(wanted)}.`);
      }),
  };
}

function holds(message: object, wanted: object): boolean {
  return Object.entries(wanted).every(([name, value]) => {
    const given = (message as Record<string, unknown>)[name];
    return typeof value === 'object' ? holds((given ?? {}) as object, value as object) : given === value;
  });
}

async function placeOrder(): Promise<string> {
  const body = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
  return having(await ask(base, 'POST /orders', { body, token: customer.token }), 'id').json.id;
}

async function assign(id: string): Promise<void> {
  const answer = await ask(all.bases.order, `PUT /orders/${id}/assignment`, {
    body: { driverId: driver.id },
    headers: { ...asService('dispatch', all.ground), 'if-match': '"1"' },
  });
  expect(answer.status).toBe(200);
}

const metric = async (where: string, name: string) => {
  const text = await (await fetch(`${where}/metrics`)).text();
  return Number(new RegExp(`^${name}\\S* (\\S+)$`, 'm').exec(text)?.[1]);
};

/** Reads an event stream until the text is there. */
async function readStream(response: Response, wanted: RegExp): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function readOn(): Promise<void> {
    const part = await reader?.read();
    if (part?.value === undefined) return;
    text += part.value;
    await readOn();
  }
  const reading = readOn();
  await eventually(
    () => text,
    (seen) => wanted.test(seen),
  );
  await reader?.cancel();
  await reading;
  return text;
}

describe('a change of an order', () => {
  test('reaches who watches it at any instance, over WebSocket and as an event stream', async () => {
    const id = await placeOrder();
    const topic = `order:${id}`;
    const [own, dashboard] = [await watch(base, customer), await watch(other, manager)];
    own.send({ type: 'subscribe', topic });
    dashboard.send({ type: 'subscribe', topic: 'dashboard' });
    await Promise.all([own.heard({ type: 'subscribed', topic }), dashboard.heard({ type: 'subscribed' })]);
    const headers = { authorization: `Bearer ${customer.token}` };
    const stream = await fetch(`${other}/events?topics=${topic}`, { headers });
    expect(stream.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(stream.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await metric(other, 'ws_clients\\{hub="events"')).toBe(1);
    await assign(id);
    await own.heard({ type: 'event', topic, data: { id, status: 'assigned', version: 2 } });
    await dashboard.heard({ type: 'event', topic: 'dashboard', data: { id, status: 'assigned' } });
    const text = await readStream(stream, /"version":2/);
    expect(text).toContain(`event: ${topic}\ndata: {"type":"order"`);
    await until(async () => (await metric(other, 'ws_clients\\{hub="events"')) === 0);
    own.send({ type: 'unsubscribe', topic });
    await own.heard({ type: 'unsubscribed', topic });
    own.socket.close();
    dashboard.socket.close();
  });
});

describe('a topic', () => {
  test.each([
    [
      'of an order that is not theirs',
      async () => ({ person: customer, topic: `order:${await otherOrder()}` }),
      'RESOURCE_UNKNOWN',
    ],
    [
      'of all orders, for a customer',
      async () => ({ person: customer, topic: 'dashboard' }),
      'ACCESS_DENIED',
    ],
    [
      'of a driver, for a customer',
      async () => ({ person: customer, topic: `driver:${driver.id}` }),
      'ACCESS_DENIED',
    ],
    ['that is none', async () => ({ person: manager, topic: 'order:../users' }), 'REQUEST_INVALID'],
  ] as const)('%s is refused', async (_what, open, code) => {
    const { person, topic } = await open();
    const watcher = await watch(base, person);
    watcher.send({ type: 'subscribe', topic });
    await watcher.heard({ type: 'refused', topic, code });
    watcher.socket.close();
    const headers = { authorization: `Bearer ${person.token}` };
    const status = { RESOURCE_UNKNOWN: 404, ACCESS_DENIED: 403, REQUEST_INVALID: 400 }[code];
    expect((await fetch(`${base}/events?topics=${topic}`, { headers })).status).toBe(status);
  });

  test('of a driver is open to themselves and to managers', async () => {
    const topic = `driver:${driver.id}`;
    for (const person of [driver, manager]) {
      const watcher = await watch(base, person);
      // A new account is a driver a moment later, by its event.
      await until(async () => {
        watcher.send({ type: 'subscribe', topic });
        return watcher.messages.some(({ type }) => type === 'subscribed');
      });
      watcher.socket.close();
    }
  });

  async function otherOrder(): Promise<string> {
    const stranger = await enrol(base, manager, 'customer');
    const body = { pickup: { lat: 1, lon: 1 }, dropoff: { lat: 2, lon: 2 } };
    return having(await ask(base, 'POST /orders', { body, token: stranger.token }), 'id').json.id;
  }
});

describe('a connection', () => {
  test('needs a token, as a subprotocol or a header', async () => {
    const statusOf = (protocols: string[]) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, protocols);
        socket.on('unexpected-response', (_request, response) => resolve(response.statusCode));
        socket.on('error', () => undefined);
      });
    expect(await statusOf([])).toBe(401);
    expect(await statusOf(['bearer', 'not.a.token'])).toBe(401);
    const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`, {
      headers: { authorization: `Bearer ${manager.token}` },
    });
    await new Promise((resolve) => socket.once('open', resolve));
    socket.close();
    // Nothing is left of them; the one in flight is the question itself.
    await until(async () => (await metric(base, 'http_requests_in_flight')) === 1);
    await until(async () => (await metric(base, 'ws_clients\\{hub="ws"')) === 0);
  });

  test('is told what it wrote wrong', async () => {
    const watcher = await watch(base, manager);
    watcher.socket.send('{"type":"shout"}');
    await watcher.heard({ type: 'refused', code: 'BODY_INVALID' });
    watcher.socket.close();
  });

  test('that does not read is cut off, and the others see no delay', async () => {
    const id = await placeOrder();
    const topic = `order:${id}`;
    const [slow, quick] = [await watch(base, customer), await watch(base, customer)];
    for (const one of [slow, quick]) {
      one.send({ type: 'subscribe', topic });
      await one.heard({ type: 'subscribed', topic });
    }
    slow.socket.pause();
    const before = await metric(base, 'ws_dropped_total');
    const { connect } = await import('@nats-io/transport-node');
    const nats = await connect({ servers: all.ground.nats.url });
    const padding = 'x'.repeat(100_000);
    let sent = 0;
    while ((await metric(base, 'ws_dropped_total')) === before && sent < 1_000) {
      sent += 1;
      nats.publish(`live.order.${id}`, JSON.stringify({ version: sent, padding }));
      // Who had to wait for the slow one would not hear it at all.
      await quick.heard({ data: { version: sent } });
    }
    await nats.close();
    expect(await metric(base, 'ws_dropped_total')).toBe(before + 1);
    expect(quick.messages.filter(({ type }) => type === 'event').length).toBe(sent);
    slow.socket.terminate();
    quick.socket.close();
  });

  test('ends with its token', async () => {
    const { service } = await import('../../../services/identity/service.ts');
    const brief = await all.ground.start(service, { ACCESS_TOKEN_SECONDS: '10' });
    const person = await logInManager(brief.base, all.ground);
    const watcher = await watch(base, person);
    const headers = { authorization: `Bearer ${person.token}` };
    const stream = await fetch(`${base}/events?topics=dashboard`, { headers });
    expect(await watcher.ended).toEqual({ code: 1008 });
    expect(await stream.text()).toMatch(/^retry: \d+\n/);
  });
});

test('a stream is not asked for its head alone: it would hold a connection and give nothing', async () => {
  const headers = { authorization: `Bearer ${manager.token}` };
  const signal = AbortSignal.timeout(10_000);
  const asked = fetch(`${base}/events?topics=dashboard`, { method: 'HEAD', headers, signal });
  expect((await asked).status).toBe(404);
});

test('an instance that goes away sends its clients to another one, and closes without waiting for them', async () => {
  const leaving = await all.startGateway();
  const watcher = await watch(leaving.base, manager);
  const headers = { authorization: `Bearer ${manager.token}` };
  const stream = await fetch(`${leaving.base}/events?topics=dashboard`, { headers });
  leaving.running.beginDrain();
  expect(await watcher.ended).toEqual({ code: 1012 });
  expect(await stream.text()).toMatch(/^retry: \d+\n/);
  expect(await (await watch(leaving.base, manager)).ended).toEqual({ code: 1012 });
  await leaving.running.close();
});

describe('tracking behind it', () => {
  test('streams events through, until the client or the instance leaves', async () => {
    const tracking = await startUpstreamDouble();
    const own = await all.startGateway({ TRACKING_URL: tracking.base });
    tracking.answer = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: first\n\n');
    };
    const headers = { authorization: `Bearer ${customer.token}` };
    const open = () => fetch(`${own.base}/tracking/orders/x/stream`, { headers });
    expect(await readStream(await open(), /first/)).toBe('data: first\n\n');
    const request = tracking.got.at(-1);
    await until(async () => request?.socket.destroyed === true);
    const stream = await open();
    own.running.beginDrain();
    expect(await stream.text()).toBe('data: first\n\n');
    await tracking.close();
  });

  test('speaks WebSocket through it, with who asks; without it the client is told to come later', async () => {
    const { WebSocketServer } = await import('ws');
    const tracking = await startUpstreamDouble();
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      handleProtocols: () => 'bearer',
    });
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    let identity: unknown;
    server.on('connection', (socket, request) => {
      identity = request.headers['x-berth-identity'];
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
      socket.on('message', (data) => String(data) === 'bye' && socket.close(4_000, 'as asked'));
    });
    const own = await all.startGateway({ TRACKING_URL: `http://127.0.0.1:${port}` });
    const dial = (where: string) =>
      new WebSocket(`${where.replace('http', 'ws')}/tracking/ws`, ['bearer', driver.token]);
    const socket = dial(own.base);
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(String(data)));
    const ended = new Promise((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send('{"lat":1}');
    socket.send(Buffer.from('bytes'));
    await until(async () => heard.length === 2);
    expect(heard).toEqual(['{"lat":1}', 'bytes']);
    expect(identity).toEqual(expect.any(String));
    socket.send('bye');
    expect(await ended).toBe(4_000);
    const away = dial(base);
    expect(await new Promise((resolve) => away.on('close', resolve))).toBe(1013);
    server.close();
    await tracking.close();
  });
});
