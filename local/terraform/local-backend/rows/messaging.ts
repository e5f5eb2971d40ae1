import type { ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows, Step } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, text } from '../shape.ts';
import { allTags, type Tags, tagList, tagsByArn } from '../tags.ts';

const pascal: Naming = { style: 'pascal' };

/** Attributes of a queue by their Terraform name; all are texts to SQS. */
const queueAttributes = {
  content_based_deduplication: 'ContentBasedDeduplication',
  deduplication_scope: 'DeduplicationScope',
  delay_seconds: 'DelaySeconds',
  fifo_queue: 'FifoQueue',
  fifo_throughput_limit: 'FifoThroughputLimit',
  kms_data_key_reuse_period_seconds: 'KmsDataKeyReusePeriodSeconds',
  kms_master_key_id: 'KmsMasterKeyId',
  max_message_size: 'MaximumMessageSize',
  message_retention_seconds: 'MessageRetentionPeriod',
  policy: 'Policy',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
  redrive_allow_policy: 'RedriveAllowPolicy',
  redrive_policy: 'RedrivePolicy',
  sqs_managed_sse_enabled: 'SqsManagedSseEnabled',
  visibility_timeout_seconds: 'VisibilityTimeout',
};
const topicAttributes = {
  content_based_deduplication: 'ContentBasedDeduplication',
  delivery_policy: 'DeliveryPolicy',
  display_name: 'DisplayName',
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  tracing_config: 'TracingConfig',
};
const fifoOnly = [
  'content_based_deduplication',
  'deduplication_scope',
  'fifo_queue',
  'fifo_throughput_limit',
];

