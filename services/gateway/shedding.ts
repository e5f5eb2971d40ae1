import underPressure from '@fastify/under-pressure';
import type { App } from '../lib/app.ts';
import { Problem } from '../lib/problem.ts';

/** Share of a second in which the event loop was busy, above which new requests are refused. */
const busyShare = 0.98;

/**
 * Refuses requests with 503 and Retry-After while the event loop has no time left, so that those in hand are answered.
 * `/health`, `/ready` and `/metrics` are not in this scope and always answer.
 */
export async function registerShedding(app: App): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopUtilization: busyShare,
    // Of the last second; the mean since the start would hide every rush.
    eventLoopUtilizationMode: 'interval',
    sampleInterval: 1_000,
    pressureHandler: () => {
      throw new Problem('OVERLOADED', 'Too much to do at the moment.', { retryAfterSeconds: 5 });
    },
  });
}
