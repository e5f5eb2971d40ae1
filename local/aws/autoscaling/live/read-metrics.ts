import { type Datapoint, type MetricPlace, type MetricStat, metricKey } from '../engine/metrics.ts';
import type { AskBackend } from './back-end.ts';

type Asked = { place: MetricPlace; stat: MetricStat };
type MetricDataResult = { Id?: string; Timestamps?: (number | string)[]; Values?: number[] };

/** CloudWatch answers 500 in one call; each may take up to six. */
const MOST_QUERIES = 80;

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
        MetricDataQueries: some.flatMap((stat, index) => queriesOf(stat, index, periodMs)),
      };
      const answer = await ask(place, { service: 'monitoring', operation: 'GetMetricData', input });
      const { MetricDataResults: results = [] } = (answer ?? {}) as {
        MetricDataResults?: MetricDataResult[];
      };
      for (const [index, stat] of some.entries()) {
        const answers = results.filter(({ Id }) => Id?.split('o')[0] === idOf(index));
        const result = answers.find(({ Values = [] }) => Values.length > 0);
        found.set(metricKey(place, stat), pointsOf(result, periodMs));
      }
    }
  }
  return found;
}

const idOf = (index: number): string => `q${index}`;

/** One query for each order of the dimensions. */
function queriesOf(stat: MetricStat, index: number, periodMs: number) {
  const { namespace, metricName, dimensions, statistic, unit } = stat;
  const pairs = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return ordersOf(pairs).map((Dimensions, order) => ({
    Id: `${idOf(index)}o${order}`,
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: metricName, Dimensions },
      Period: periodMs / 1000,
      Stat: statistic,
      ...(unit && { Unit: unit }),
    },
  }));
}

/**
 * All orders of two or three dimensions, of more only the given one and its reverse. CloudWatch knows no order, but
 * moto 5.2 finds a metric only by dimensions in the order they were sent in (its `Dimension.__lt__` compares values
 * with names).
 */
function ordersOf<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  if (items.length > 3) return [[...items], items.toReversed()];
  return items.flatMap((first, index) => ordersOf(items.toSpliced(index, 1)).map((rest) => [first, ...rest]));
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
