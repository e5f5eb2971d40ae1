import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { type App, createApp } from '../app.ts';
import { calmLimit } from '../load-limit.ts';
import { createMetrics, renderMetrics } from '../metrics.ts';
import { letGo } from '../shedding.ts';

/** Long, so that nothing else on a busy machine counts. */
const shedAboveMs = 100;

let app: App;
let url: string;
let gate: PromiseWithResolvers<void>;
/** The line that the requests of this service wait in; resolved while nobody does. */
let line: PromiseWithResolvers<void>;
let lines: { level: number }[];
/** Told of each request that is taken and waits for the gate. */
let onWaiting: () => void;
/** Holds up the turn of `/late`. */
let holdUp: () => void;

beforeEach(async () => {
  const metrics = createMetrics('sample', 'v1');
  lines = [];
  onWaiting = () => undefined;
  const created = createApp({
    identity: { service: 'sample', version: 'v1' },
    log: pino({ level: 'info' }, { write: (text: string) => void lines.push(JSON.parse(text)) }),
    metrics,
    shedAboveMs,
    health: { alive: () => undefined, ready: () => ({}) },
    renderMetrics: () => renderMetrics([metrics]),
  });
  ({ app } = created);
  gate = Promise.withResolvers();
  line = Promise.withResolvers();
  line.resolve();
  created.watchLine(() => line.promise);
  app.get('/work', async () => ({ done: true }));
  app.get('/wait', async () => {
    onWaiting();
    await gate.promise;
    return { done: true };
  });
  app.get('/stream', async (request) => {
    letGo(request.raw);
    await gate.promise;
  });
  app.get('/late', async () => {
    // Behind those that were put in line when this came.
    await nextTurn();
    holdUp();
    return { done: true };
  });
  app.post('/work', async (request) => request.body);
  url = await app.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  gate.resolve();
  line.resolve();
  await app.close();
});

const statusOf = async (path: string) => {
  const answer = await fetch(url + path);
  await answer.arrayBuffer();
  return answer.status;
};

/** So many requests that are not answered before the gate opens. */
const hold = (path: '/wait' | '/stream', count: number) =>
  Array.from({ length: count }, () => statusOf(path));

/** Asks until the answer has that status; the test's own time-out is the limit. */
async function until(status: number): Promise<void> {
  while ((await statusOf('/work')) !== status) await wait(20);
}

test('refuses what comes while work stands in line, before it is read, and takes it again afterwards', async () => {
  const held = hold('/wait', calmLimit);
  await until(200);
  line = Promise.withResolvers();
  await until(503);
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/work`, { method: 'POST', headers, body: 'no JSON' });
  expect(await answer.json()).toMatchObject({ status: 503, code: 'OVERLOADED' });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'application/problem+json',
    'retry-after': '1',
  });
  for (const path of ['/health', '/ready', '/metrics']) expect(await statusOf(path)).toBe(200);
  const metrics = await fetch(`${url}/metrics`);
  expect(await metrics.text()).toMatch(/^http_requests_shed_total\{.*\} [1-9]/m);
  // No line of a fault for each: there would be thousands.
  expect(lines.filter(({ level }) => level > 30)).toEqual([]);
  gate.resolve();
  line.resolve();
  expect(new Set(await Promise.all(held))).toEqual(new Set([200]));
  await until(200);
});

test('a few are taken whatever waits, and those whose answer has begun are not in hand', async () => {
  const streams = hold('/stream', calmLimit);
  line = Promise.withResolvers();
  await statusOf('/work');
  await wait(2 * shedAboveMs);
  for (let count = 0; count < 10; count += 1) expect(await statusOf('/work')).toBe(200);
  gate.resolve();
  await Promise.all(streams);
});

test('a burst that was worked off, however long that took, has nobody of the next refused', async () => {
  const size = calmLimit - 20;
  line = Promise.withResolvers();
  const burst = hold('/wait', size);
  await wait(4 * shedAboveMs);
  line.resolve();
  gate.resolve();
  expect(new Set(await Promise.all(burst))).toEqual(new Set([200]));
  gate = Promise.withResolvers();
  const all = Promise.withResolvers<string>();
  let waiting = 0;
  onWaiting = () => {
    waiting += 1;
    if (waiting === size) all.resolve('all were taken');
  };
  expect(await Promise.race([...hold('/wait', size), all.promise])).toBe('all were taken');
});

const late = 1.5 * shedAboveMs;
const workedMs = () => process.threadCpuUsage().user / 1_000;

test.each<[string, () => void, number[]]>([
  ['by its own work has requests refused', () => work(late), [200, 503]],
  ['by the host has none refused: that would not end it', () => stall(late), [200]],
])('a service that is late %s', async (_why, lateness, statuses) => {
  holdUp = lateness;
  const held = hold('/wait', calmLimit);
  await until(200);
  const answers: number[] = [];
  // Three at a time, so that there is always somebody in line.
  const ask = async () => {
    for (let count = 0; count < 8; count += 1) answers.push(await statusOf('/late'));
  };
  await Promise.all([ask(), ask(), ask()]);
  expect([...new Set(answers)]).toEqual(statuses);
  gate.resolve();
  await Promise.all(held);
});

function work(ms: number): void {
  const until = workedMs() + ms;
  while (workedMs() < until);
}

/** Does nothing, as a thread does that gets no processor. */
function stall(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
