import underPressure from '@fastify/under-pressure';
import type { App } from '../lib/app.ts';
import { Problem } from '../lib/problem.ts';

/**
 * Refuses requests with 503 and Retry-After while the event loop has no time left, so that those in hand are answered.
 * `/health`, `/ready` and `/metrics` are not in this scope and always answer. `above` is the share of the last second in
 * which the loop was busy.
 */
export async function registerShedding(app: App, above: number): Promise<void> {
  await app.register(underPressure, {
    maxEventLoopUtilization: above,
    // The mean since the start would hide every rush.
    eventLoopUtilizationMode: 'interval',
    sampleInterval: 1_000,
    pressureHandler: () => {
      throw new Problem('OVERLOADED', 'Too much to do at the moment.', { retryAfterSeconds: 5 });
    },
  });
}
