import type { TaskUsage } from '../../ecs/runtime/docker-usage.ts';
import type { MetricPlace } from '../engine/metrics.ts';
import type { CountedService } from '../service-counts.ts';

/** One metric of one period: its samples folded together. */
export interface Reading {
  place: MetricPlace;
  namespace: string;
  metricName: string;
  dimensions: Readonly<Record<string, string>>;
  unit: 'Count' | 'Percent';
  values: readonly number[];
}

const METRICS = [
  ['CPUUtilization', 'cpuPercentOfReservation'],
  ['MemoryUtilization', 'memoryPercentOfReservation'],
] as const;

/**
 * CPUUtilization and MemoryUtilization of each service, a sample for each of its tasks, in percent of what the
 * tasks have reserved. Source: ECS developer guide, "Amazon ECS CloudWatch metrics" (read 2026-11).
 */
export function utilizationOf(usages: readonly TaskUsage[]): Reading[] {
  const readings = new Map<string, Reading & { values: number[] }>();
  for (const usage of usages) {
    const { taskArn, clusterName, serviceName } = usage;
    if (serviceName === undefined) continue;
    const [, , , region = '', accountId = ''] = taskArn.split(':');
    for (const [metricName, member] of METRICS) {
      const value = usage[member];
      if (value === undefined) continue;
      const key = [accountId, region, clusterName, serviceName, metricName].join('/');
      const reading = readings.get(key) ?? {
        place: { accountId, region },
        namespace: 'AWS/ECS',
        metricName,
        dimensions: { ClusterName: clusterName, ServiceName: serviceName },
        unit: 'Percent' as const,
        values: [],
      };
      reading.values.push(value);
      readings.set(key, reading);
    }
  }
  return [...readings.values()];
}

/**
 * DesiredTaskCount, RunningTaskCount and PendingTaskCount of the services in clusters with Container Insights.
 * Source: CloudWatch user guide, "Amazon ECS Container Insights metrics" (read 2026-11).
 */
export function taskCountsOf(services: readonly CountedService[]): Reading[] {
  return services
    .filter(({ hasInsights }) => hasInsights)
    .flatMap(({ name: { accountId, region, cluster, service }, count }) =>
      Object.entries({
        DesiredTaskCount: count.desiredCount,
        RunningTaskCount: count.runningCount,
        PendingTaskCount: count.pendingCount,
      }).map(([metricName, value]) => ({
        place: { accountId, region },
        namespace: 'ECS/ContainerInsights',
        metricName,
        dimensions: { ClusterName: cluster, ServiceName: service },
        unit: 'Count' as const,
        values: [value],
      })),
    );
}
