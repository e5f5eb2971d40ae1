import { Redis } from 'ioredis';
import type { Logger } from 'pino';

export type { Redis } from 'ioredis';

const answerWithinMs = 500;

/**
 * A client that gives a command up when Redis has not answered it in time. It reads what has come before it does so: with
 * ioredis's own `commandTimeout` a process that was held up, by a busy host or by its own work, takes Redis for away while
 * the answer lies in the socket, for Node looks at timers first.
 */
class PatientRedis extends Redis {
  override sendCommand(...sent: Parameters<Redis['sendCommand']>): unknown {
    const [command] = sent;
    const giveUp = (): void =>
      command.reject(new Error(`Redis has not answered ${command.name} within ${answerWithinMs} ms.`));
    // Between timers and immediates Node reads from its sockets.
    const timer = setTimeout(() => setImmediate(giveUp), answerWithinMs);
    const answered = (): void => clearTimeout(timer);
    command.promise.then(answered, answered);
    return super.sendCommand(...sent);
  }
}

/**
 * Makes the Redis client of a service. Commands of one moment go out together, and fail at once while Redis is away:
 * nothing here may wait for a cache. It reconnects by itself.
 */
export function createRedis(url: string, log: Logger): Redis {
  const redis = new PatientRedis(url, {
    enableAutoPipelining: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
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
