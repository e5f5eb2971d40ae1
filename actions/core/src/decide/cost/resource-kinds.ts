/** What is paid for by use: the part of the bill it is in, and what is counted there. */
export interface ByUse {
  readonly component: string;
  readonly what: string;
  /** Price of one unit, where the table has one. */
  readonly price?: string;
}

/** Costs that no plan can tell, by resource type. */
export const BY_USE: Readonly<Record<string, ByUse>> = {
  aws_backup_plan: { component: 'Backups', what: 'GB kept and copied' },
  aws_backup_restore_testing_plan: { component: 'Backups', what: 'restore tests' },
  aws_cloudwatch_log_group: { component: 'CloudWatch', what: 'GB of logs taken in', price: 'log-gb' },
  aws_cloudwatch_log_metric_filter: { component: 'CloudWatch', what: 'metrics made from logs' },
  aws_db_instance_automated_backups_replication: {
    component: 'Database',
    what: 'GB of backups in the other Region',
  },
  aws_dynamodb_table: { component: 'DynamoDB', what: 'requests and GB kept' },
  aws_ecr_repository: { component: 'Images', what: 'GB kept' },
  aws_ecs_cluster: { component: 'CloudWatch', what: 'metrics of Container Insights' },
  aws_flow_log: { component: 'CloudWatch', what: 'GB of flow logs' },
  aws_kinesis_firehose_delivery_stream: { component: 'Search', what: 'GB delivered' },
  aws_lb: { component: 'Load balancer', what: 'LCU-hours', price: 'alb-lcu' },
  aws_nat_gateway: { component: 'NAT gateways', what: 'GB through them', price: 'nat-gateway-gb' },
  aws_route53_health_check: { component: 'DNS', what: 'health checks' },
  aws_s3_bucket: { component: 'S3', what: 'requests and GB kept' },
  aws_s3_object: { component: 'S3', what: 'GB kept' },
  aws_scheduler_schedule: { component: 'Schedules', what: 'invocations and the tasks they start' },
  aws_ssm_parameter: { component: 'Parameters', what: 'those of the advanced tier' },
  aws_sns_topic: { component: 'Messages', what: 'notifications' },
  aws_sqs_queue: { component: 'Messages', what: 'requests' },
};

/** What costs nothing by itself. */
export const FREE: ReadonlySet<string> = new Set(
  [
    'acm_certificate acm_certificate_validation appautoscaling_policy appautoscaling_scheduled_action appautoscaling_target',
    'backup_restore_testing_selection backup_selection backup_vault backup_vault_lock_configuration backup_vault_policy',
    'cloudwatch_log_resource_policy cloudwatch_log_stream cloudwatch_log_subscription_filter cloudwatch_query_definition',
    'db_option_group db_parameter_group db_subnet_group default_network_acl default_route_table default_security_group',
    'dynamodb_resource_policy ecr_lifecycle_policy ecr_registry_policy ecr_replication_configuration ecr_repository_policy',
    'ecs_account_setting_default ecs_cluster_capacity_providers ecs_task_definition eip_association',
    'elasticache_parameter_group elasticache_subnet_group elasticache_user elasticache_user_group',
    'iam_instance_profile iam_openid_connect_provider iam_policy iam_role iam_role_policy iam_role_policy_attachment',
    'iam_service_linked_role internet_gateway kms_alias kms_grant kms_key_policy launch_template lb_listener',
    'lb_listener_certificate lb_listener_rule lb_target_group lb_target_group_attachment main_route_table_association',
    'network_acl network_acl_rule network_interface opensearch_domain_policy resourcegroups_group route route53_record',
    'route_table route_table_association s3_account_public_access_block s3_bucket_acl s3_bucket_cors_configuration',
    's3_bucket_lifecycle_configuration s3_bucket_logging s3_bucket_notification s3_bucket_object_lock_configuration',
    's3_bucket_ownership_controls s3_bucket_policy s3_bucket_public_access_block s3_bucket_versioning',
    's3_bucket_server_side_encryption_configuration scheduler_schedule_group secretsmanager_secret_policy',
    'secretsmanager_secret_rotation secretsmanager_secret_version security_group security_group_rule',
    'service_discovery_http_namespace sns_topic_policy sns_topic_subscription sqs_queue_policy',
    'sqs_queue_redrive_allow_policy sqs_queue_redrive_policy subnet vpc vpc_endpoint_policy',
    'vpc_endpoint_route_table_association vpc_security_group_egress_rule vpc_security_group_ingress_rule',
    'wafv2_web_acl_association',
  ].flatMap((line) => line.split(' ').map((name) => `aws_${name}`)),
);
