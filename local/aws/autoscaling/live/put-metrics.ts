import type { AskBackend } from './back-end.ts';
import type { Reading } from './service-metrics.ts';

/** CloudWatch takes 1,000 in one call; smaller calls keep a slow back end responsive. */
const MOST_DATA = 100;

/** Sends readings to CloudWatch by PutMetricData, as of `at` (epoch ms). */
export async function putMetrics(ask: AskBackend, readings: readonly Reading[], at: number): Promise<void> {
  const groups = Map.groupBy(readings, ({ place, namespace }) =>
    [place.accountId, place.region, namespace].join('/'),
  );
  for (const group of groups.values()) {
    for (let start = 0; start < group.length; start += MOST_DATA) {
      const some = group.slice(start, start + MOST_DATA);
      const [first] = some;
      if (!first) continue;
      const input = { Namespace: first.namespace, MetricData: some.map((reading) => datumOf(reading, at)) };
      await ask(first.place, { service: 'monitoring', operation: 'PutMetricData', input });
    }
  }
}

function datumOf({ metricName, dimensions, unit, values }: Reading, at: number) {
  return {
    MetricName: metricName,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Unit: unit,
    Timestamp: at / 1000,
    Values: values,
    Counts: values.map(() => 1),
  };
}
