import type { MetricPlace, MetricStat } from '../engine/metrics.ts';
import type { AskBackend } from './back-end.ts';
import type { Reading } from './service-metrics.ts';

/** The metrics of SQS that are attributes of a queue. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  ApproximateNumberOfMessagesVisible: 'ApproximateNumberOfMessages',
  ApproximateNumberOfMessagesNotVisible: 'ApproximateNumberOfMessagesNotVisible',
  ApproximateNumberOfMessagesDelayed: 'ApproximateNumberOfMessagesDelayed',
};

/**
 * Reads those of the tracked metrics that SQS would send by itself, since the back end's SQS sends none. A queue
 * that is not there has no metric.
 * Source: SQS developer guide, "Available CloudWatch metrics for Amazon SQS" (read 2026-11).
 */
export async function queueMetricsOf(
  ask: AskBackend,
  tracked: readonly { place: MetricPlace; stat: MetricStat }[],
): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const { place, stat } of tracked) {
    const { namespace, metricName, dimensions } = stat;
    const attribute = ATTRIBUTES[metricName];
    const { QueueName } = dimensions;
    if (namespace !== 'AWS/SQS' || !attribute || !QueueName) continue;
    const value = await readAttribute(ask, place, QueueName, attribute);
    if (value === undefined) continue;
    readings.push({ place, namespace, metricName, dimensions, unit: 'Count', values: [value] });
  }
  return readings;
}

async function readAttribute(
  ask: AskBackend,
  place: MetricPlace,
  QueueName: string,
  attribute: string,
): Promise<number | undefined> {
  try {
    const found = await ask(place, { service: 'sqs', operation: 'GetQueueUrl', input: { QueueName } });
    const { QueueUrl } = found as { QueueUrl?: string };
    const input = { QueueUrl, AttributeNames: [attribute] };
    const answer = await ask(place, { service: 'sqs', operation: 'GetQueueAttributes', input });
    const { Attributes = {} } = answer as { Attributes?: Record<string, string> };
    return Attributes[attribute] === undefined ? undefined : Number(Attributes[attribute]);
  } catch (error) {
    if (String(error).includes('NonExistentQueue')) return undefined;
    throw error;
  }
}
