import type { Failure, ServiceRevision } from '@aws-sdk/client-ecs';
import { type EcsApi, type EcsHandlers, enter } from './entry.ts';
import { assertArns } from './service-deployments.ts';
import { revisionView } from './service-view.ts';

/** DescribeServiceRevisions. */
export function serviceRevisionHandlers(api: EcsApi): Pick<EcsHandlers, 'DescribeServiceRevisions'> {
  return {
    DescribeServiceRevisions(input, context) {
      const scope = enter(api, context);
      const arns = input.serviceRevisionArns ?? [];
      assertArns(arns, 'service revision');
      const serviceRevisions: ServiceRevision[] = [];
      const failures: Failure[] = [];
      for (const arn of arns) {
        const [, clusterName = '', serviceName = ''] = arn.split('/');
        const cluster = scope.clusters[clusterName];
        const service = cluster?.services[serviceName];
        const revision = service?.revisions[arn];
        if (cluster && service && revision) {
          serviceRevisions.push(revisionView({ scope, cluster }, service, revision));
        } else failures.push({ arn, reason: 'MISSING' });
      }
      return { serviceRevisions, failures };
    },
  };
}
