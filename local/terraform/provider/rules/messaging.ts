import type { RuleTable } from './type-rules.ts';

export const messagingRules: RuleTable = {
  aws_sqs_queue: {
    defaults: {
      content_based_deduplication: false,
      delay_seconds: 0,
      fifo_queue: false,
      max_message_size: 262144,
      message_retention_seconds: 345600,
      receive_wait_time_seconds: 0,
      visibility_timeout_seconds: 30,
    },
    replaces: ['fifo_queue', 'name', 'name_prefix'],
    conflicts: [
      ['name', 'name_prefix'],
      ['kms_master_key_id', 'sqs_managed_sse_enabled'],
    ],
    enums: {
      deduplication_scope: ['messageGroup', 'queue'],
      fifo_throughput_limit: ['perMessageGroupId', 'perQueue'],
    },
  },
  aws_sqs_queue_policy: { replaces: ['queue_url'] },
  aws_sqs_queue_redrive_allow_policy: { replaces: ['queue_url'] },
  aws_sqs_queue_redrive_policy: { replaces: ['queue_url'] },
  aws_sns_topic: {
    defaults: { content_based_deduplication: false, fifo_topic: false },
    replaces: ['fifo_topic', 'name', 'name_prefix'],
    conflicts: [['name', 'name_prefix']],
  },
  aws_sns_topic_policy: { replaces: ['arn'] },
  aws_sns_topic_subscription: {
    defaults: {
      confirmation_timeout_in_minutes: 1,
      endpoint_auto_confirms: false,
      raw_message_delivery: false,
    },
    replaces: ['endpoint', 'protocol', 'topic_arn'],
    enums: {
      protocol: ['application', 'email', 'email-json', 'firehose', 'http', 'https', 'lambda', 'sms', 'sqs'],
      filter_policy_scope: ['MessageAttributes', 'MessageBody'],
    },
  },
  aws_scheduler_schedule: {
    defaults: {
      schedule_expression_timezone: 'UTC',
      state: 'ENABLED',
      'target.retry_policy.maximum_event_age_in_seconds': 86400,
      'target.retry_policy.maximum_retry_attempts': 185,
    },
    replaces: ['group_name', 'name', 'name_prefix'],
    conflicts: [['name', 'name_prefix']],
    enums: {
      action_after_completion: ['DELETE', 'NONE'],
      state: ['DISABLED', 'ENABLED'],
      'flexible_time_window.mode': ['FLEXIBLE', 'OFF'],
      'target.ecs_parameters.launch_type': ['EC2', 'EXTERNAL', 'FARGATE'],
    },
  },
  aws_scheduler_schedule_group: { replaces: ['name', 'name_prefix'] },
  aws_cloudwatch_event_rule: {
    defaults: { event_bus_name: 'default' },
    replaces: ['event_bus_name', 'name', 'name_prefix'],
    enums: { state: ['DISABLED', 'ENABLED', 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS'] },
  },
  aws_cloudwatch_event_target: {
    defaults: { event_bus_name: 'default' },
    replaces: ['event_bus_name', 'rule', 'target_id'],
  },
};
