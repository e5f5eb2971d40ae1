import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2';
import * as s3 from '@aws-sdk/client-s3';
import * as scheduler from '@aws-sdk/client-scheduler';
import * as ssm from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { UNKNOWN } from '../protocol/value.ts';
import { checkConfig } from '../provider/check-config.ts';
import { emptyValue } from '../provider/empty-value.ts';
import { dataSourceRules, resourceRules } from '../provider/rules/rule-tables.ts';
import type { TypeRules } from '../provider/rules/type-rules.ts';
import { withSensitive } from '../provider/rules/with-sensitive.ts';
import type { Block } from '../schema/provider-schema.ts';
import { readProviderSchema } from '../schema/schema-file.ts';

const schema = await readProviderSchema();

/** Lists of values that are the SDK's own. A new value there is to be put into the rules. */
const sdkLists: readonly [string, string, Readonly<Record<string, string>>][] = [
  ['aws_appautoscaling_policy', 'policy_type', scaling.PolicyType],
  ['aws_appautoscaling_policy', 'step_scaling_policy_configuration.adjustment_type', scaling.AdjustmentType],
  ['aws_cloudwatch_metric_alarm', 'comparison_operator', cloudwatch.ComparisonOperator],
  ['aws_cloudwatch_metric_alarm', 'statistic', cloudwatch.Statistic],
  ['aws_dynamodb_table', 'billing_mode', dynamodb.BillingMode],
  ['aws_dynamodb_table', 'stream_view_type', dynamodb.StreamViewType],
  ['aws_dynamodb_table', 'table_class', dynamodb.TableClass],
  ['aws_ecr_repository', 'image_tag_mutability', ecr.ImageTagMutability],
  ['aws_ecr_repository', 'encryption_configuration.encryption_type', ecr.EncryptionType],
  ['aws_ecs_service', 'availability_zone_rebalancing', ecs.AvailabilityZoneRebalancing],
  [
    'aws_ecs_service',
    'deployment_configuration.lifecycle_hook.lifecycle_stages',
    ecs.DeploymentLifecycleHookStage,
  ],
  ['aws_ecs_service', 'deployment_configuration.strategy', ecs.DeploymentStrategy],
  ['aws_ecs_service', 'deployment_controller.type', ecs.DeploymentControllerType],
  ['aws_ecs_service', 'launch_type', ecs.LaunchType],
  ['aws_ecs_service', 'ordered_placement_strategy.type', ecs.PlacementStrategyType],
  ['aws_ecs_service', 'placement_constraints.type', ecs.PlacementConstraintType],
  ['aws_ecs_service', 'propagate_tags', ecs.PropagateTags],
  ['aws_ecs_service', 'scheduling_strategy', ecs.SchedulingStrategy],
  ['aws_ecs_task_definition', 'ipc_mode', ecs.IpcMode],
  ['aws_ecs_task_definition', 'network_mode', ecs.NetworkMode],
  ['aws_ecs_task_definition', 'pid_mode', ecs.PidMode],
  ['aws_ecs_task_definition', 'requires_compatibilities', ecs.Compatibility],
  ['aws_flow_log', 'log_destination_type', ec2.LogDestinationType],
  ['aws_flow_log', 'traffic_type', ec2.TrafficType],
  ['aws_lb', 'ip_address_type', elbv2.IpAddressType],
  ['aws_lb', 'load_balancer_type', elbv2.LoadBalancerTypeEnum],
  ['aws_lb_listener', 'default_action.type', elbv2.ActionTypeEnum],
  ['aws_lb_listener', 'protocol', elbv2.ProtocolEnum],
  ['aws_lb_target_group', 'protocol', elbv2.ProtocolEnum],
  ['aws_lb_target_group', 'target_type', elbv2.TargetTypeEnum],
  ['aws_s3_bucket_ownership_controls', 'rule.object_ownership', s3.ObjectOwnership],
  ['aws_scheduler_schedule', 'action_after_completion', scheduler.ActionAfterCompletion],
  ['aws_scheduler_schedule', 'flexible_time_window.mode', scheduler.FlexibleTimeWindowMode],
  ['aws_ssm_parameter', 'tier', ssm.ParameterTier],
  ['aws_ssm_parameter', 'type', ssm.ParameterType],
];

