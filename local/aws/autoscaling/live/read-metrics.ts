import { type Datapoint, type MetricPlace, type MetricStat, metricKey } from '../engine/metrics.ts';
import type { AskBackend } from './back-end.ts';

type Asked = { place: MetricPlace; stat: MetricStat };
type MetricDataResult = { Id?: string; Timestamps?: (number | string)[]; Values?: number[] };

/** CloudWatch answers that many metrics in one call. */
const MOST_QUERIES = 500;

/**
 * Reads metrics of CloudWatch by GetMetricData in whole periods up to `to` (epoch ms), as far back as any alarm
 * looks. Gives each metric's datapoints by `metricKey`; one call for each account and Region.
 */
export async function readMetrics(
  ask: AskBackend,
  asked: readonly Asked[],
  { to, periodMs, periods }: { to: number; periodMs: number; periods: number },
): Promise<Map<string, Datapoint[]>> {
  const found = new Map<string, Datapoint[]>();
  const from = to - periods * periodMs;
  for (const [place, stats] of byPlace(asked)) {
    for (let start = 0; start < stats.length; start += MOST_QUERIES) {
      const some = stats.slice(start, start + MOST_QUERIES);
      const input = {
        StartTime: from / 1000,
        EndTime: to / 1000,
        ScanBy: 'TimestampAscending',
        MetricDataQueries: some.map((stat, index) => queryOf(stat, index, periodMs)),
      };
      const answer = await ask(place, { service: 'monitoring', operation: 'GetMetricData', input });
      const { MetricDataResults: results = [] } = (answer ?? {}) as {
        MetricDataResults?: MetricDataResult[];
      };
      for (const [index, stat] of some.entries()) {
        const result = results.find(({ Id }) => Id === idOf(index));
        found.set(metricKey(place, stat), pointsOf(result, periodMs));
      }
    }
  }
  return found;
}

const idOf = (index: number): string => `q${index}`;

function queryOf(
  { namespace, metricName, dimensions, statistic, unit }: MetricStat,
  index: number,
  periodMs: number,
) {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: idOf(index),
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: metricName, Dimensions },
      Period: periodMs / 1000,
      Stat: statistic,
      ...(unit && { Unit: unit }),
    },
  };
}

/** CloudWatch names a period by its beginning. */
function pointsOf({ Timestamps = [], Values = [] }: MetricDataResult = {}, periodMs: number): Datapoint[] {
  return Timestamps.map((timestamp, index) => {
    const beganAt = typeof timestamp === 'number' ? timestamp * 1000 : Date.parse(timestamp);
    return { at: beganAt + periodMs, value: Values[index] ?? 0 };
  }).sort((a, b) => a.at - b.at);
}

/** The different metrics of each account and Region. */
function byPlace(asked: readonly Asked[]): [MetricPlace, MetricStat[]][] {
  const places = new Map<string, [MetricPlace, Map<string, MetricStat>]>();
  for (const { place, stat } of asked) {
    const key = `${place.accountId}/${place.region}`;
    const [, stats] = places.get(key) ?? [place, new Map<string, MetricStat>()];
    stats.set(metricKey(place, stat), stat);
    places.set(key, [place, stats]);
  }
  return [...places.values()].map(([place, stats]) => [place, [...stats.values()]]);
}
