import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { deploymentBlocks, deploymentConfiguration } from './ecs-deployment.ts';
import { camel, camelTags, tags } from './ecs-names.ts';

/** Services. */
export const serviceRows: Rows = {
  aws_ecs_service: {
    service: 'ecs',
    create: [
      {
        command: 'CreateService',
        input: (value, at) => ({
          ...serviceSettings(value, at),
          serviceName: value.name,
          schedulingStrategy: value.scheduling_strategy,
          desiredCount: value.desired_count ?? 0,
          tags: camelTags(value),
          ...present({
            cluster: value.cluster,
            launchType: value.launch_type,
            deploymentController: toSdk(at.block, value, camel, ['deployment_controller'])
              .deploymentController,
          }),
        }),
        result: ({ service }) => ({
          id: plain(shape(service).serviceArn),
          arn: plain(shape(service).serviceArn),
        }),
      },
    ],
    read: [
      {
        command: 'DescribeServices',
        input: ({ id, cluster }) => present({ cluster, services: [id] }),
        state: (answer, state, at) => {
          const service = first(answer.services);
          return !service || service.status === 'INACTIVE' ? null : serviceState(service, state, at);
        },
      },
    ],
    update: [
      {
        command: 'UpdateService',
        input: (value, at, prior) => {
          const isSame = (name: string) => prior !== undefined && prior[name] === value[name];
          const { desiredCount: _, taskDefinition, ...settings } = serviceSettings(value, at);
          return {
            ...settings,
            service: value.id,
            ...present({ cluster: value.cluster }),
            ...(!isSame('desired_count') && { desiredCount: value.desired_count ?? 0 }),
            ...(!isSame('task_definition') && { taskDefinition }),
          };
        },
      },
    ],
    delete: [
      {
        command: 'UpdateService',
        input: ({ id, cluster }) => ({ ...present({ cluster }), service: id, desiredCount: 0 }),
      },
      {
        command: 'DeleteService',
        input: ({ id, cluster }) => ({ ...present({ cluster }), service: id, force: true }),
      },
    ],
    settled: async (at, value) => value.wait_for_steady_state !== true || (await isSteady(at, value)),
    gone: async (at, { id, cluster }) => {
      const { services } = await at.call('ecs', 'DescribeServices', present({ cluster, services: [id] }));
      const service = first(services);
      return service === undefined || service.status === 'INACTIVE';
    },
    tags,
    import: (id) => {
      const [cluster = '', name = ''] = id.split('/');
      return { id: name, name, cluster };
    },
  },
};

function serviceSettings(value: Known, at: At): Shape {
  const names = [
    'availability_zone_rebalancing',
    'capacity_provider_strategy',
    'enable_ecs_managed_tags',
    'enable_execute_command',
    'health_check_grace_period_seconds',
    'ordered_placement_strategy',
    'placement_constraints',
    'platform_version',
    'propagate_tags',
    'service_connect_configuration',
    'task_definition',
  ];
  const sdk = toSdk(at.block, value, camel, names);
  const { orderedPlacementStrategy, ...rest } = sdk;
  return {
    ...rest,
    ...present({ placementStrategy: orderedPlacementStrategy }),
    deploymentConfiguration: deploymentConfiguration(value, at.block),
    loadBalancers: toSdk(at.block, value, camel, ['load_balancer']).loadBalancer ?? [],
    serviceRegistries: registriesOf(value, at),
    ...present({ networkConfiguration: networkOf(value) }),
  };
}

function registriesOf(value: Known, { block }: At): Shape[] {
  const { serviceRegistries } = toSdk(block, value, camel, ['service_registries']);
  return serviceRegistries === undefined ? [] : [shape(serviceRegistries)];
}

function networkOf({ network_configuration: blocks }: Known): Shape | undefined {
  const [block] = isList(blocks) ? blocks : [];
  if (!isObject(block)) return undefined;
  const assignPublicIp = block.assign_public_ip === true ? 'ENABLED' : 'DISABLED';
  return {
    awsvpcConfiguration: {
      ...present({ subnets: block.subnets, securityGroups: block.security_groups }),
      assignPublicIp,
    },
  };
}

function serviceState(service: Shape, state: Known, { block }: At): ObjectValue {
  const network = shape(shape(service.networkConfiguration).awsvpcConfiguration);
  const hasNetwork = texts(network.subnets).length > 0;
  const balancers: Naming = { ...camel, names: { ...camel.names, load_balancer: 'loadBalancers' } };
  return {
    ...fromSdk(block, service, camel, [
      'availability_zone_rebalancing',
      'capacity_provider_strategy',
      'desired_count',
      'enable_ecs_managed_tags',
      'enable_execute_command',
      'health_check_grace_period_seconds',
      'launch_type',
      'platform_version',
      'scheduling_strategy',
      'service_registries',
      'task_definition',
    ]),
    ...fromSdk(block, service, balancers, ['load_balancer']),
    ...deploymentBlocks(shape(service.deploymentConfiguration), block),
    name: plain(service.serviceName),
    propagate_tags: propagation(service, state),
    arn: plain(service.serviceArn),
    id: plain(service.serviceArn),
    cluster: clusterIn(state.cluster ?? null, text(service.clusterArn)),
    deployment_controller: [{ type: text(shape(service.deploymentController).type) || 'ECS' }],
    network_configuration: hasNetwork ? [networkState(network)] : [],
  };
}

/** Not to propagate and not to say so are the same. */
function propagation({ propagateTags }: Shape, { propagate_tags: written }: Known): Value {
  return propagateTags === 'NONE' ? (written === 'NONE' ? written : null) : plain(propagateTags);
}

function networkState(network: Shape): ObjectValue {
  return {
    subnets: texts(network.subnets),
    security_groups: texts(network.securityGroups),
    assign_public_ip: network.assignPublicIp === 'ENABLED',
  };
}

/** A cluster may be written as name or ARN: the state keeps the words of the configuration. */
function clusterIn(written: Value, arn: string): Value {
  return written !== null && (written === arn || arn.endsWith(`/${text(written)}`)) ? written : arn;
}

async function isSteady(at: At, { id, cluster }: Known): Promise<boolean> {
  const { services } = await at.call('ecs', 'DescribeServices', present({ cluster, services: [id] }));
  const service = first(services) ?? {};
  return shapes(service.deployments).length === 1 && service.runningCount === service.desiredCount;
}
