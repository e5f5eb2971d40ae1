/** One CloudWatch metric with the statistic that is asked of it. */
export interface MetricStat {
  namespace: string;
  metricName: string;
  dimensions: Readonly<Record<string, string>>;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount`, or a percentile such as `p99`. */
  statistic: string;
  unit?: string;
}

/** The value of a metric over one period. */
export interface Datapoint {
  /** The end of the period, epoch milliseconds. */
  at: number;
  value: number;
}

/** Where metrics are read: an account and Region. */
export interface MetricPlace {
  accountId: string;
  region: string;
}

/** Gives metrics, of CloudWatch or of a script. */
export interface MetricSource {
  /** The periods that end after `from` and not after `to` (epoch ms) and have data, oldest first. */
  read(place: MetricPlace, stat: MetricStat, span: { from: number; to: number }): readonly Datapoint[];
}

/** A metric's name as text, the same for the same metric. */
export function metricKey(place: MetricPlace, stat: MetricStat): string {
  const dimensions = Object.entries(stat.dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  const { namespace, metricName, statistic, unit } = stat;
  return JSON.stringify([place.accountId, place.region, namespace, metricName, statistic, unit, dimensions]);
}
