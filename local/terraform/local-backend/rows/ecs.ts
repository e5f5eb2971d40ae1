import { isList, isObject, type ObjectValue, type Value } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text, texts } from '../shape.ts';
import { allTags, tagList, tagsByArn } from '../tags.ts';
import { deploymentBlocks, deploymentConfiguration } from './ecs-deployment.ts';

const camel: Naming = {
  style: 'camel',
  names: { size_in_gib: 'sizeInGiB', enable_ecs_managed_tags: 'enableECSManagedTags' },
};
const tags = tagsByArn({ arn: 'resourceArn', tags: 'tags', keys: 'tagKeys', style: 'camel' });
const camelTags = (value: Known) => tagList(allTags(value), 'camel');
const clusterFields = ['configuration', 'service_connect_defaults'];

export const ecsRows: Rows = {
  aws_ecs_cluster: {
    service: 'ecs',
    create: [
      {
        command: 'CreateCluster',
        input: (value, { block }) => ({
          clusterName: value.name,
          settings: settingsOf(value),
          tags: camelTags(value),
          ...toSdk(block, value, camel, clusterFields),
        }),
        result: ({ cluster }) => ({
          id: plain(shape(cluster).clusterArn),
          arn: plain(shape(cluster).clusterArn),
        }),
      },
    ],
    read: [
      {
        command: 'DescribeClusters',
        input: ({ id }) => ({ clusters: [id], include: ['SETTINGS', 'CONFIGURATIONS'] }),
        state: (answer, _, { block }) => {
          const cluster = first(answer.clusters);
          if (!cluster || cluster.status === 'INACTIVE') return null;
          const found = fromSdk(block, cluster, camel, clusterFields);
          const setting = shapes(cluster.settings).map(({ name, value }) => ({
            name: plain(name),
            value: plain(value),
          }));
          return { ...found, name: plain(cluster.clusterName), arn: plain(cluster.clusterArn), setting };
        },
      },
    ],
    update: [
      {
        command: 'UpdateCluster',
        names: ['setting', ...clusterFields],
        input: (value, { block }) => ({
          cluster: value.id,
          settings: settingsOf(value),
          ...toSdk(block, value, camel, clusterFields),
        }),
      },
    ],
    delete: [{ command: 'DeleteCluster', input: ({ id }) => ({ cluster: id }) }],
    tags,
  },
  aws_ecs_cluster_capacity_providers: {
    service: 'ecs',
    create: [{ ...putCapacityProviders(), result: (_, { cluster_name: name }) => ({ id: name ?? null }) }],
    read: [
      {
        command: 'DescribeClusters',
        input: ({ id }) => ({ clusters: [id] }),
        state: (answer, { id }, { block }) => {
          const cluster = first(answer.clusters);
          if (!cluster || cluster.status === 'INACTIVE') return null;
          const found = fromSdk(block, cluster, camel, [
            'capacity_providers',
            'default_capacity_provider_strategy',
          ]);
          return { ...found, cluster_name: id ?? null };
        },
      },
    ],
    update: [putCapacityProviders()],
    delete: [
      {
        command: 'PutClusterCapacityProviders',
        input: ({ id }) => ({ cluster: id, capacityProviders: [], defaultCapacityProviderStrategy: [] }),
      },
    ],
  },
  aws_ecs_task_definition: {
    service: 'ecs',
    create: [
      {
        command: 'RegisterTaskDefinition',
        input: (value, at) => ({ ...taskDefinition(value, at), tags: camelTags(value) }),
        result: ({ taskDefinition: made }) => revisionOf(shape(made)),
      },
    ],
    read: [
      {
        command: 'DescribeTaskDefinition',
        input: ({ arn, family, track_latest: latest }) => ({ taskDefinition: latest ? family : arn }),
        state: ({ taskDefinition: found }, state, { block }) => {
          const made = shape(found);
          if (made.status === 'INACTIVE') return null;
          return {
            ...fromSdk(block, made, camel, [
              'cpu',
              'memory',
              'network_mode',
              'execution_role_arn',
              'task_role_arn',
            ]),
            ...fromSdk(block, made, camel, [
              'family',
              'requires_compatibilities',
              'runtime_platform',
              'ephemeral_storage',
            ]),
            ...revisionOf(made),
            // A revision never changes: the text that was registered stays as it was written.
            container_definitions: state.container_definitions ?? JSON.stringify(made.containerDefinitions),
          };
        },
      },
    ],
    delete: [
      {
        command: 'DeregisterTaskDefinition',
        when: ({ skip_destroy: kept }) => kept !== true,
        input: ({ arn }) => ({ taskDefinition: arn }),
      },
    ],
    tags,
    import: (id) => ({ arn: id }),
  },
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

function putCapacityProviders() {
  return {
    command: 'PutClusterCapacityProviders',
    input: (value: Known, { block }: At) => ({
      cluster: value.cluster_name,
      capacityProviders: value.capacity_providers ?? [],
      defaultCapacityProviderStrategy:
        toSdk(block, value, camel, ['default_capacity_provider_strategy']).defaultCapacityProviderStrategy ??
        [],
    }),
  };
}

function settingsOf({ setting }: Known): Shape[] | undefined {
  return isList(setting) && setting.length > 0 ? shapes(setting) : undefined;
}

function taskDefinition(value: Known, { block }: At): Shape {
  const names = [
    'family',
    'cpu',
    'memory',
    'network_mode',
    'execution_role_arn',
    'task_role_arn',
    'requires_compatibilities',
    'runtime_platform',
    'ephemeral_storage',
    'pid_mode',
    'ipc_mode',
    'placement_constraints',
  ];
  const volumes = (isList(value.volume) ? value.volume : []).filter(isObject).map((volume) => ({
    name: volume.name,
    ...(volume.host_path && { host: { sourcePath: volume.host_path } }),
  }));
  return {
    ...toSdk(block, value, camel, names),
    containerDefinitions: JSON.parse(text(value.container_definitions)),
    ...(volumes.length > 0 && { volumes }),
  };
}

function revisionOf(made: Shape): ObjectValue {
  const arn = text(made.taskDefinitionArn);
  return {
    id: plain(made.family),
    arn,
    arn_without_revision: arn.replace(/:\d+$/, ''),
    revision: plain(made.revision),
  };
}

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
