import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Type } from 'typebox';
import { type App, createApp } from '../app.ts';
import { registerHandlerTimeout } from '../handler-timeout.ts';
import type { HealthChecks } from '../health.ts';
import { createMetrics, renderMetrics } from '../metrics.ts';
import { Problem, problems } from '../problem.ts';

const identity = { service: 'sample', version: 'v1' };

let app: App;
let health: { alive: HealthChecks['alive']; ready: ReturnType<HealthChecks['ready']> };
let lines: Record<string, unknown>[];

beforeEach(() => {
  lines = [];
  health = { alive: () => undefined, ready: {} };
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const delegate = { alive: () => health.alive(), ready: () => ({ store: () => health.ready.store?.() }) };
  const metrics = createMetrics('sample', 'v1');
  const render = () => renderMetrics([metrics]);
  app = createApp({ identity, log, metrics, health: delegate, renderMetrics: render }).app;
  app.get('/works', async () => ({ fine: true }));
  app.get('/breaks', async () => {
    throw new Error('password of the database is hunter2');
  });
  app.get('/conflicts', async () => {
    throw Object.assign(new Error('There is one already.'), { statusCode: 409 });
  });
  app.get('/refuses', async () => {
    throw new Problem('QUEUE_UNAVAILABLE', 'Not now.', { retryAfterSeconds: 7 });
  });
  const body = Type.Object({ count: Type.Integer() }, { additionalProperties: false });
  app.post('/counts', { schema: { body } }, async (request) => request.body);
});

afterEach(() => app.close());

describe('a body', () => {
  test.each([
    ['a NUL character', '{"count":1,"note":{"text":"a\\u0000"}}', 'note.text'],
    ['half of a surrogate pair', '{"notes":["fine","\\ud800"]}', 'notes.1'],
    ['a NUL character in a name', '{"inner":{"\\u0000":1}}', 'inner'],
    ['nothing but a NUL character', '"\\u0000"', undefined],
  ])('with %s is refused, since no store keeps it', async (_what, payload, field) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/counts', headers, payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'BODY_INVALID', detail: expect.stringContaining('NUL') });
    expect(answer.json().field).toBe(field);
  });

  test('may write any other character as an escape', async () => {
    app.post('/texts', async (request) => request.body);
    const payload = '{"text":"\\u00e9 \\ud83d\\ude00 \\\\u0000"}';
    const headers = { 'content-type': 'application/json' };
    const answer = await app.inject({ method: 'POST', url: '/texts', headers, payload });
    expect(answer.json()).toEqual({ text: 'é 😀 \\u0000' });
  });
});

describe('a fault', () => {
  test('of ours is answered without its message and logged with it', async () => {
    const answer = await app.inject('/breaks');
    expect(answer.statusCode).toBe(500);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toEqual({
      type: 'about:blank',
      title: 'The service failed',
      status: 500,
      code: 'INTERNAL_FAULT',
      detail: 'The request could not be completed.',
      instance: 'request-1',
    });
    expect(JSON.stringify(lines)).toContain('hunter2');
  });

  test('of the caller keeps its message', async () => {
    const answer = await app.inject('/conflicts');
    expect(answer.json()).toMatchObject({ code: 'REQUEST_INVALID', detail: 'There is one already.' });
  });

  test('says when to come back', async () => {
    const answer = await app.inject('/refuses');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '7']);
  });

  test.each([
    [{ count: '1' }, 'count must be integer.'],
    [{}, 'count is required.'],
    [{ count: 1, more: 2 }, 'more is not a known field.'],
    [[], 'The body must be object.'],
  ])('in the body %j is named', async (payload, detail) => {
    const answer = await app.inject({ method: 'POST', url: '/counts', payload });
    expect(answer.json()).toMatchObject({ status: 400, code: 'BODY_INVALID', detail });
  });

  test.each([
    [{ kind: 'boat' }, 'kind must be one of ride, delivery.'],
    [{ state: 'lost' }, 'state must be one of new, old.'],
    [{ at: '2016-12-31T23:59:60Z' }, 'at must be a time such as 2026-11-30T08:00:00Z.'],
    [{ id: 'urn:uuid:01a22d73-3c90-7767-a3c5-2bdd7c706929' }, /^id must be a UUID such as [0-9a-f-]{36}\.$/],
  ])('in the body %j is told with what to write instead', async (payload, detail) => {
    const body = Type.Partial(
      Type.Object({
        kind: Type.Union([Type.Literal('ride'), Type.Literal('delivery')]),
        state: Type.Enum(['new', 'old']),
        at: Type.String({ format: 'date-time' }),
        id: Type.String({ format: 'uuid' }),
      }),
    );
    app.post('/choices', { schema: { body } }, async () => 'taken');
    const answer = await app.inject({ method: 'POST', url: '/choices', payload });
    expect(answer.json().detail).toEqual(typeof detail === 'string' ? detail : expect.stringMatching(detail));
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/problem+json'])(
    'a body as %s is answered with what to send instead',
    async (type) => {
      const headers = { 'content-type': type };
      const answer = await app.inject({ method: 'POST', url: '/counts', headers, payload: '{"count":1}' });
      expect(answer.json()).toMatchObject({
        ...{ status: 415, code: 'BODY_MEDIA_TYPE', detail: 'Send the body as application/json.' },
      });
    },
  );

  test.each(Object.entries(problems))(
    '%s has a status of an error and a title',
    (_code, { status, title }) => {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
    },
  );
});

