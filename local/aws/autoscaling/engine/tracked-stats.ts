import type { MetricPlace, MetricStat } from './metrics.ts';
import { serviceNameOf } from './service-name.ts';
import type { AutoScalingState } from './state.ts';
import { trackedMetricOf } from './tracked-metric.ts';

/** Every metric that some policy looks at, and where. */
export function trackedStats(state: AutoScalingState): { place: MetricPlace; stat: MetricStat }[] {
  return Object.values(state.scopes).flatMap((scope) => {
    const place = { accountId: scope.accountId, region: scope.region };
    return Object.values(scope.targets).flatMap(({ resourceId, policies }) =>
      policies.flatMap(({ configuration }) => {
        const { stats } = trackedMetricOf(serviceNameOf(scope, resourceId), configuration);
        return [...stats.values()].map((stat) => ({ place, stat }));
      }),
    );
  });
}
