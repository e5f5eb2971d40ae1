import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { RunningService } from './service.ts';

/**
 * Runs a service until `stop` aborts, then shuts it down in the order that loses nothing on ECS.
 *
 * 1. `beginDrain`: not ready, no more work from queues, `Connection: close`; requests are still answered.
 * 2. `drainDelayMs`: the load balancer learns at its own pace that the target is going. It may have deregistered the
 *    target long before SIGTERM (then nothing arrives) or only together with it (then requests arrive for some
 *    seconds); both are served.
 * 3. `close`: what is in flight is finished, the rest is released.
 *
 * `stop` during start-up lets the start end and closes at once: nothing was routed here yet.
 */
export async function serveUntil(
  stop: AbortSignal,
  start: () => Promise<RunningService>,
  deps: { clock: Clock; log: Logger },
): Promise<void> {
  const service = await start();
  const wasStopped = stop.aborted;
  if (!wasStopped) {
    deps.log.info({ url: service.url }, 'serving');
    await aborted(stop);
  }
  deps.log.info({ drainDelayMs: service.drainDelayMs }, 'draining');
  service.beginDrain();
  if (!wasStopped) await deps.clock.sleep(service.drainDelayMs);
  await service.close();
  deps.log.info('stopped');
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
