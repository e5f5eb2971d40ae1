import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { App } from './app.ts';
import { Problem } from './problem.ts';
import type { Redis } from './redis.ts';

export interface Limit {
  /** Requests allowed in a minute. */
  perMinute: number;
  /** Whose requests are counted together. */
  key: (request: FastifyRequest) => string;
}

/** Makes a `preHandler` that refuses with 429 and Retry-After what is above a limit. */
export type LimitRequests = (limit: Limit) => (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/**
 * Counts requests for all instances together, in Redis. While Redis is away nobody is refused: a limit must not become
 * an outage.
 */
export async function registerRateLimits(app: App, redis: Redis): Promise<LimitRequests> {
  await app.register(rateLimit, {
    global: false,
    redis,
    nameSpace: 'rl:',
    skipOnError: true,
    errorResponseBuilder: (_request, { ttl }) =>
      new Problem('TOO_MANY_REQUESTS', 'Slow down and try again later.', {
        retryAfterSeconds: Math.max(1, Math.ceil(ttl / 1000)),
      }),
  });
  return ({ perMinute, key }) => {
    const check = app.rateLimit({ max: perMinute, timeWindow: 60_000, keyGenerator: key }) as (
      request: FastifyRequest,
      reply: FastifyReply,
    ) => Promise<void>;
    return (request, reply) => check.call(app, request, reply);
  };
}
