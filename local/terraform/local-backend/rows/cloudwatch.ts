import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { completed, fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

const pascal: Naming = { style: 'pascal', names: { ok_actions: 'OKActions' } };

const compositeFields = [
  ...['actions_enabled', 'alarm_actions', 'alarm_description', 'alarm_name', 'alarm_rule'],
  ...['insufficient_data_actions', 'ok_actions'],
];

const alarmTags = tagsByArn({ arn: 'ResourceARN', tags: 'Tags', keys: 'TagKeys', style: 'pascal' });

/** Alarms and dashboards. */
export const cloudwatchRows: Rows = {
  aws_cloudwatch_metric_alarm: {
    service: 'cloudwatch',
    create: [{ ...putAlarm(), result: (_, { alarm_name: name }) => ({ id: name ?? null }) }],
    read: [
      {
        command: 'DescribeAlarms',
        input: ({ id }) => ({ AlarmNames: [id], AlarmTypes: ['MetricAlarm'] }),
        state: ({ MetricAlarms }, _, at) => {
          const found = first(MetricAlarms);
          return found === undefined ? null : alarmState(found, at);
        },
      },
    ],
    update: [putAlarm()],
    delete: [{ command: 'DeleteAlarms', input: ({ id }) => ({ AlarmNames: [id] }) }],
    tags: alarmTags,
    import: (id) => ({ alarm_name: id }),
  },
  aws_cloudwatch_composite_alarm: {
    service: 'cloudwatch',
    create: [{ ...putComposite(), result: (_, { alarm_name: name }) => ({ id: name ?? null }) }],
    read: [
      {
        command: 'DescribeAlarms',
        input: ({ id }) => ({ AlarmNames: [id], AlarmTypes: ['CompositeAlarm'] }),
        state: ({ CompositeAlarms }, _, { block }) => {
          const found = first(CompositeAlarms);
          return found === undefined
            ? null
            : { ...fromSdk(block, found, pascal, compositeFields), arn: plain(found.AlarmArn) };
        },
      },
    ],
    update: [putComposite()],
    delete: [{ command: 'DeleteAlarms', input: ({ id }) => ({ AlarmNames: [id] }) }],
    tags: alarmTags,
    import: (id) => ({ alarm_name: id }),
  },
  aws_cloudwatch_dashboard: {
    service: 'cloudwatch',
    create: [{ ...putDashboard(), result: (_, { dashboard_name: name }) => ({ id: name ?? null }) }],
    read: [
      {
        command: 'GetDashboard',
        input: ({ id }) => ({ DashboardName: id }),
        state: (answer, { id }) => ({
          dashboard_arn: plain(answer.DashboardArn),
          dashboard_body: plain(answer.DashboardBody),
          dashboard_name: id ?? null,
        }),
      },
    ],
    update: [putDashboard()],
    delete: [{ command: 'DeleteDashboards', input: ({ id }) => ({ DashboardNames: [id] }) }],
    import: (id) => ({ dashboard_name: id }),
  },
};

function putAlarm() {
  return {
    command: 'PutMetricAlarm',
    input: (value: Known, { block }: At) => {
      const {
        Id: _id,
        Region: _region,
        Tags: _tags,
        TagsAll: _all,
        Arn: _arn,
        ...sdk
      } = toSdk(block, value, pascal);
      const { MetricQuery, Dimensions, ...alarm } = sdk;
      return present({
        ...alarm,
        Dimensions: dimensionList(Dimensions),
        Metrics: metricQueries(MetricQuery),
        Tags: tagList(allTags(value)),
      });
    },
  };
}

function putComposite() {
  return {
    command: 'PutCompositeAlarm',
    input: (value: Known, { block }: At) => {
      const suppressor = shape(toSdk(block, value, pascal, ['actions_suppressor']).ActionsSuppressor);
      return present({
        ...toSdk(block, value, pascal, compositeFields),
        ActionsSuppressor: suppressor.Alarm,
        ActionsSuppressorExtensionPeriod: suppressor.ExtensionPeriod,
        ActionsSuppressorWaitPeriod: suppressor.WaitPeriod,
        Tags: tagList(allTags(value)),
      });
    },
  };
}

function alarmState(found: Shape, { block }: At): ObjectValue {
  const { Metrics, Dimensions, ...alarm } = found;
  const queries = shapes(Metrics);
  const query = block.block_types.metric_query?.block;
  return {
    ...fromSdk(block, alarm, pascal),
    arn: plain(found.AlarmArn),
    dimensions: dimensionMap(Dimensions),
    metric_query: query ? queries.map((item) => completed(query, queryState(item))) : [],
  };
}

function metricQueries(blocks: unknown): Shape[] | undefined {
  const queries = shapes(blocks);
  if (queries.length === 0) return undefined;
  return queries.map(({ Metric, ...query }) =>
    present({ ...query, MetricStat: Metric === undefined ? undefined : metricStat(shape(Metric)) }),
  );
}

function metricStat({ MetricName, Namespace, Dimensions, Period, Stat, Unit }: Shape): Shape {
  const Metric = present({ MetricName, Namespace, Dimensions: dimensionList(Dimensions) });
  return present({ Metric, Period, Stat, Unit });
}

function queryState(query: Shape): ObjectValue {
  const stat = shape(query.MetricStat);
  const metric = shape(stat.Metric);
  const isMetric = query.MetricStat !== undefined;
  return {
    id: plain(query.Id),
    expression: plain(query.Expression),
    label: plain(query.Label),
    return_data: query.ReturnData === true,
    metric: isMetric
      ? [
          {
            dimensions: dimensionMap(metric.Dimensions),
            metric_name: plain(metric.MetricName),
            namespace: plain(metric.Namespace),
            period: plain(stat.Period),
            stat: plain(stat.Stat),
            unit: plain(stat.Unit),
          },
        ]
      : [],
  };
}

function dimensionList(map: unknown): Shape[] | undefined {
  const list = Object.entries(shape(map)).map(([Name, Value]) => ({ Name, Value }));
  return list.length > 0 ? list : undefined;
}

function dimensionMap(list: unknown): ObjectValue | null {
  const entries = shapes(list).map(({ Name, Value }) => [text(Name), text(Value)] as const);
  return entries.length > 0 ? Object.fromEntries(entries) : null;
}

function putDashboard() {
  return {
    command: 'PutDashboard',
    input: (value: Known) => ({ DashboardName: value.dashboard_name, DashboardBody: value.dashboard_body }),
  };
}
