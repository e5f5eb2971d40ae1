import type {
  Cluster,
  ClusterField,
  ClusterSetting,
  Failure,
  UpdateClusterRequest,
} from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import { ecsArn, lastPart } from '../engine/identifiers.ts';
import { type ClusterRecord, isPending, isRunning, type ScopeRecord } from '../engine/state.ts';
import { type EcsApi, type EcsHandlers, enter, findCluster, invalid, requireCluster } from './entry.ts';
import { page } from './pages.ts';
import { setTags, tagsOf } from './tags.ts';

type ClusterOperations =
  | 'CreateCluster'
  | 'DescribeClusters'
  | 'ListClusters'
  | 'UpdateCluster'
  | 'UpdateClusterSettings'
  | 'PutClusterCapacityProviders'
  | 'DeleteCluster';

const ALL_FIELDS: readonly ClusterField[] = ['CONFIGURATIONS', 'SETTINGS', 'TAGS'];
const NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,254}$/;

/** Everything that is asked of clusters. */
export function clusterHandlers(api: EcsApi): Pick<EcsHandlers, ClusterOperations> {
  return {
    CreateCluster(input, context) {
      const scope = enter(api, context);
      const name = input.clusterName ?? 'default';
      if (!NAME.test(name))
        throw invalid('Identifier must start with a letter and only contain letters, digits, - and _.');
      const cluster = createCluster(scope, name);
      change(cluster, input);
      if (input.capacityProviders !== undefined) cluster.capacityProviders = input.capacityProviders;
      if (input.defaultCapacityProviderStrategy !== undefined)
        cluster.defaultStrategy = input.defaultCapacityProviderStrategy;
      setTags(scope, cluster.arn, input.tags);
      return { cluster: clusterView(scope, cluster, ['SETTINGS', 'TAGS']) };
    },

    DescribeClusters(input, context) {
      const scope = enter(api, context);
      const clusters: Cluster[] = [];
      const failures: Failure[] = [];
      for (const reference of input.clusters ?? ['default']) {
        const cluster = findCluster(scope, reference);
        if (cluster !== undefined) clusters.push(clusterView(scope, cluster, input.include ?? []));
        else failures.push({ arn: ecsArn(scope, `cluster/${lastPart(reference)}`), reason: 'MISSING' });
      }
      return { clusters, failures };
    },

    ListClusters(input, context) {
      const scope = enter(api, context);
      const active = Object.values(scope.clusters).filter(({ status }) => status === 'ACTIVE');
      const arns = active.map(({ arn }) => arn).sort();
      const { items, ...next } = page(arns, (arn) => arn, input);
      return { clusterArns: items, ...next };
    },

    UpdateCluster(input, context) {
      const scope = enter(api, context);
      const { cluster } = requireCluster(scope, input.cluster);
      change(cluster, input);
      return { cluster: clusterView(scope, cluster, ALL_FIELDS) };
    },

    UpdateClusterSettings(input, context) {
      const scope = enter(api, context);
      const { cluster } = requireCluster(scope, input.cluster);
      change(cluster, input);
      return { cluster: clusterView(scope, cluster, ALL_FIELDS) };
    },

    PutClusterCapacityProviders(input, context) {
      const scope = enter(api, context);
      const { cluster } = requireCluster(scope, input.cluster);
      const providers = input.capacityProviders ?? [];
      for (const { capacityProvider = '' } of input.defaultCapacityProviderStrategy ?? []) {
        if (!providers.includes(capacityProvider))
          throw invalid(`The capacity provider ${capacityProvider} is not associated with the cluster.`);
      }
      cluster.capacityProviders = providers;
      cluster.defaultStrategy = input.defaultCapacityProviderStrategy;
      return { cluster: clusterView(scope, cluster, ALL_FIELDS) };
    },

    DeleteCluster(input, context) {
      const scope = enter(api, context);
      const cluster = findCluster(scope, input.cluster);
      if (cluster === undefined) throw new AwsFault('ClusterNotFoundException', 'Cluster not found.');
      assertEmpty(cluster);
      cluster.status = 'INACTIVE';
      return { cluster: clusterView(scope, cluster, []) };
    },
  };
}

type ClusterChange = Pick<UpdateClusterRequest, 'configuration' | 'serviceConnectDefaults' | 'settings'>;

/** Sets what a request names and leaves the rest. */
function change(
  cluster: ClusterRecord,
  { settings, configuration, serviceConnectDefaults }: ClusterChange,
): void {
  if (settings !== undefined) cluster.settings = settings.map(insights);
  if (configuration !== undefined) cluster.configuration = configuration;
  if (serviceConnectDefaults !== undefined) cluster.serviceConnectDefaults = serviceConnectDefaults;
}

const insights = ({ value }: ClusterSetting) => ({ name: 'containerInsights' as const, value: value ?? '' });

/** The ACTIVE cluster of that name, made if there is none: CreateCluster may be repeated. */
function createCluster(scope: ScopeRecord, name: string): ClusterRecord {
  const existing = scope.clusters[name];
  if (existing?.status === 'ACTIVE') return existing;
  const cluster: ClusterRecord = {
    name,
    arn: ecsArn(scope, `cluster/${name}`),
    status: 'ACTIVE',
    settings: [{ name: 'containerInsights', value: 'disabled' }],
    capacityProviders: [],
    services: {},
    tasks: {},
  };
  scope.clusters[name] = cluster;
  return cluster;
}

function assertEmpty(cluster: ClusterRecord): void {
  if (Object.values(cluster.services).some(({ status }) => status !== 'INACTIVE')) {
    throw new AwsFault(
      'ClusterContainsServicesException',
      'The Cluster cannot be deleted while Services are active.',
    );
  }
  if (Object.values(cluster.tasks).some(({ lastStatus }) => lastStatus !== 'STOPPED')) {
    throw new AwsFault(
      'ClusterContainsTasksException',
      'The Cluster cannot be deleted while Tasks are active.',
    );
  }
}

function clusterView(scope: ScopeRecord, cluster: ClusterRecord, include: readonly ClusterField[]): Cluster {
  const tasks = Object.values(cluster.tasks);
  return {
    clusterArn: cluster.arn,
    clusterName: cluster.name,
    status: cluster.status,
    registeredContainerInstancesCount: 0,
    runningTasksCount: tasks.filter(isRunning).length,
    pendingTasksCount: tasks.filter(isPending).length,
    activeServicesCount: Object.values(cluster.services).filter(({ status }) => status === 'ACTIVE').length,
    statistics: [],
    tags: include.includes('TAGS') ? tagsOf(scope, cluster.arn) : [],
    settings: include.includes('SETTINGS') ? cluster.settings : [],
    capacityProviders: cluster.capacityProviders,
    defaultCapacityProviderStrategy: cluster.defaultStrategy ?? [],
    configuration: include.includes('CONFIGURATIONS') ? cluster.configuration : undefined,
    serviceConnectDefaults: cluster.serviceConnectDefaults,
  };
}
