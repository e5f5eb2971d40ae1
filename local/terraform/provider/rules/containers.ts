import type { RuleTable } from './type-rules.ts';

export const containerRules: RuleTable = {
  aws_ecs_cluster: {
    replaces: ['name'],
    filled: ['setting'],
    enums: {
      'configuration.execute_command_configuration.logging': ['DEFAULT', 'NONE', 'OVERRIDE'],
      'setting.name': ['containerInsights'],
      'setting.value': ['disabled', 'enabled', 'enhanced'],
    },
  },
  aws_ecs_cluster_capacity_providers: { replaces: ['cluster_name'] },
  aws_ecs_service: {
    defaults: {
      deployment_maximum_percent: 200,
      deployment_minimum_healthy_percent: 100,
      enable_ecs_managed_tags: false,
      scheduling_strategy: 'REPLICA',
      sigint_rollback: false,
      wait_for_steady_state: false,
      'deployment_controller.type': 'ECS',
      'network_configuration.assign_public_ip': false,
    },
    replaces: [
      'name',
      'cluster',
      'launch_type',
      'scheduling_strategy',
      'iam_role',
      'service_registries.registry_arn',
    ],
    filled: ['deployment_circuit_breaker', 'deployment_configuration', 'deployment_controller'],
    conflicts: [['launch_type', 'capacity_provider_strategy']],
    enums: {
      launch_type: ['EC2', 'EXTERNAL', 'FARGATE', 'MANAGED_INSTANCES'],
      propagate_tags: ['NONE', 'SERVICE', 'TASK_DEFINITION'],
      scheduling_strategy: ['DAEMON', 'REPLICA'],
      availability_zone_rebalancing: ['DISABLED', 'ENABLED'],
      'deployment_configuration.strategy': ['BLUE_GREEN', 'CANARY', 'LINEAR', 'ROLLING'],
      'deployment_configuration.lifecycle_hook.lifecycle_stages': [
        'RECONCILE_SERVICE',
        'PRE_SCALE_UP',
        'POST_SCALE_UP',
        'TEST_TRAFFIC_SHIFT',
        'POST_TEST_TRAFFIC_SHIFT',
        'PRE_PRODUCTION_TRAFFIC_SHIFT',
        'PRODUCTION_TRAFFIC_SHIFT',
        'POST_PRODUCTION_TRAFFIC_SHIFT',
      ],
      'deployment_configuration.lifecycle_hook.target_type': ['AWS_LAMBDA', 'PAUSE'],
      'deployment_configuration.lifecycle_hook.timeout_configuration.action': ['CONTINUE', 'ROLLBACK'],
      'deployment_controller.type': ['CODE_DEPLOY', 'ECS', 'EXTERNAL'],
      'ordered_placement_strategy.type': ['binpack', 'random', 'spread'],
      'placement_constraints.type': ['distinctInstance', 'memberOf'],
    },
  },
  aws_ecs_task_definition: {
    defaults: {
      enable_fault_injection: false,
      skip_destroy: false,
      track_latest: false,
      'volume.efs_volume_configuration.root_directory': '/',
    },
    replaces: [
      'container_definitions',
      'cpu',
      'enable_fault_injection',
      'ephemeral_storage',
      'execution_role_arn',
      'family',
      'ipc_mode',
      'memory',
      'network_mode',
      'pid_mode',
      'placement_constraints',
      'proxy_configuration',
      'requires_compatibilities',
      'runtime_platform',
      'task_role_arn',
      'volume',
    ],
    enums: {
      ipc_mode: ['host', 'none', 'task'],
      network_mode: ['awsvpc', 'bridge', 'host', 'none'],
      pid_mode: ['host', 'task'],
      requires_compatibilities: ['EC2', 'EXTERNAL', 'FARGATE', 'MANAGED_INSTANCES'],
      'runtime_platform.cpu_architecture': ['ARM64', 'X86_64'],
      'volume.efs_volume_configuration.transit_encryption': ['DISABLED', 'ENABLED'],
    },
  },
  aws_ecr_repository: {
    defaults: { image_tag_mutability: 'MUTABLE', 'encryption_configuration.encryption_type': 'AES256' },
    replaces: ['name', 'encryption_configuration'],
    filled: ['encryption_configuration', 'image_scanning_configuration'],
    enums: {
      image_tag_mutability: ['IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE', 'MUTABLE_WITH_EXCLUSION'],
      'encryption_configuration.encryption_type': ['AES256', 'KMS', 'KMS_DSSE'],
      'image_tag_mutability_exclusion_filter.filter_type': ['WILDCARD'],
    },
  },
  aws_ecr_lifecycle_policy: { replaces: ['repository', 'policy'] },
  aws_ecr_repository_policy: { replaces: ['repository'] },
  aws_appautoscaling_target: {
    replaces: ['resource_id', 'scalable_dimension', 'service_namespace'],
    filled: ['suspended_state'],
  },
  aws_appautoscaling_policy: {
    defaults: {
      policy_type: 'StepScaling',
      'target_tracking_scaling_policy_configuration.disable_scale_in': false,
      'target_tracking_scaling_policy_configuration.customized_metric_specification.metrics.return_data': true,
    },
    replaces: scalable(),
    recomputed: ['alarm_arns'],
    enums: {
      policy_type: ['PredictiveScaling', 'StepScaling', 'TargetTrackingScaling'],
      'step_scaling_policy_configuration.adjustment_type': [
        'ChangeInCapacity',
        'ExactCapacity',
        'PercentChangeInCapacity',
      ],
      'step_scaling_policy_configuration.metric_aggregation_type': ['Average', 'Maximum', 'Minimum'],
    },
  },
  aws_appautoscaling_scheduled_action: { defaults: { timezone: 'UTC' }, replaces: scalable() },
  aws_service_discovery_private_dns_namespace: { replaces: ['name', 'vpc'] },
  aws_service_discovery_http_namespace: { replaces: ['name'] },
  aws_service_discovery_service: {
    defaults: { 'dns_config.routing_policy': 'MULTIVALUE' },
    replaces: ['name', 'namespace_id', 'health_check_custom_config', 'dns_config.namespace_id'],
    enums: {
      'dns_config.routing_policy': ['MULTIVALUE', 'WEIGHTED'],
      'dns_config.dns_records.type': ['A', 'AAAA', 'CNAME', 'SRV'],
      'health_check_config.type': ['HTTP', 'HTTPS', 'TCP'],
    },
  },
};

function scalable(): string[] {
  return ['name', 'resource_id', 'scalable_dimension', 'service_namespace'];
}
