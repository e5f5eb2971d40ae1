import { afterAll, expect, test } from '@jest/globals';
import { startNats } from '../nats.ts';
import { startPostgres } from '../postgres.ts';
import { startRedis } from '../redis.ts';
import { accepts } from './accepts.ts';

const [postgres, redis, nats] = await Promise.all([startPostgres(), startRedis(), startNats()]);
afterAll(() => Promise.all([postgres.stop(), redis.stop(), nats.stop()]));

test.each([
  ['PostgreSQL', postgres],
  ['Redis', redis],
  ['NATS', nats],
] as const)(
  '%s listens on loopback, goes at once when killed and comes back on the same port',
  async (_name, server) => {
    expect(await accepts(server.port)).toBe(true);
    await server.kill();
    expect(await accepts(server.port)).toBe(false);
    await server.restart();
    expect(await accepts(server.port)).toBe(true);
  },
);