describe('a handler that takes too long', () => {
  // The first of two limits counts.
  beforeEach(() => {
    registerHandlerTimeout(app, 50);
    const never = () => new Promise(() => undefined);
    app.get('/hangs', never);
    app.post('/hangs', never);
    app.get('/streams', { config: { handlerTimeoutMs: 10 } }, async (_request, reply) => {
      reply.raw.write('begun, ');
      await new Promise((resolve) => setTimeout(resolve, 100));
      reply.hijack().raw.end('ended');
    });
  });

  test.each([
    ['GET', {}],
    // Fastify's own time-out ends with the body.
    ['POST', { body: '{}', headers: { 'content-type': 'application/json' } }],
  ])('is answered for, to a %s too', async (method, options) => {
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    const answer = await fetch(`${base}/hangs`, { method, ...options });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await answer.json()).toMatchObject({ code: 'REQUEST_TOO_SLOW', instance: 'request-1' });
  });

  test('may go on with what it has begun to send', async () => {
    const base = await app.listen({ port: 0, host: '127.0.0.1' });
    expect(await (await fetch(`${base}/streams`)).text()).toBe('begun, ended');
  });
});

describe('what is not HTTP', () => {
  test.each([
    ['NONSENSE\r\n\r\n', 'HTTP/1.1 400 Bad Request'],
    [
      `GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      'HTTP/1.1 431 Request Header Fields Too Large',
    ],
  ])('gets a problem document and a closed connection', async (text, statusLine) => {
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
    const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
    let answer = '';
    socket.on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.write(text);
    await once(socket, 'end');
    expect(answer.split('\r\n')[0]).toBe(statusLine);
    expect(answer).toContain('application/problem+json');
  });
});

describe('the log', () => {
  test('has one line a request, without the query', async () => {
    await app.inject('/works?token=secret');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ msg: 'request', method: 'GET', path: '/works', status: 200 });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });

  test("names the load balancer's trace id, if it is one", async () => {
    const trace = '1-67891233-abcdef012345678912345678';
    await app.inject({ url: '/works', headers: { 'x-amzn-trace-id': `Self=1-1-1;Root=${trace}` } });
    await app.inject({ url: '/works', headers: { 'x-amzn-trace-id': 'Root=<script>' } });
    expect(lines.map(({ request }) => request)).toEqual([trace, 'request-2']);
  });

  test('shows health checks at debug only', async () => {
    for (const url of ['/health', '/ready', '/metrics']) await app.inject(url);
    expect(lines.map(({ level }) => level)).toEqual([20, 20, 20]);
  });
});

describe('health', () => {
  test('is lost with the process only, readiness with any dependency', async () => {
    health.ready = {
      store: () => {
        throw new Error('no store');
      },
    };
    expect((await app.inject('/health')).statusCode).toBe(200);
    const ready = await app.inject('/ready');
    expect([ready.statusCode, ready.json()]).toEqual([
      503,
      { status: 'unready', checks: { store: 'failing' } },
    ]);
    expect(ready.body).not.toContain('no store');
  });

  test('that cannot be told is a fault', async () => {
    health.alive = () => {
      throw new Error('broken check');
    };
    expect((await app.inject('/health')).statusCode).toBe(500);
  });
});

test('keeps idle connections longer than a load balancer does (60 s), and waits for nothing forever', () => {
  const { keepAliveTimeout, headersTimeout, requestTimeout, timeout } = app.server;
  expect(keepAliveTimeout).toBeGreaterThan(60_000);
  expect(headersTimeout).toBeGreaterThan(keepAliveTimeout);
  expect(requestTimeout).toBeGreaterThan(headersTimeout);
  expect(timeout).toBeGreaterThan(requestTimeout);
});

test('closing waits for what is in hand, and not for the connection it came on', async () => {
  const gate = Promise.withResolvers<void>();
  app.get('/slow', () => gate.promise.then(() => ({ done: true })));
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  // The client keeps connections open.
  const answer = fetch(`${url}/slow`);
  while (!/^http_requests_in_flight\{.*\} 2$/m.test(await (await fetch(`${url}/metrics`)).text()));
  const closed = app.close();
  await new Promise((resolve) => setTimeout(resolve, 10));
  gate.resolve();
  expect((await answer).headers.get('connection')).toBe('close');
  await (await answer).text();
  // Within the time of this test: an idle connection would be kept for more than a minute.
  await closed;
});

test('measures requests by route, method and status', async () => {
  await app.inject('/works');
  await app.inject('/nowhere/1');
  const text = (await app.inject('/metrics')).body;
  expect(text).toContain(
    'http_request_duration_seconds_count{service="sample",route="/works",method="GET",status="200"} 1',
  );
  expect(text).toContain('route="unknown",method="GET",status="404"');
  expect(text).toContain('http_requests_in_flight{service="sample"} 1');
  expect(text).toMatch(/nodejs_eventloop_utilization\{service="sample"\} [0-9.e-]+/);
});
