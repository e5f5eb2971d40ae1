import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type UnassignedReason, unassignedReasons } from './schemas.ts';

/** What dispatch counts. */
export interface DispatchMetrics {
  onMatched(seconds: number): void;
  onUnassigned(reason: UnassignedReason): void;
}

/** `depth` is asked at each scrape. */
export function registerDispatchMetrics(registry: Registry, depth: () => Promise<number>): DispatchMetrics {
  const registers = [registry];
  new Gauge({
    name: 'dispatch_queue_depth',
    help: 'Orders that wait for a driver now.',
    registers,
    async collect() {
      const now = await depth().catch(() => undefined);
      if (now !== undefined) this.set(now);
    },
  });
  const seconds = new Histogram({
    name: 'dispatch_match_seconds',
    help: 'Time a strategy took for one window of orders.',
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const unassigned = new Counter({
    name: 'dispatch_unassigned_total',
    help: 'Times an order went on waiting, by the reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of unassignedReasons) unassigned.inc({ reason }, 0);
  return {
    onMatched: (took) => seconds.observe(took),
    onUnassigned: (reason) => unassigned.inc({ reason }),
  };
}
