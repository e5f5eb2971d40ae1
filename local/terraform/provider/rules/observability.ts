import type { RuleTable } from './type-rules.ts';

const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export const observabilityRules: RuleTable = {
  aws_cloudwatch_log_group: {
    defaults: { retention_in_days: 0, skip_destroy: false },
    replaces: ['log_group_class', 'name', 'name_prefix'],
    conflicts: [['name', 'name_prefix']],
    enums: {
      log_group_class: ['DELIVERY', 'INFREQUENT_ACCESS', 'STANDARD'],
      retention_in_days: ['0', ...retentionDays.map(String)],
    },
  },
  aws_cloudwatch_log_metric_filter: {
    defaults: { 'metric_transformation.unit': 'None' },
    replaces: ['log_group_name', 'name'],
  },
  aws_cloudwatch_log_resource_policy: { replaces: ['policy_name'] },
  aws_cloudwatch_log_subscription_filter: {
    defaults: { distribution: 'ByLogStream' },
    replaces: ['destination_arn', 'log_group_name', 'name'],
  },
  aws_cloudwatch_metric_alarm: {
    defaults: { actions_enabled: true, treat_missing_data: 'missing' },
    replaces: ['alarm_name'],
    conflicts: [
      ['extended_statistic', 'statistic'],
      ['metric_name', 'metric_query'],
      ['threshold', 'threshold_metric_id'],
    ],
    enums: {
      comparison_operator: [
        'GreaterThanOrEqualToThreshold',
        'GreaterThanThreshold',
        'GreaterThanUpperThreshold',
        'LessThanLowerOrGreaterThanUpperThreshold',
        'LessThanLowerThreshold',
        'LessThanOrEqualToThreshold',
        'LessThanThreshold',
      ],
      evaluate_low_sample_count_percentiles: ['evaluate', 'ignore'],
      statistic: ['Average', 'Maximum', 'Minimum', 'SampleCount', 'Sum'],
      treat_missing_data: ['breaching', 'ignore', 'missing', 'notBreaching'],
    },
  },
  aws_cloudwatch_composite_alarm: {
    defaults: { actions_enabled: true },
    replaces: ['actions_enabled', 'alarm_name'],
  },
  aws_cloudwatch_dashboard: { replaces: ['dashboard_name'] },
  aws_opensearch_domain: {
    defaults: {
      'cluster_config.instance_count': 1,
      'cluster_config.zone_awareness_config.availability_zone_count': 2,
      'domain_endpoint_options.enforce_https': true,
      'log_publishing_options.enabled': true,
    },
    replaces: ['domain_name'],
    filled: openSearchBlocks(),
  },
  aws_kinesis_firehose_delivery_stream: {
    defaults: {
      'opensearch_configuration.buffering_interval': 300,
      'opensearch_configuration.buffering_size': 5,
      'opensearch_configuration.index_rotation_period': 'OneDay',
      'opensearch_configuration.retry_duration': 300,
      'opensearch_configuration.s3_backup_mode': 'FailedDocumentsOnly',
      'opensearch_configuration.s3_configuration.buffering_interval': 300,
      'opensearch_configuration.s3_configuration.buffering_size': 5,
      'opensearch_configuration.s3_configuration.compression_format': 'UNCOMPRESSED',
      'server_side_encryption.key_type': 'AWS_OWNED_CMK',
    },
    replaces: ['destination', 'name', 'opensearch_configuration.vpc_config'],
    recomputed: ['version_id'],
  },
  aws_backup_vault: { defaults: { force_destroy: false }, replaces: ['kms_key_arn', 'name'] },
  aws_backup_plan: {
    defaults: {
      'rule.completion_window': 180,
      'rule.enable_continuous_backup': false,
      'rule.schedule_expression_timezone': 'Etc/UTC',
      'rule.start_window': 60,
    },
    replaces: ['name'],
    recomputed: ['version'],
  },
  aws_backup_selection: { replaces: ['*'] },
};

function openSearchBlocks(): string[] {
  return [
    'advanced_security_options',
    'auto_tune_options',
    'cluster_config',
    'cognito_options',
    'domain_endpoint_options',
    'ebs_options',
    'encrypt_at_rest',
    'node_to_node_encryption',
    'off_peak_window_options',
    'software_update_options',
  ];
}
