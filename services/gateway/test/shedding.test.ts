import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { type App, createApp } from '../../lib/app.ts';
import { createMetrics, renderMetrics } from '../../lib/metrics.ts';
import { registerShedding } from '../shedding.ts';

test('refuses while the loop has no time, never the health check, and takes requests again after', async () => {
  const metrics = createMetrics('sample', 'v1');
  const { app } = createApp({
    identity: { service: 'sample', version: 'v1' },
    log: pino({ level: 'silent' }),
    metrics,
    health: { alive: () => undefined, ready: () => ({}) },
    renderMetrics: () => renderMetrics([metrics]),
  });
  app.register(async (scope) => {
    await registerShedding(scope as unknown as App, 0.9);
    scope.get('/work', async () => ({ done: true }));
  });
  const busyUntil = Date.now() + 20_000;
  let answer = await app.inject('/work');
  while (answer.statusCode === 200 && Date.now() < busyUntil) {
    // Half a second of work between two turns of the loop.
    for (const end = Date.now() + 500; Date.now() < end; );
    await nextTurn();
    answer = await app.inject('/work');
  }
  expect(answer.json()).toMatchObject({ status: 503, code: 'OVERLOADED' });
  expect(answer.headers['retry-after']).toBe('5');
  expect((await app.inject('/health')).statusCode).toBe(200);
  const idleUntil = Date.now() + 20_000;
  while (answer.statusCode === 503 && Date.now() < idleUntil) {
    await wait(200);
    answer = await app.inject('/work');
  }
  expect(answer.statusCode).toBe(200);
  await app.close();
}, 60_000);
