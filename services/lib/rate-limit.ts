import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { Problem } from './problem.ts';
import type { Redis } from './redis.ts';

export interface Limit {
  /** Requests allowed in a minute. */
  perMinute: number;
  /** Whose requests are counted together. */
  key: (request: FastifyRequest) => string;
}

/** Makes a hook that refuses with 429 and Retry-After what is above a limit; a route may have several. */
export type LimitRequests = (limit: Limit) => (request: FastifyRequest) => Promise<void>;

type Counters = FastifyInstance['createRateLimit'];

/**
 * Counts requests for all instances together, in Redis. While Redis is away each instance counts for itself: a limit
 * must not become an outage, and an outage must not lift the limits.
 */
export async function registerRateLimits(app: App, redis: Redis): Promise<LimitRequests> {
  const shared = await openCounters(app, { redis, nameSpace: 'rl:' });
  const own = await openCounters(app, {});
  return ({ perMinute, key }) => {
    const options = { max: perMinute, timeWindow: 60_000, keyGenerator: key };
    const countShared = shared(options);
    const countOwn = own(options);
    return async (request) => {
      const count = await countShared(request).catch(() => countOwn(request));
      if (count.isAllowed || !count.isExceeded) return;
      throw new Problem('TOO_MANY_REQUESTS', 'Slow down and try again later.', {
        retryAfterSeconds: Math.max(1, count.ttlInSeconds),
      });
    };
  };
}

/** The plugin keeps one store in each scope it is registered in. */
async function openCounters(app: App, store: { redis?: Redis; nameSpace?: string }): Promise<Counters> {
  let counters: Counters | undefined;
  await app.register(async (scope) => {
    await scope.register(rateLimit, { global: false, ...store });
    counters = scope.createRateLimit;
  });
  if (counters === undefined) throw new Error('The rate limits were not registered.');
  return counters;
}
