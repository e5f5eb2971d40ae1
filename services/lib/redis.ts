import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export type { Redis } from 'ioredis';

/**
 * Makes the Redis client of a service. Commands of one moment go out together, and fail at once while Redis is away:
 * nothing here may wait for a cache. It reconnects by itself.
 */
export function createRedis(url: string, log: Logger): Redis {
  const redis = new Redis(url, {
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
    commandTimeout: 500,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2_000),
  });
  let wasReady = true;
  redis.on('ready', () => {
    wasReady = true;
  });
  redis.on('error', (error) => {
    // Once an outage, not once an attempt.
    if (wasReady) log.warn({ err: error }, 'Redis does not answer');
    wasReady = false;
  });
  return redis;
}

/** Asks Redis, and does without it when it does not answer: gives `undefined`. */
export async function tryRedis<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  return ask().catch(() => undefined);
}

/** Throws unless Redis is connected, for `/ready`. */
export function assertRedis(redis: Redis): void {
  if (redis.status !== 'ready') throw new Error('Redis does not answer.');
}
