import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type App, createApp } from '../app.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { createPlainTracer, currentSpan } from '../trace.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const lines: { msg: string; trace?: string }[] = [];
const write = (line: string) => void lines.push(JSON.parse(line));

const { app }: { app: App } = createApp({
  identity: { service: 'sample', version: 'v1' },
  log: createLog({ service: 'sample', version: 'v1' }, 'debug', { write }),
  metrics: createMetrics('sample', 'v1'),
  tracer: createPlainTracer(Math.random),
  health: { alive: () => undefined, ready: () => ({}) },
  renderMetrics: async () => ({ type: 'text/plain', text: '' }),
});
app.post('/works', async (request) => {
  await new Promise((resolve) => setTimeout(resolve));
  request.log.info('in the handler');
  return { passedOn: request.headers.traceparent, trace: currentSpan()?.traceId };
});
app.post('/breaks', async () => {
  throw new Error('broken');
});

let address: string;
beforeAll(async () => {
  address = await app.listen({ port: 0, host: '127.0.0.1' });
  lines.splice(0);
});
afterEach(() => void lines.splice(0));
afterAll(() => app.close());

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(address + url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"a":1}',
  });

test.each([
  ['the one that it names', { traceparent }, 'a'.repeat(32)],
  [
    "the load balancer's",
    { 'x-amzn-trace-id': `Root=1-${'c'.repeat(8)}-${'d'.repeat(24)}` },
    `${'c'.repeat(8)}${'d'.repeat(24)}`,
  ],
  ['a new one', {}, /^[0-9a-f]{32}$/],
])('a request is part of %s, in all its lines and in what is passed on', async (_which, headers, trace) => {
  const answer = (await (await post('/works', headers as Record<string, string>)).json()) as {
    passedOn: string;
    trace: string;
  };
  expect(answer.trace).toMatch(trace);
  expect(answer.passedOn).toContain(answer.trace);
  expect(lines.map(({ msg, trace: logged }) => [msg, logged])).toEqual([
    ['in the handler', answer.trace],
    ['request', answer.trace],
  ]);
});

test('a fault is logged with its trace', async () => {
  await post('/breaks', { traceparent });
  expect(lines.map(({ msg, trace }) => [msg, trace])).toEqual([
    ['request failed', 'a'.repeat(32)],
    ['request', 'a'.repeat(32)],
  ]);
});