export const messagingRows: Rows = {
  aws_sqs_queue: {
    service: 'sqs',
    create: [
      {
        command: 'CreateQueue',
        input: (value) => ({
          QueueName: value.name,
          Attributes: written(value, queueAttributes),
          tags: allTags(value),
        }),
        result: ({ QueueUrl }) => ({ id: plain(QueueUrl), url: plain(QueueUrl) }),
      },
    ],
    read: [
      {
        command: 'GetQueueAttributes',
        input: ({ id }) => ({ QueueUrl: id, AttributeNames: ['All'] }),
        state: ({ Attributes }, { id }, at) => {
          const found = shape(Attributes);
          return {
            ...stateOf(found, queueAttributes, at),
            arn: plain(found.QueueArn),
            name: text(id).replace(/^.*\//, ''),
            url: id ?? null,
          };
        },
      },
    ],
    update: [
      {
        command: 'SetQueueAttributes',
        input: (value) => ({
          QueueUrl: value.id,
          Attributes: written(value, omit(queueAttributes, ['fifo_queue'])),
        }),
      },
    ],
    delete: [{ command: 'DeleteQueue', input: ({ id }) => ({ QueueUrl: id }) }],
    tags: {
      read: {
        command: 'ListQueueTags',
        input: ({ id }) => ({ QueueUrl: id }),
        tags: ({ Tags: found }) => shape(found) as Tags,
      },
      set: { command: 'TagQueue', input: ({ id }, Tags) => ({ QueueUrl: id, Tags }) },
      unset: { command: 'UntagQueue', input: ({ id }, TagKeys) => ({ QueueUrl: id, TagKeys }) },
    },
    import: (id) => ({ url: id }),
  },
  aws_sqs_queue_policy: queueDocument('policy', 'Policy'),
  aws_sqs_queue_redrive_policy: queueDocument('redrive_policy', 'RedrivePolicy'),
  aws_sqs_queue_redrive_allow_policy: queueDocument('redrive_allow_policy', 'RedriveAllowPolicy'),
  aws_sns_topic: {
    service: 'sns',
    create: [
      {
        command: 'CreateTopic',
        input: (value) =>
          present({
            Name: value.name,
            Attributes: {
              ...written(value, topicAttributes),
              ...(value.fifo_topic === true && { FifoTopic: 'true' }),
            },
            Tags: tagList(allTags(value)),
          }),
        result: ({ TopicArn }) => ({ id: plain(TopicArn), arn: plain(TopicArn) }),
      },
    ],
    read: [
      {
        command: 'GetTopicAttributes',
        input: ({ id }) => ({ TopicArn: id }),
        state: ({ Attributes }, { id }, at) => ({
          ...stateOf(shape(Attributes), topicAttributes, at),
          arn: id ?? null,
          name: text(id).replace(/^.*:/, ''),
          owner: plain(shape(Attributes).Owner),
        }),
      },
    ],
    update: Object.entries(topicAttributes).map(
      ([name, AttributeName]): Step => ({
        command: 'SetTopicAttributes',
        names: [name],
        input: (value) => ({ TopicArn: value.id, AttributeName, AttributeValue: text(value[name]) }),
      }),
    ),
    delete: [{ command: 'DeleteTopic', input: ({ id }) => ({ TopicArn: id }) }],
    tags: tagsByArn({ arn: 'ResourceArn', tags: 'Tags', keys: 'TagKeys', style: 'pascal' }),
    import: (id) => ({ arn: id }),
  },
  aws_sns_topic_policy: {
    service: 'sns',
    create: [{ ...setTopicPolicy(), result: (_, { arn }) => ({ id: arn ?? null }) }],
    read: [
      {
        command: 'GetTopicAttributes',
        input: ({ id }) => ({ TopicArn: id }),
        state: ({ Attributes }, { id }) => ({
          arn: id ?? null,
          policy: plain(shape(Attributes).Policy),
          owner: plain(shape(Attributes).Owner),
        }),
      },
    ],
    update: [setTopicPolicy()],
    delete: [],
  },
  aws_sns_topic_subscription: {
    service: 'sns',
    create: [
      {
        command: 'Subscribe',
        input: (value) => ({
          TopicArn: value.topic_arn,
          Protocol: value.protocol,
          Endpoint: value.endpoint,
          ReturnSubscriptionArn: true,
          Attributes: written(value, subscriptionAttributes),
        }),
        result: ({ SubscriptionArn }) => ({ id: plain(SubscriptionArn), arn: plain(SubscriptionArn) }),
      },
    ],
    read: [
      {
        command: 'GetSubscriptionAttributes',
        input: ({ id }) => ({ SubscriptionArn: id }),
        state: ({ Attributes }, _, at) => {
          const found = shape(Attributes);
          return {
            ...stateOf(found, subscriptionAttributes, at),
            endpoint: plain(found.Endpoint),
            owner_id: plain(found.Owner),
            pending_confirmation: found.PendingConfirmation === 'true',
            protocol: plain(found.Protocol),
            topic_arn: plain(found.TopicArn),
          };
        },
      },
    ],
    update: [],
    delete: [{ command: 'Unsubscribe', input: ({ id }) => ({ SubscriptionArn: id }) }],
  },
  aws_scheduler_schedule: {
    service: 'scheduler',
    create: [
      {
        command: 'CreateSchedule',
        input: schedule,
        result: ({ ScheduleArn }, value) => ({
          arn: plain(ScheduleArn),
          id: `${text(value.group_name) || 'default'}/${text(value.name)}`,
        }),
      },
    ],
    read: [
      {
        command: 'GetSchedule',
        input: scheduleKey,
        state: (answer, value, { block }) => ({
          ...fromSdk(block, { ...answer, Target: targetState(shape(answer.Target), value) }, pascal),
          arn: plain(answer.Arn),
        }),
      },
    ],
    update: [{ command: 'UpdateSchedule', input: schedule }],
    delete: [{ command: 'DeleteSchedule', input: scheduleKey }],
    import: (id) => ({ group_name: id.split('/')[0] ?? '', name: id.split('/')[1] ?? '' }),
  },
  aws_scheduler_schedule_group: {
    service: 'scheduler',
    create: [
      {
        command: 'CreateScheduleGroup',
        input: (value) => ({ Name: value.name, Tags: tagList(allTags(value)) }),
        result: ({ ScheduleGroupArn }, value) => ({ id: value.name ?? null, arn: plain(ScheduleGroupArn) }),
      },
    ],
    read: [
      {
        command: 'GetScheduleGroup',
        input: ({ id }) => ({ Name: id }),
        state: (answer) => ({ arn: plain(answer.Arn), name: plain(answer.Name), state: plain(answer.State) }),
      },
    ],
    delete: [{ command: 'DeleteScheduleGroup', input: ({ id }) => ({ Name: id }) }],
    tags: tagsByArn({ arn: 'ResourceArn', tags: 'Tags', keys: 'TagKeys', style: 'pascal' }),
    import: (id) => ({ name: id }),
  },
};

const subscriptionAttributes = {
  filter_policy: 'FilterPolicy',
  filter_policy_scope: 'FilterPolicyScope',
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
};

/** A standard queue or topic refuses what only a FIFO one has, even when it is off. */
function written(value: Known, names: Readonly<Record<string, string>>): Record<string, string> {
  const isFifo = value.fifo_queue === true || value.fifo_topic === true;
  const kept = Object.entries(names).filter(([name]) => {
    if (fifoOnly.includes(name) && !isFifo) return false;
    return value[name] !== null && value[name] !== undefined && value[name] !== '';
  });
  return Object.fromEntries(kept.map(([name, key]) => [key, text(value[name])]));
}

/** What was asked for and is not answered is gone; what AWS alone decides may be silent. */
function stateOf(found: Shape, names: Readonly<Record<string, string>>, { block }: At): ObjectValue {
  return Object.fromEntries(
    Object.entries(names).map(([name, key]) => {
      const value = found[key];
      const type = block.attributes[name]?.type;
      if (value === undefined) return [name, type === 'bool' ? false : type === 'number' ? null : ''];
      if (type === 'number') return [name, Number(value)];
      return [name, type === 'bool' ? value === 'true' : plain(value)];
    }),
  );
}

function omit(names: Readonly<Record<string, string>>, left: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(names).filter(([name]) => !left.includes(name)));
}

