import type {
  CountedService,
  ServiceCount,
  ServiceCounts,
  ServiceName,
} from '../../autoscaling/service-counts.ts';
import { liveTasks, type Place, scopeKey } from './context.ts';
import { hasEnded } from './deployments.ts';
import type { Engine } from './engine.ts';
import { isPending, isRunning, type ServiceRecord } from './state.ts';

/** Lets Application Auto Scaling read and set the desired counts of an engine's services. */
export function serviceCountsOf(engine: Engine): ServiceCounts {
  const find = ({ accountId, region, cluster, service }: ServiceName) => {
    const scope = engine.context.state.scopes[scopeKey(accountId, region)];
    const home = scope?.clusters[cluster];
    const found = home?.services[service];
    return scope && home && found?.status === 'ACTIVE'
      ? { place: { scope, cluster: home }, found }
      : undefined;
  };
  return {
    read(name) {
      const service = find(name);
      return service && countOf(service.place, service.found);
    },
    list: () =>
      Object.values(engine.context.state.scopes).flatMap((scope) =>
        Object.values(scope.clusters).flatMap((cluster) => countedServices({ scope, cluster })),
      ),
    setDesiredCount(name, desiredCount) {
      const service = find(name);
      if (!service) return;
      const { found, place } = service;
      found.settings = { ...found.settings, desiredCount };
      engine.touch(place, found);
    },
  };
}

function countedServices({ scope, cluster }: Place): CountedService[] {
  const { accountId, region } = scope;
  const hasInsights = cluster.settings.some(({ value }) => value !== 'disabled');
  return Object.values(cluster.services)
    .filter(({ status }) => status === 'ACTIVE')
    .map((service) => ({
      name: { accountId, region, cluster: cluster.name, service: service.name },
      count: countOf({ scope, cluster }, service),
      hasInsights,
    }));
}

function countOf({ cluster }: Place, service: ServiceRecord): ServiceCount {
  const tasks = liveTasks(cluster, service);
  return {
    desiredCount: service.settings.desiredCount,
    runningCount: tasks.filter(isRunning).length,
    pendingCount: tasks.filter(isPending).length,
    isDeploying: service.serviceDeployments.some((deployment) => !hasEnded(deployment)),
  };
}
