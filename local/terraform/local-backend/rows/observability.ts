import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { completed, fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';

const pascal: Naming = { style: 'pascal', names: { ok_actions: 'OKActions' } };
const alarmTags = tagsByArn({ arn: 'ResourceARN', tags: 'Tags', keys: 'TagKeys', style: 'pascal' });

/** Log groups and their filters, alarms, dashboards. */
export const observabilityRows: Rows = {
  aws_cloudwatch_log_group: {
    service: 'logs',
    create: [
      {
        command: 'CreateLogGroup',
        input: (value) =>
          present({
            logGroupName: value.name,
            kmsKeyId: value.kms_key_id,
            logGroupClass: value.log_group_class || undefined,
            tags: allTags(value),
          }),
        result: (_, { name }) => ({ id: name ?? null }),
      },
      { ...retention(), when: ({ retention_in_days: days }) => Number(days) > 0 },
    ],
    read: [
      {
        command: 'DescribeLogGroups',
        input: ({ id }) => ({ logGroupNamePrefix: id }),
        state: ({ logGroups }, { id }) =>
          groupState(shapes(logGroups).find((group) => group.logGroupName === id)),
      },
    ],
    update: [
      {
        ...retention(),
        names: ['retention_in_days'],
        when: ({ retention_in_days: days }) => Number(days) > 0,
      },
      {
        command: 'DeleteRetentionPolicy',
        names: ['retention_in_days'],
        when: ({ retention_in_days: days }) => !(Number(days) > 0),
        input: ({ id }) => ({ logGroupName: id }),
      },
    ],
    delete: [
      {
        command: 'DeleteLogGroup',
        when: ({ skip_destroy: kept }) => kept !== true,
        input: ({ id }) => ({ logGroupName: id }),
      },
    ],
    tags: {
      read: {
        command: 'ListTagsForResource',
        input: ({ arn }) => ({ resourceArn: arn }),
        tags: ({ tags }) => shape(tags) as Record<string, string>,
      },
      set: { command: 'TagResource', input: ({ arn }, tags) => ({ resourceArn: arn, tags }) },
      unset: { command: 'UntagResource', input: ({ arn }, tagKeys) => ({ resourceArn: arn, tagKeys }) },
    },
    import: (id) => ({ name: id }),
  },
  aws_cloudwatch_log_metric_filter: {
    service: 'logs',
    create: [{ ...putFilter(), result: (_, { name }) => ({ id: name ?? null }) }],
    read: [
      {
        command: 'DescribeMetricFilters',
        input: ({ log_group_name: group, id }) => ({ logGroupName: group, filterNamePrefix: id }),
        state: ({ metricFilters }, { id }) =>
          filterState(shapes(metricFilters).find((filter) => filter.filterName === id)),
      },
    ],
    update: [putFilter()],
    delete: [
      {
        command: 'DeleteMetricFilter',
        input: ({ log_group_name: group, id }) => ({ logGroupName: group, filterName: id }),
      },
    ],
    import: (id) => ({
      log_group_name: id.split(':')[0] ?? '',
      name: id.split(':')[1] ?? '',
      id: id.split(':')[1] ?? '',
    }),
  },
  aws_cloudwatch_log_resource_policy: {
    service: 'logs',
    create: [{ ...putResourcePolicy(), result: (_, { policy_name: name }) => ({ id: name ?? null }) }],
    read: [
      {
        command: 'DescribeResourcePolicies',
        input: () => ({}),
        state: ({ resourcePolicies }, { id }) => {
          const found = shapes(resourcePolicies).find(({ policyName }) => policyName === id);
          return found ? { policy_name: id ?? null, policy_document: plain(found.policyDocument) } : null;
        },
      },
    ],
    update: [putResourcePolicy()],
    delete: [{ command: 'DeleteResourcePolicy', input: ({ id }) => ({ policyName: id }) }],
  },
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

function retention() {
  return {
    command: 'PutRetentionPolicy',
    input: ({ id, retention_in_days: days }: Known) => ({ logGroupName: id, retentionInDays: days }),
  };
}

function groupState(found: Shape | undefined): ObjectValue | null {
  if (found === undefined) return null;
  return {
    arn: text(found.arn).replace(/:\*$/, ''),
    kms_key_id: plain(found.kmsKeyId),
    log_group_class: text(found.logGroupClass) || 'STANDARD',
    name: plain(found.logGroupName),
    retention_in_days: plain(found.retentionInDays) ?? 0,
  };
}

function putFilter() {
  return {
    command: 'PutMetricFilter',
    input: (value: Known) => {
      const [block] = isList(value.metric_transformation) ? value.metric_transformation : [];
      const transformation = isObject(block) ? block : {};
      return {
        logGroupName: value.log_group_name,
        filterName: value.name,
        filterPattern: value.pattern,
        metricTransformations: [
          present({
            metricName: transformation.name,
            metricNamespace: transformation.namespace,
            metricValue: transformation.value,
            defaultValue: transformation.default_value ? Number(transformation.default_value) : undefined,
            dimensions: transformation.dimensions,
            unit: transformation.unit,
          }),
        ],
      };
    },
  };
}

function filterState(found: Shape | undefined): ObjectValue | null {
  if (found === undefined) return null;
  const transformation = first(found.metricTransformations) ?? {};
  const value = transformation.defaultValue;
  return {
    log_group_name: plain(found.logGroupName),
    name: plain(found.filterName),
    pattern: plain(found.filterPattern),
    metric_transformation: [
      {
        default_value: value === undefined || value === null ? null : String(value),
        dimensions: null,
        name: plain(transformation.metricName),
        namespace: plain(transformation.metricNamespace),
        unit: text(transformation.unit) || 'None',
        value: plain(transformation.metricValue),
      },
    ],
  };
}

function putResourcePolicy() {
  return {
    command: 'PutResourcePolicy',
    input: (value: Known) => ({ policyName: value.policy_name, policyDocument: value.policy_document }),
  };
}

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
