import type { TaskUsage } from '../../ecs/runtime/docker-usage.ts';
import type { AutoScaling } from '../autoscaling.ts';
import { PERIOD_MS } from '../engine/evaluate-target.ts';
import { type Datapoint, type MetricSource, metricKey } from '../engine/metrics.ts';
import type { ServiceCounts } from '../service-counts.ts';
import type { AskBackend } from './back-end.ts';
import { putMetrics } from './put-metrics.ts';
import { queueMetricsOf } from './queue-metrics.ts';
import { readMetrics } from './read-metrics.ts';
import { taskCountsOf, utilizationOf } from './service-metrics.ts';

export interface LiveScalingOptions {
  ask: AskBackend;
  counts: ServiceCounts;
  /** What tasks use of their reservation since it was last asked. */
  taskUsage(): Promise<TaskUsage[]>;
  now(): number;
  /** Rejects or resolves early once `signal` is raised. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** The length of CloudWatch's periods, whole seconds in milliseconds; see `livePeriodMs`. */
  periodMs: number;
  /** Takes what a round failed with; the next one is tried. */
  warn(line: string): void;
}

/** The most that an alarm looks back. */
const PERIODS = 17;

/** CloudWatch's minute on a time scale, in whole seconds: at least one. */
export const livePeriodMs = (timeScale: number): number => Math.max(1, Math.round(60 * timeScale)) * 1000;

/** Metrics of CloudWatch as they were last read. */
export function createReadMetrics(): MetricSource & { take(points: ReadonlyMap<string, Datapoint[]>): void } {
  let latest: ReadonlyMap<string, Datapoint[]> = new Map();
  return {
    read: (place, stat, { from, to }) =>
      (latest.get(metricKey(place, stat)) ?? []).filter(({ at }) => at > from && at <= to),
    take(points) {
      latest = points;
    },
  };
}

/**
 * Scales services in real time until `signal` is raised: at the end of each period it sends the metrics that ECS
 * and SQS would send, reads what policies track, and lets them be looked at. What tasks use is read once a minute
 * while no policy needs it more often.
 */
export async function scaleLive(
  autoScaling: Pick<AutoScaling, 'tracked' | 'evaluate'>,
  metrics: ReturnType<typeof createReadMetrics>,
  options: LiveScalingOptions,
  signal: AbortSignal,
): Promise<void> {
  const { ask, counts, now, periodMs } = options;
  let usageReadAt = Number.NEGATIVE_INFINITY;
  async function round(to: number): Promise<void> {
    const tracked = autoScaling.tracked();
    const needsUsage = tracked.some(({ stat }) => stat.namespace === 'AWS/ECS');
    const isUsageDue = needsUsage || now() - usageReadAt >= PERIOD_MS;
    if (isUsageDue) usageReadAt = now();
    const readings = [
      ...(isUsageDue ? utilizationOf(await options.taskUsage()) : []),
      ...taskCountsOf(counts.list()),
      ...(await queueMetricsOf(ask, tracked)),
    ];
    // Within the period that has just ended, whose second half this is.
    await putMetrics(ask, readings, to - periodMs / 2);
    if (tracked.length === 0) return;
    metrics.take(await readMetrics(ask, tracked, { to, periodMs, periods: PERIODS }));
    if (!signal.aborted) autoScaling.evaluate(to);
  }
  while (!signal.aborted) {
    const next = (Math.floor(now() / periodMs) + 1) * periodMs;
    await options.sleep(next - now(), signal).catch(() => undefined);
    if (signal.aborted) return;
    await round(next).catch((error: unknown) => {
      if (!signal.aborted) options.warn(`A round of Application Auto Scaling failed: ${String(error)}`);
    });
  }
}
