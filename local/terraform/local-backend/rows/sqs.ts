import type { Known, Rows } from '../row.ts';
import { plain, shape, text } from '../shape.ts';
import { allTags, type Tags } from '../tags.ts';
import { stateOf, written } from './attribute-names.ts';

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

/** Queues and their documents. */
export const sqsRows: Rows = {
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
};

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
