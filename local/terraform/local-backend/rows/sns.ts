import type { Rows, Step } from '../row.ts';
import { plain, present, shape, text } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';
import { stateOf, written } from './attribute-names.ts';

const topicAttributes = {
  content_based_deduplication: 'ContentBasedDeduplication',
  delivery_policy: 'DeliveryPolicy',
  display_name: 'DisplayName',
  kms_master_key_id: 'KmsMasterKeyId',
  policy: 'Policy',
  tracing_config: 'TracingConfig',
};

const subscriptionAttributes = {
  filter_policy: 'FilterPolicy',
  filter_policy_scope: 'FilterPolicyScope',
  raw_message_delivery: 'RawMessageDelivery',
  redrive_policy: 'RedrivePolicy',
};

/** Topics and who hears of them. */
export const snsRows: Rows = {
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
};

function setTopicPolicy(): Step {
  return {
    command: 'SetTopicAttributes',
    input: ({ arn, policy }) => ({ TopicArn: arn, AttributeName: 'Policy', AttributeValue: policy }),
  };
}
