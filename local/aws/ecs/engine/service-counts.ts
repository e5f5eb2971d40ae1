import type { ServiceCounts, ServiceName } from '../../autoscaling/service-counts.ts';
import { liveTasks, type Place, scopeKey } from './context.ts';
import { hasEnded } from './deployments.ts';
import type { Engine } from './engine.ts';
import { isRunning, type ServiceRecord } from './state.ts';

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
    setDesiredCount(name, desiredCount) {
      const service = find(name);
      if (!service) return;
      const { found, place } = service;
      found.settings = { ...found.settings, desiredCount };
      engine.touch(place, found);
    },
  };
}

function countOf({ cluster }: Place, service: ServiceRecord) {
  return {
    desiredCount: service.settings.desiredCount,
    runningCount: liveTasks(cluster, service).filter(isRunning).length,
    isDeploying: service.serviceDeployments.some((deployment) => !hasEnded(deployment)),
  };
}
