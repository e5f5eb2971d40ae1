import type { RuleTable } from './type-rules.ts';

const ofBucket = { replaces: ['bucket', 'expected_bucket_owner'] };
const status = ['Disabled', 'Enabled'];

export const storageRules: RuleTable = {
  aws_s3_bucket: {
    defaults: { force_destroy: false },
    replaces: ['bucket', 'bucket_prefix', 'bucket_namespace', 'object_lock_enabled'],
    filled: [
      'cors_rule',
      'grant',
      'lifecycle_rule',
      'logging',
      'object_lock_configuration',
      'replication_configuration',
      'server_side_encryption_configuration',
      'versioning',
      'website',
    ],
    conflicts: [['bucket', 'bucket_prefix']],
  },
  aws_s3_bucket_versioning: {
    ...ofBucket,
    enums: { 'versioning_configuration.status': ['Disabled', 'Enabled', 'Suspended'] },
  },
  aws_s3_bucket_public_access_block: {
    defaults: {
      block_public_acls: false,
      block_public_policy: false,
      ignore_public_acls: false,
      restrict_public_buckets: false,
    },
    replaces: ['bucket'],
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    ...ofBucket,
    enums: {
      'rule.apply_server_side_encryption_by_default.sse_algorithm': [
        'AES256',
        'aws:fsx',
        'aws:kms',
        'aws:kms:dsse',
      ],
    },
  },
  aws_s3_bucket_lifecycle_configuration: {
    ...ofBucket,
    enums: {
      'rule.status': status,
      'rule.transition.storage_class': storageClasses(),
      'rule.noncurrent_version_transition.storage_class': storageClasses(),
    },
  },
  aws_s3_bucket_policy: { replaces: ['bucket'] },
  aws_s3_bucket_ownership_controls: {
    replaces: ['bucket'],
    enums: { 'rule.object_ownership': ['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'] },
  },
  aws_s3_bucket_logging: ofBucket,
  aws_s3_bucket_cors_configuration: ofBucket,
  aws_s3_bucket_object_lock_configuration: {
    ...ofBucket,
    defaults: { object_lock_enabled: 'Enabled' },
    enums: { 'rule.default_retention.mode': ['COMPLIANCE', 'GOVERNANCE'] },
  },
  aws_s3_bucket_replication_configuration: {
    replaces: ['bucket'],
    enums: { 'rule.status': status },
  },
  aws_dynamodb_table: {
    defaults: { billing_mode: 'PROVISIONED', deletion_protection_enabled: false, 'ttl.enabled': false },
    replaces: ['hash_key', 'name', 'range_key', 'local_secondary_index'],
    filled: [
      'on_demand_throughput',
      'point_in_time_recovery',
      'server_side_encryption',
      'ttl',
      'warm_throughput',
    ],
    enums: {
      billing_mode: ['PAY_PER_REQUEST', 'PROVISIONED'],
      stream_view_type: ['KEYS_ONLY', 'NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE'],
      table_class: ['STANDARD', 'STANDARD_INFREQUENT_ACCESS'],
      'attribute.type': ['B', 'N', 'S'],
      'global_secondary_index.projection_type': ['ALL', 'INCLUDE', 'KEYS_ONLY'],
    },
  },
  aws_db_instance: {
    defaults: {
      allow_major_version_upgrade: false,
      apply_immediately: false,
      auto_minor_version_upgrade: true,
      copy_tags_to_snapshot: false,
      dedicated_log_volume: false,
      delete_automated_backups: true,
      deletion_protection: false,
      iam_database_authentication_enabled: false,
      monitoring_interval: 0,
      performance_insights_enabled: false,
      publicly_accessible: false,
      skip_final_snapshot: false,
      storage_encrypted: false,
    },
    replaces: [
      'availability_zone',
      'character_set_name',
      'db_name',
      'engine',
      'kms_key_id',
      'snapshot_identifier',
      'storage_encrypted',
      'timezone',
      'username',
    ],
    sensitive: ['password'],
    conflicts: [
      ['identifier', 'identifier_prefix'],
      ['manage_master_user_password', 'password', 'password_wo'],
    ],
    enums: {
      database_insights_mode: ['advanced', 'standard'],
      network_type: ['DUAL', 'IPV4'],
      replica_mode: ['mounted', 'open-read-only'],
      storage_type: ['gp2', 'gp3', 'io1', 'io2', 'standard'],
    },
  },
  aws_db_parameter_group: {
    defaults: {
      description: 'Managed by Terraform',
      skip_destroy: false,
      'parameter.apply_method': 'immediate',
    },
    replaces: ['description', 'family', 'name', 'name_prefix'],
    conflicts: [['name', 'name_prefix']],
    enums: { 'parameter.apply_method': ['immediate', 'pending-reboot'] },
  },
  aws_db_subnet_group: {
    defaults: { description: 'Managed by Terraform' },
    replaces: ['name', 'name_prefix'],
    conflicts: [['name', 'name_prefix']],
  },
  aws_elasticache_replication_group: {
    defaults: { automatic_failover_enabled: false, multi_az_enabled: false },
    replaces: [
      'at_rest_encryption_enabled',
      'data_tiering_enabled',
      'kms_key_id',
      'network_type',
      'port',
      'replication_group_id',
      'snapshot_arns',
      'snapshot_name',
      'subnet_group_name',
    ],
    filled: ['node_group_configuration', 'port'],
    sensitive: ['auth_token'],
    conflicts: [
      ['auth_token', 'auth_token_wo', 'user_group_ids'],
      ['num_cache_clusters', 'num_node_groups'],
    ],
    enums: {
      auth_token_update_strategy: ['DELETE', 'ROTATE', 'SET'],
      cluster_mode: ['compatible', 'disabled', 'enabled'],
      engine: ['redis', 'valkey'],
      transit_encryption_mode: ['preferred', 'required'],
      'log_delivery_configuration.destination_type': ['cloudwatch-logs', 'kinesis-firehose'],
      'log_delivery_configuration.log_format': ['json', 'text'],
      'log_delivery_configuration.log_type': ['engine-log', 'slow-log'],
    },
  },
  aws_elasticache_parameter_group: {
    defaults: { description: 'Managed by Terraform' },
    replaces: ['description', 'family', 'name'],
  },
  aws_elasticache_subnet_group: { defaults: { description: 'Managed by Terraform' }, replaces: ['name'] },
  aws_elasticache_user: { sensitive: ['passwords'] },
  aws_rds_cluster: { sensitive: ['master_password'] },
};

function storageClasses(): string[] {
  return ['DEEP_ARCHIVE', 'GLACIER', 'GLACIER_IR', 'INTELLIGENT_TIERING', 'ONEZONE_IA', 'STANDARD_IA'];
}