/** A JSON document of a queue that Terraform has as a resource of its own. */
function queueDocument(name: string, attribute: string): Rows[string] {
  const put = {
    command: 'SetQueueAttributes',
    input: (value: Known) => ({ QueueUrl: value.queue_url, Attributes: { [attribute]: text(value[name]) } }),
  };
  return {
    service: 'sqs',
    create: [{ ...put, result: (_, { queue_url: url }) => ({ id: url ?? null }) }],
    read: [
      {
        command: 'GetQueueAttributes',
        input: ({ id }) => ({ QueueUrl: id, AttributeNames: ['All'] }),
        state: ({ Attributes }, { id }) => {
          const document = plain(shape(Attributes)[attribute]);
          // The server behind the local SQS takes this one and does not tell it again.
          if (attribute === 'RedriveAllowPolicy' && document === null) return { queue_url: id ?? null };
          return document === null ? null : { [name]: document, queue_url: id ?? null };
        },
      },
    ],
    update: [put],
    delete: [
      {
        command: 'SetQueueAttributes',
        input: ({ id }) => ({ QueueUrl: id, Attributes: { [attribute]: '' } }),
      },
    ],
    import: (id) => ({ queue_url: id }),
  };
}

function setTopicPolicy(): Step {
  return {
    command: 'SetTopicAttributes',
    input: ({ arn, policy }) => ({ TopicArn: arn, AttributeName: 'Policy', AttributeValue: policy }),
  };
}

function schedule(value: Known, { block }: At): Shape {
  const { NamePrefix: _prefix, Id: _id, Arn: _arn, Region: _region, ...sdk } = toSdk(block, value, pascal);
  const target = shape(sdk.Target);
  const ecs = target.EcsParameters === undefined ? undefined : ecsParameters(shape(target.EcsParameters));
  return present({ ...sdk, Name: value.name, Target: present({ ...target, EcsParameters: ecs }) });
}

function ecsParameters(parameters: Shape): Shape {
  const network = parameters.NetworkConfiguration;
  if (network === undefined) return parameters;
  const { AssignPublicIp, ...rest } = shape(network);
  const assigned = AssignPublicIp === true ? 'ENABLED' : 'DISABLED';
  return {
    ...parameters,
    NetworkConfiguration: { awsvpcConfiguration: { ...rest, AssignPublicIp: assigned } },
  };
}

/** AWS answers how it tries again also where nobody asked for it. */
function targetState({ RetryPolicy, ...target }: Shape, value: Known): Shape {
  const written = first(first(value.target)?.retry_policy);
  return renamedTarget(written === undefined ? target : { ...target, RetryPolicy });
}

function renamedTarget(target: Shape): Shape {
  const parameters = shape(target.EcsParameters);
  const network = shape(shape(parameters.NetworkConfiguration).awsvpcConfiguration);
  if (target.EcsParameters === undefined || Object.keys(network).length === 0) return target;
  const NetworkConfiguration = { ...network, AssignPublicIp: network.AssignPublicIp === 'ENABLED' };
  return { ...target, EcsParameters: { ...parameters, NetworkConfiguration } };
}

function scheduleKey({ id }: Known): Shape {
  const [GroupName = 'default', Name = ''] = text(id).split('/');
  return { GroupName, Name };
}
