import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { Known, Rows } from '../row.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags } from '../tags.ts';

/** Log groups, their filters, whoever takes their lines away, and policies. */
export const logRows: Rows = {
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
  aws_cloudwatch_log_subscription_filter: {
    service: 'logs',
    create: [
      {
        ...putSubscription(),
        result: (_, { log_group_name: group, name }) => ({ id: `${text(group)}|${text(name)}` }),
      },
    ],
    read: [
      {
        command: 'DescribeSubscriptionFilters',
        input: ({ log_group_name: group, name }) => ({ logGroupName: group, filterNamePrefix: name }),
        state: ({ subscriptionFilters }, { name }) =>
          subscriptionState(shapes(subscriptionFilters).find((filter) => filter.filterName === name)),
      },
    ],
    update: [putSubscription()],
    delete: [
      {
        command: 'DeleteSubscriptionFilter',
        input: ({ log_group_name: group, name }) => ({ logGroupName: group, filterName: name }),
      },
    ],
    import: (id) => ({ log_group_name: id.split('|')[0] ?? '', name: id.split('|')[1] ?? '' }),
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

function putSubscription() {
  return {
    command: 'PutSubscriptionFilter',
    input: (value: Known) =>
      present({
        logGroupName: value.log_group_name,
        filterName: value.name,
        filterPattern: value.filter_pattern,
        destinationArn: value.destination_arn,
        roleArn: value.role_arn || undefined,
        distribution: value.distribution,
      }),
  };
}

function subscriptionState(found: Shape | undefined): ObjectValue | null {
  if (found === undefined) return null;
  return {
    destination_arn: plain(found.destinationArn),
    distribution: plain(found.distribution),
    filter_pattern: plain(found.filterPattern),
    log_group_name: plain(found.logGroupName),
    name: plain(found.filterName),
    role_arn: plain(found.roleArn),
  };
}

function putResourcePolicy() {
  return {
    command: 'PutResourcePolicy',
    input: (value: Known) => ({ policyName: value.policy_name, policyDocument: value.policy_document }),
  };
}
