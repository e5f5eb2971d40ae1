/** What the results of a type look like on AWS, in the order in which they need each other. See `renderShape`. */
export const resultShapes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // network
  aws_vpc: ec2('vpc', 'vpc'),
  aws_subnet: ec2('subnet', 'subnet'),
  aws_internet_gateway: ec2('igw', 'internet-gateway'),
  aws_nat_gateway: { id: 'nat-#' },
  aws_eip: { id: 'eipalloc-#', allocation_id: '{id}', arn: 'arn:aws:ec2:{region}:{account}:elastic-ip/{id}' },
  aws_route_table: ec2('rtb', 'route-table'),
  aws_default_route_table: ec2('rtb', 'route-table'),
  aws_route: { id: 'r-{route_table_id}##' },
  aws_route_table_association: { id: 'rtbassoc-#' },
  aws_network_acl: ec2('acl', 'network-acl'),
  aws_security_group: ec2('sg', 'security-group'),
  aws_default_security_group: ec2('sg', 'security-group'),
  aws_security_group_rule: { id: 'sgrule-#' },
  aws_vpc_security_group_ingress_rule: { id: 'sgr-#', security_group_rule_id: '{id}' },
  aws_vpc_security_group_egress_rule: { id: 'sgr-#', security_group_rule_id: '{id}' },
  aws_vpc_endpoint: ec2('vpce', 'vpc-endpoint'),
  aws_flow_log: ec2('fl', 'vpc-flow-log'),
  aws_instance: ec2('i', 'instance'),
  aws_network_interface: ec2('eni', 'network-interface'),

  // load balancing and names
  aws_lb: {
    arn: 'arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/#',
    id: '{arn}',
    arn_suffix: 'app/{name}/#',
    dns_name: '{name}-##.{region}.elb.amazonaws.com',
    zone_id: 'Z35SXDOTRQ7X7K',
  },
  aws_lb_target_group: {
    arn: 'arn:aws:elasticloadbalancing:{region}:{account}:targetgroup/{name}/#',
    id: '{arn}',
    arn_suffix: 'targetgroup/{name}/#',
  },
  aws_lb_listener: {
    arn: 'arn:aws:elasticloadbalancing:{region}:{account}:listener/app/lb/##/#',
    id: '{arn}',
  },
  aws_lb_listener_rule: {
    arn: 'arn:aws:elasticloadbalancing:{region}:{account}:listener-rule/app/lb/##/#',
    id: '{arn}',
  },
  aws_acm_certificate: { arn: 'arn:aws:acm:{region}:{account}:certificate/#', id: '{arn}' },
  aws_route53_zone: { zone_id: 'Z#', id: '{zone_id}', arn: 'arn:aws:route53:::hostedzone/{zone_id}' },
  aws_service_discovery_private_dns_namespace: namespace(),
  aws_service_discovery_http_namespace: namespace(),
  aws_service_discovery_service: {
    id: 'srv-#',
    arn: 'arn:aws:servicediscovery:{region}:{account}:service/{id}',
  },

  // containers
  aws_ecs_cluster: { arn: 'arn:aws:ecs:{region}:{account}:cluster/{name}', id: '{arn}' },
  aws_ecs_service: { arn: 'arn:aws:ecs:{region}:{account}:service/cluster/{name}', id: '{arn}' },
  aws_ecs_task_definition: {
    arn: 'arn:aws:ecs:{region}:{account}:task-definition/{family}:1',
    arn_without_revision: 'arn:aws:ecs:{region}:{account}:task-definition/{family}',
    id: '{family}',
  },
  aws_ecr_repository: {
    id: '{name}',
    arn: 'arn:aws:ecr:{region}:{account}:repository/{name}',
    repository_url: '{account}.dkr.ecr.{region}.amazonaws.com/{name}',
  },
  aws_appautoscaling_target: { id: '{resource_id}' },
  aws_appautoscaling_policy: { id: '{name}' },

  // identity, configuration
  aws_iam_role: {
    id: '{name}',
    arn: 'arn:aws:iam::{account}:role{path}{name}',
    unique_id: 'AROA##',
  },
  aws_iam_policy: { arn: 'arn:aws:iam::{account}:policy{path}{name}', id: '{arn}', policy_id: 'ANPA##' },
  aws_iam_instance_profile: { id: '{name}', arn: 'arn:aws:iam::{account}:instance-profile{path}{name}' },
  aws_iam_role_policy: { id: '{role}:{name}' },
  aws_iam_role_policy_attachment: { id: '{role}-##' },
  aws_iam_openid_connect_provider: {
    arn: 'arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com',
    id: '{arn}',
  },
  aws_ssm_parameter: { id: '{name}', arn: 'arn:aws:ssm:{region}:{account}:parameter{name}' },
  aws_secretsmanager_secret: {
    arn: 'arn:aws:secretsmanager:{region}:{account}:secret:{name}-##',
    id: '{arn}',
  },
  aws_kms_key: {
    key_id: '########-####-4###',
    arn: 'arn:aws:kms:{region}:{account}:key/{key_id}',
    id: '{key_id}',
  },
  aws_kms_alias: { id: '{name}', arn: 'arn:aws:kms:{region}:{account}:{name}' },

  // queues, topics, schedules
  aws_sqs_queue: {
    url: 'https://sqs.{region}.amazonaws.com/{account}/{name}',
    id: '{url}',
    arn: 'arn:aws:sqs:{region}:{account}:{name}',
  },
  aws_sns_topic: { arn: 'arn:aws:sns:{region}:{account}:{name}', id: '{arn}' },
  aws_sns_topic_subscription: { arn: '{topic_arn}:##', id: '{arn}' },
  aws_scheduler_schedule: {
    id: '{group_name}/{name}',
    arn: 'arn:aws:scheduler:{region}:{account}:schedule/{group_name}/{name}',
  },
  aws_scheduler_schedule_group: {
    id: '{name}',
    arn: 'arn:aws:scheduler:{region}:{account}:schedule-group/{name}',
  },

  // storage and data
  aws_s3_bucket: {
    id: '{bucket}',
    arn: 'arn:aws:s3:::{bucket}',
    bucket_domain_name: '{bucket}.s3.amazonaws.com',
    bucket_regional_domain_name: '{bucket}.s3.{region}.amazonaws.com',
  },
  aws_dynamodb_table: { id: '{name}', arn: 'arn:aws:dynamodb:{region}:{account}:table/{name}' },
  aws_db_instance: {
    id: 'db-#',
    arn: 'arn:aws:rds:{region}:{account}:db:{identifier}',
    address: '{identifier}.##.{region}.rds.amazonaws.com',
    endpoint: '{address}:5432',
  },
  aws_db_subnet_group: { id: '{name}', arn: 'arn:aws:rds:{region}:{account}:subgrp:{name}' },
  aws_db_parameter_group: { id: '{name}', arn: 'arn:aws:rds:{region}:{account}:pg:{name}' },
  aws_elasticache_replication_group: {
    id: '{replication_group_id}',
    arn: 'arn:aws:elasticache:{region}:{account}:replicationgroup:{replication_group_id}',
    primary_endpoint_address: 'master.{replication_group_id}.##.use1.cache.amazonaws.com',
    reader_endpoint_address: 'replica.{replication_group_id}.##.use1.cache.amazonaws.com',
  },
  aws_elasticache_subnet_group: {
    id: '{name}',
    arn: 'arn:aws:elasticache:{region}:{account}:subnetgroup:{name}',
  },
  aws_elasticache_parameter_group: {
    id: '{name}',
    arn: 'arn:aws:elasticache:{region}:{account}:parametergroup:{name}',
  },

  // seeing and recovery
  aws_cloudwatch_log_group: { id: '{name}', arn: 'arn:aws:logs:{region}:{account}:log-group:{name}' },
  aws_cloudwatch_metric_alarm: {
    id: '{alarm_name}',
    arn: 'arn:aws:cloudwatch:{region}:{account}:alarm:{alarm_name}',
  },
  aws_cloudwatch_composite_alarm: {
    id: '{alarm_name}',
    arn: 'arn:aws:cloudwatch:{region}:{account}:alarm:{alarm_name}',
  },
  aws_cloudwatch_dashboard: {
    id: '{dashboard_name}',
    dashboard_arn: 'arn:aws:cloudwatch::{account}:dashboard/{dashboard_name}',
  },
  aws_cloudwatch_event_rule: { id: '{name}', arn: 'arn:aws:events:{region}:{account}:rule/{name}' },
  aws_opensearch_domain: {
    arn: 'arn:aws:es:{region}:{account}:domain/{domain_name}',
    id: '{arn}',
    endpoint: 'search-{domain_name}-##.{region}.es.amazonaws.com',
  },
  aws_backup_vault: { id: '{name}', arn: 'arn:aws:backup:{region}:{account}:backup-vault:{name}' },
  aws_backup_plan: { id: '#', arn: 'arn:aws:backup:{region}:{account}:backup-plan:{id}' },
};

function ec2(prefix: string, noun: string) {
  return { id: `${prefix}-#`, arn: `arn:aws:ec2:{region}:{account}:${noun}/{id}` };
}

function namespace() {
  return { id: 'ns-##########', arn: 'arn:aws:servicediscovery:{region}:{account}:namespace/{id}' };
}
