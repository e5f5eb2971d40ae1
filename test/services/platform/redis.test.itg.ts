import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pino from 'pino';
import { startRedis } from '../../../local/stack/redis.ts';
import { createRedis, type Redis } from '../../../services/lib/redis.ts';
import { createOrderCache } from '../../../services/order/order-cache.ts';
import type { Order } from '../../../services/order/orders.ts';

let server: Awaited<ReturnType<typeof startRedis>>;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = createRedis(server.url, pino({ level: 'silent' }));
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** Holds this thread up, as a host does that has too much to do. */
const holdUp = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('a process that was held up still takes the answer that has come meanwhile', async () => {
  await redis.set('order:{1}:summary', '{"id":"1"}');
  const loaded: string[] = [];
  const load = async (id: string): Promise<Order | undefined> => {
    loaded.push(id);
    return undefined;
  };
  const reading = createOrderCache(redis, load).read('1');
  // Commands of one turn go out at its end.
  await nextTurn();
  await nextTurn();
  holdUp(2_000);
  expect(await reading).toEqual({ id: '1' });
  expect(loaded).toEqual([]);
});

test('a Redis that does not answer is given up', async () => {
  await redis.call('CLIENT', 'PAUSE', '600000', 'ALL');
  await expect(redis.get('any')).rejects.toThrow('Redis has not answered get within 500 ms.');
});
