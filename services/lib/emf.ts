import type { Logger } from 'pino';

/**
 * Writes a metric as a line of the log that CloudWatch reads it from (Embedded Metric Format), so that alarms and
 * scaling policies see it without a call. For the few that those read: each name costs. No dimensions: there is one
 * series a name.
 *
 * Source: CloudWatch, "Specification: Embedded metric format" (read 2026-11).
 */
export function writeMetric(log: Logger, name: string, value: number, now: number): void {
  const CloudWatchMetrics = [
    { Namespace: 'Berth', Dimensions: [[]], Metrics: [{ Name: name, Unit: 'Count' }] },
  ];
  log.info({ _aws: { Timestamp: now, CloudWatchMetrics }, [name]: value }, 'metric');
}
