import type {
  CustomizedMetricSpecification,
  TargetTrackingMetricDataQuery,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { ServiceName } from '../service-counts.ts';
import { evaluateMath, idsOf, type MathNode, parseMath } from './metric-math.ts';
import type { Datapoint, MetricPlace, MetricSource, MetricStat } from './metrics.ts';

/** What a policy tracks: metrics by id, and the expressions over them in the order they are worked out. */
export interface TrackedMetric {
  stats: ReadonlyMap<string, MetricStat>;
  expressions: readonly { id: string; node: MathNode }[];
  /** The metric or expression whose value is compared with the target. */
  returned: string;
}

const ECS_METRICS: Readonly<Record<string, string>> = {
  ECSServiceAverageCPUUtilization: 'CPUUtilization',
  ECSServiceAverageMemoryUtilization: 'MemoryUtilization',
};

const LABEL = /^(app\/[^/]+\/[^/]+)\/(targetgroup\/[^/]+\/[^/]+)$/;

/**
 * The metric behind a target tracking policy of a service. Throws an `Error` that says what is wrong with it.
 * Source: Application Auto Scaling API, PredefinedMetricSpecification and CustomizedMetricSpecification; ECS guide,
 * "Use a target metric to scale Amazon ECS services" (read 2026-11).
 */
export function trackedMetricOf(
  service: Pick<ServiceName, 'cluster' | 'service'>,
  configuration: TargetTrackingScalingPolicyConfiguration,
): TrackedMetric {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } =
    configuration;
  if ((predefined === undefined) === (customized === undefined))
    throw new Error(
      'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified.',
    );
  if (customized) return customizedMetric(customized);
  return oneMetric(
    predefinedStat(service, predefined?.PredefinedMetricType ?? '', predefined?.ResourceLabel),
  );
}

const oneMetric = (stat: MetricStat): TrackedMetric => ({
  stats: new Map([['m1', stat]]),
  expressions: [],
  returned: 'm1',
});

function predefinedStat(
  { cluster, service }: Pick<ServiceName, 'cluster' | 'service'>,
  type: string,
  label: string | undefined,
): MetricStat {
  const metricName = ECS_METRICS[type];
  if (metricName) {
    if (label !== undefined)
      throw new Error(`A resource label can't be specified with the metric type ${type}.`);
    const dimensions = { ClusterName: cluster, ServiceName: service };
    return { namespace: 'AWS/ECS', metricName, dimensions, statistic: 'Average' };
  }
  if (type !== 'ALBRequestCountPerTarget')
    throw new Error(
      `The local AWS does not track the metric type ${type}; it tracks ${Object.keys(ECS_METRICS).join(', ')} and ALBRequestCountPerTarget.`,
    );
  const [, LoadBalancer = '', TargetGroup = ''] = label?.match(LABEL) ?? [];
  if (!LoadBalancer)
    throw new Error(
      'ALBRequestCountPerTarget needs a resource label of the form app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/<target-group-id>.',
    );
  const dimensions = { LoadBalancer, TargetGroup };
  return {
    namespace: 'AWS/ApplicationELB',
    metricName: 'RequestCountPerTarget',
    dimensions,
    statistic: 'Sum',
  };
}

function customizedMetric(specification: CustomizedMetricSpecification): TrackedMetric {
  const { Metrics: queries, MetricName, Namespace, Statistic, Dimensions, Unit } = specification;
  if (!queries?.length) {
    if (!MetricName || !Namespace || !Statistic)
      throw new Error('A customized metric needs MetricName, Namespace and Statistic, or Metrics.');
    return oneMetric(statOf({ MetricName, Namespace, Dimensions }, Statistic, Unit));
  }
  if (MetricName || Namespace || Statistic || Dimensions || Unit)
    throw new Error(
      'A customized metric with Metrics has no MetricName, Namespace, Statistic, Dimensions or Unit beside it.',
    );
  return metricOfQueries(queries);
}

function metricOfQueries(queries: readonly TargetTrackingMetricDataQuery[]): TrackedMetric {
  const stats = new Map<string, MetricStat>();
  const parsed = new Map<string, MathNode>();
  for (const { Id: id = '', Expression, MetricStat: stat } of queries) {
    if (!/^[a-z]\w*$/.test(id))
      throw new Error(`The id '${id}' has to begin with a small letter and hold letters, digits and _.`);
    if (stats.has(id) || parsed.has(id)) throw new Error(`The id ${id} is there twice.`);
    if ((Expression === undefined) === (stat === undefined))
      throw new Error(`${id} needs exactly one of Expression and MetricStat.`);
    if (stat) stats.set(id, statOf(stat.Metric ?? {}, stat.Stat ?? 'Average', stat.Unit));
    else parsed.set(id, parseMath(Expression ?? ''));
  }
  const shown = queries.filter(({ ReturnData = true }) => ReturnData);
  const [returned, ...others] = shown.map(({ Id = '' }) => Id);
  if (returned === undefined || others.length > 0)
    throw new Error('Exactly one of the metrics must have ReturnData true.');
  return { stats, expressions: inOrder(stats, parsed), returned };
}

/** Each expression after those it looks at. */
function inOrder(stats: ReadonlyMap<string, MetricStat>, parsed: ReadonlyMap<string, MathNode>) {
  const done: { id: string; node: MathNode }[] = [];
  const visit = (id: string, path: readonly string[]): void => {
    if (stats.has(id) || done.some((each) => each.id === id)) return;
    const node = parsed.get(id);
    if (!node) throw new Error(`There is no metric ${id}, which ${path.at(-1)} looks at.`);
    if (path.includes(id)) throw new Error(`${[...path, id].join(' → ')} looks at itself.`);
    for (const next of idsOf(node)) visit(next, [...path, id]);
    done.push({ id, node });
  };
  for (const id of parsed.keys()) visit(id, []);
  return done;
}

function statOf(
  {
    MetricName = '',
    Namespace = '',
    Dimensions = [],
  }: {
    MetricName?: string | undefined;
    Namespace?: string | undefined;
    Dimensions?: { Name?: string | undefined; Value?: string | undefined }[] | undefined;
  },
  statistic: string,
  unit: string | undefined,
): MetricStat {
  if (!MetricName || !Namespace) throw new Error('A metric needs MetricName and Namespace.');
  const dimensions = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
  return { namespace: Namespace, metricName: MetricName, dimensions, statistic, ...(unit && { unit }) };
}

/** The values of a tracked metric in the periods that end after `from` and not after `to`, oldest first. */
export function readTracked(
  { stats, expressions, returned }: TrackedMetric,
  source: MetricSource,
  place: MetricPlace,
  span: { from: number; to: number },
): Datapoint[] {
  const series = [...stats].map(([id, stat]) => {
    const points = source.read(place, stat, span);
    return [id, new Map(points.map(({ at, value }) => [at, value]))] as const;
  });
  const moments = [...new Set(series.flatMap(([, points]) => [...points.keys()]))].sort((a, b) => a - b);
  return moments.flatMap((at) => {
    const values = new Map<string, number | undefined>(series.map(([id, points]) => [id, points.get(at)]));
    const scope = { values, metrics: [...stats.keys()] };
    for (const { id, node } of expressions) values.set(id, evaluateMath(node, scope));
    const value = values.get(returned);
    return value === undefined ? [] : [{ at, value }];
  });
}
