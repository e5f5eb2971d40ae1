import type { PlannedResource, Values } from '../../terraform/plan-json.ts';
import type { Priced } from './price-table.ts';
import { blocksOf, numberOf, shareTasks } from './task-share.ts';

/** How many tasks a service runs at the least and at the most, and what one strategy makes of them. */
export interface ServiceTasks {
  readonly least: number;
  readonly most: number;
  priced(count: number): readonly Priced[];
  /** What is not counted, in words. */
  readonly leftOut: readonly string[];
}

/**
 * The tasks of one `aws_ecs_service` among the resources of its plan: its count or its scaling's bounds, the size
 * from the task definition made beside it, the capacity from its own strategy or the cluster's. `undefined` when the
 * plan does not tell the size, or the tasks run on instances.
 */
export function tryServiceTasks(
  service: PlannedResource,
  all: readonly PlannedResource[],
): ServiceTasks | undefined {
  const definition = definitionOf(service, all);
  const [cpu, memory] = [numberOf(definition?.cpu), numberOf(definition?.memory)];
  if (cpu === 0 || memory === 0 || service.values.launch_type === 'EC2') return undefined;
  const arm = blocksOf(definition ?? {}, 'runtime_platform').some(
    (platform) => platform.cpu_architecture === 'ARM64',
  );
  const strategy = strategyOf(service, all);
  const target = scalingOf(service, all);
  const least = numberOf(target?.min_capacity ?? service.values.desired_count);
  const storage = blocksOf(definition ?? {}, 'ephemeral_storage').some(
    (one) => numberOf(one.size_in_gib) > 20,
  );
  return {
    least,
    most: Math.max(least, numberOf(target?.max_capacity)),
    priced: (count) => {
      const { onDemand, spot } = shareTasks(count, strategy ?? []);
      const kind = arm ? 'arm' : 'x86';
      return [
        ...sized(`fargate-${kind}`, onDemand, cpu, memory),
        ...sized(`fargate-spot-${kind}`, spot, cpu, memory),
      ];
    },
    leftOut: [
      ...(strategy ? [] : ['whether its tasks run on Spot: the cluster is not in this plan']),
      ...(storage ? ['ephemeral storage above 20 GB'] : []),
    ],
  };
}

function sized(price: string, tasks: number, cpu: number, memory: number): Priced[] {
  if (tasks === 0) return [];
  return [
    { price: `${price}-vcpu`, quantity: (tasks * cpu) / 1024, per: 'hour' },
    { price: `${price}-gb`, quantity: (tasks * memory) / 1024, per: 'hour' },
  ];
}

/** Its ARN is not known before the apply, but both are made by the same module. */
function definitionOf(service: PlannedResource, all: readonly PlannedResource[]): Values | undefined {
  const definitions = all.filter(({ type }) => type === 'aws_ecs_task_definition');
  const named = definitions.find(({ values }) => isNamed(service.values.task_definition, values));
  const beside = definitions.filter(({ address }) => moduleOf(address) === moduleOf(service.address));
  return (named ?? (beside.length === 1 ? beside[0] : undefined))?.values;
}

function isNamed(reference: unknown, { arn, family }: Values): boolean {
  if (typeof reference !== 'string') return false;
  return reference === arn || reference.replace(/^.*task-definition\//, '').split(':')[0] === family;
}

/** `module.service["web"].aws_ecs_service.rolling["this"]` → `module.service["web"].` */
function moduleOf(address: string): string {
  return /^((?:module\.[^."[]+(?:\[(?:"[^"]*"|\d+)\])?\.)*)/.exec(address)?.[1] ?? '';
}

/** The cluster's strategy counts only where the service names neither a strategy nor a launch type. */
function strategyOf(service: PlannedResource, all: readonly PlannedResource[]): Values[] | undefined {
  const own = blocksOf(service.values, 'capacity_provider_strategy');
  if (own.length > 0) return own;
  if (service.values.launch_type === 'FARGATE') return [];
  const clusters = all.filter(({ type }) => type === 'aws_ecs_cluster_capacity_providers');
  const found =
    clusters.find(({ values }) => values.cluster_name === clusterNameOf(service.values.cluster)) ??
    (service.values.cluster === undefined && clusters.length === 1 ? clusters[0] : undefined);
  return found && blocksOf(found.values, 'default_capacity_provider_strategy');
}

function scalingOf(service: PlannedResource, all: readonly PlannedResource[]): Values | undefined {
  return all.find(
    ({ type, values }) =>
      type === 'aws_appautoscaling_target' &&
      values.scalable_dimension === 'ecs:service:DesiredCount' &&
      String(values.resource_id).split('/').at(-1) === service.values.name,
  )?.values;
}

/** A service names its cluster by ARN or by name. */
function clusterNameOf(cluster: unknown): string | undefined {
  return typeof cluster === 'string' ? cluster.split('/').at(-1) : undefined;
}
