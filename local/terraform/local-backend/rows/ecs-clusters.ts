import { isList } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { fromSdk, toSdk } from '../sdk-names.ts';
import { first, plain, type Shape, shape, shapes } from '../shape.ts';
import { camel, camelTags, tags } from './ecs-names.ts';

const clusterFields = ['configuration', 'service_connect_defaults'];

/** Clusters and their capacity providers. */
export const clusterRows: Rows = {
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
