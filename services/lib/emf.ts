import type { Logger } from 'pino';

/**
 * Writes a count as a line of the log that CloudWatch reads it from (Embedded Metric Format), so that alarms and scaling
 * policies see it without a call. For the few that those read: each name costs. No dimensions: one series a namespace.
 *
 * `at` is in epoch milliseconds. Source: CloudWatch, "Specification: Embedded metric format" (read 2026-11).
 */
export function writeMetric(
  log: Logger,
  metric: { namespace: string; name: string; value: number; at: number },
): void {
  const { namespace, name, value, at } = metric;
  const definition = { Namespace: namespace, Dimensions: [[]], Metrics: [{ Name: name, Unit: 'Count' }] };
  log.info({ _aws: { Timestamp: at, CloudWatchMetrics: [definition] }, [name]: value }, 'metric');
}