describe('the rules', () => {
  it.each(sdkLists)('of %s %s have the values of the SDK', (type, path, values) => {
    expect([...(resourceRules[type]?.enums?.[path] ?? [])].sort()).toEqual(Object.values(values).sort());
  });

  it('name only arguments and blocks that the schema has', () => {
    const unknown = Object.entries(resourceRules).flatMap(([type, rules]) =>
      pathsOf(rules)
        .filter((path) => !hasPath(schema.resources[type], path.split('.')))
        .map((path) => `${type}: ${path}`),
    );
    expect(unknown).toEqual([]);
    for (const [type, { sensitive = [] }] of Object.entries(dataSourceRules))
      for (const path of sensitive) expect(hasPath(schema.dataSources[type], path.split('.'))).toBe(true);
  });

  it('mark secrets, inside blocks too', () => {
    const { resources } = withSensitive(schema);
    expect(resources.aws_db_instance?.attributes.password?.sensitive).toBe(true);
    const action = resources.aws_lb_listener?.block_types.default_action?.block;
    expect(action?.block_types.authenticate_oidc?.block.attributes.client_secret?.sensitive).toBe(true);
    expect(resources.aws_db_instance?.attributes.username?.sensitive).toBeUndefined();
  });
});

describe('a configuration', () => {
  const check = (type: string, written: Record<string, never> | object) => {
    const block = schema.resources[type];
    if (block === undefined) throw new Error(type);
    const found = checkConfig(block, { ...emptyValue(block), ...written }, resourceRules[type] ?? {});
    return found.map(({ summary, path }) => [summary, path.join('.')]);
  };

  it('is refused for what the provider decides', () => {
    expect(check('aws_vpc', { arn: 'arn:x' })).toEqual([['Value for unconfigurable attribute', 'arn']]);
  });

  it('is refused for a value that is none, at its place', () => {
    const setting = [{ name: 'containerInsights', value: 'on' }];
    expect(check('aws_ecs_cluster', { setting })).toEqual([
      ['Invalid value for setting.value', 'setting.value'],
    ]);
    expect(check('aws_cloudwatch_log_group', { retention_in_days: 10 })).toHaveLength(1);
    const action = [{ type: 'forwards' }];
    expect(check('aws_lb_listener', { default_action: action })).toEqual([
      ['Invalid value for default_action.type', 'default_action.0.type'],
    ]);
  });

  it('is refused for arguments that exclude each other', () => {
    const capacity = [{ capacity_provider: 'FARGATE', weight: 1, base: null }];
    const both = { launch_type: 'FARGATE', capacity_provider_strategy: capacity };
    expect(check('aws_ecs_service', both)).toEqual([['Conflicting configuration arguments', 'launch_type']]);
    expect(check('aws_route', { destination_cidr_block: '0.0.0.0/0' })).toHaveLength(1);
  });

  it('waits for what is not known yet', () => {
    const rule = { ip_protocol: 'tcp', cidr_ipv4: UNKNOWN };
    expect(check('aws_vpc_security_group_ingress_rule', rule)).toEqual([]);
    expect(check('aws_lb', { load_balancer_type: UNKNOWN })).toEqual([]);
  });
});

function pathsOf(rules: TypeRules): string[] {
  return [
    ...Object.keys(rules.defaults ?? {}),
    ...(rules.replaces ?? []).filter((path) => path !== '*'),
    ...(rules.recomputed ?? []),
    ...(rules.filled ?? []),
    ...(rules.sensitive ?? []),
    ...Object.keys(rules.enums ?? {}),
    ...(rules.conflicts ?? []).flat(),
    ...(rules.exactlyOne ?? []).flat(),
  ];
}

function hasPath(block: Block | undefined, [name = '', ...rest]: readonly string[]): boolean {
  if (block === undefined) return false;
  const nested = block.block_types[name];
  if (rest.length === 0) return nested !== undefined || block.attributes[name] !== undefined;
  return hasPath(nested?.block, rest);
}
