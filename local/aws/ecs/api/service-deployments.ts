import type {
  Failure,
  ServiceDeployment,
  ServiceDeploymentAlarms,
  ServiceDeploymentBrief,
} from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import { liveTasks, type Place } from '../engine/context.ts';
import { hasEnded, setStatus } from '../engine/deployments.ts';
import type { ScopeRecord, ServiceDeploymentRecord, ServiceRecord } from '../engine/state.ts';
import {
  asDate,
  type EcsApi,
  type EcsHandlers,
  enter,
  findService,
  invalid,
  requireCluster,
} from './entry.ts';
import { page } from './pages.ts';
import { revisionSummary } from './service-view.ts';

type ServiceDeploymentOperations =
  | 'ListServiceDeployments'
  | 'DescribeServiceDeployments'
  | 'StopServiceDeployment';

const MOST_DESCRIBED = 20;

/** ListServiceDeployments, DescribeServiceDeployments, StopServiceDeployment. */
export function serviceDeploymentHandlers(api: EcsApi): Pick<EcsHandlers, ServiceDeploymentOperations> {
  return {
    ListServiceDeployments(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const service = findService(place, input.service ?? '');
      if (service === undefined) throw new AwsFault('ServiceNotFoundException', 'Service not found.');
      const { status = [], createdAt } = input;
      const wanted = service.serviceDeployments.filter(
        (deployment) =>
          (status.length === 0 || status.includes(deployment.status)) &&
          (createdAt?.after === undefined || deployment.createdAt >= createdAt.after.getTime()) &&
          (createdAt?.before === undefined || deployment.createdAt <= createdAt.before.getTime()),
      );
      const { items, ...next } = page(wanted, ({ arn }) => arn, input);
      return { serviceDeployments: items.map((item) => briefView(place, service, item)), ...next };
    },

    DescribeServiceDeployments(input, context) {
      const scope = enter(api, context);
      const arns = input.serviceDeploymentArns ?? [];
      assertArns(arns, 'service deployment');
      const serviceDeployments: ServiceDeployment[] = [];
      const failures: Failure[] = [];
      for (const arn of arns) {
        const found = findServiceDeployment(scope, arn);
        if (found === undefined) failures.push({ arn, reason: 'MISSING' });
        else serviceDeployments.push(fullView(found.place, found.service, found.deployment));
      }
      return { serviceDeployments, failures };
    },

    StopServiceDeployment(input, context) {
      const scope = enter(api, context);
      const arn = input.serviceDeploymentArn ?? '';
      if (input.stopType !== undefined && input.stopType !== 'ROLLBACK') {
        throw invalid(`stopType ${input.stopType} is not supported; the valid value is ROLLBACK.`);
      }
      const found = findServiceDeployment(scope, arn);
      if (found === undefined) {
        throw new AwsFault('ServiceDeploymentNotFoundException', 'Service deployment not found.');
      }
      requestRollback(api, found.place, found.service, found.deployment);
      return { serviceDeploymentArn: arn };
    },
  };
}

/** Refuses too few, too many and malformed ARNs of a Describe call. */
export function assertArns(arns: readonly string[], kind: string): void {
  if (arns.length === 0) throw invalid(`At least one ${kind} ARN must be specified.`);
  if (arns.length > MOST_DESCRIBED) throw invalid(`At most ${MOST_DESCRIBED} ${kind} ARNs can be specified.`);
}

function requestRollback(
  api: EcsApi,
  place: Place,
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
): void {
  if (hasEnded(deployment)) {
    throw new AwsFault(
      'ConflictException',
      `The service deployment cannot be stopped because its status is ${deployment.status}.`,
    );
  }
  if (deployment.status !== 'PENDING' && deployment.status !== 'IN_PROGRESS') return;
  const { now } = api.engine.context.state;
  deployment.rollbackRequestedAt = now;
  deployment.startedAt ??= now;
  setStatus(deployment, 'ROLLBACK_REQUESTED', now);
  api.engine.touch(place, service);
}

function findServiceDeployment(
  scope: ScopeRecord,
  arn: string,
): { place: Place; service: ServiceRecord; deployment: ServiceDeploymentRecord } | undefined {
  const [, clusterName = '', serviceName = ''] = arn.split('/');
  const cluster = scope.clusters[clusterName];
  const service = cluster?.services[serviceName];
  const deployment = service?.serviceDeployments.find((candidate) => candidate.arn === arn);
  return cluster && service && deployment ? { place: { scope, cluster }, service, deployment } : undefined;
}

function briefView(
  { cluster }: Place,
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
): ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: deployment.arn,
    serviceArn: service.arn,
    clusterArn: cluster.arn,
    createdAt: asDate(deployment.createdAt),
    startedAt: asDate(deployment.startedAt),
    finishedAt: asDate(deployment.finishedAt),
    targetServiceRevisionArn: deployment.targetRevisionArn,
    status: deployment.status,
    statusReason: deployment.statusReason,
  };
}

function fullView(
  place: Place,
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
): ServiceDeployment {
  const tasks = liveTasks(place.cluster, service);
  const { targetServiceRevisionArn, ...brief } = briefView(place, service, deployment);
  const { rollback } = deployment;
  return {
    ...brief,
    stoppedAt: asDate(deployment.stoppedAt),
    updatedAt: asDate(deployment.updatedAt),
    sourceServiceRevisions: deployment.sourceRevisionArns.map((arn) => revisionSummary(service, arn, tasks)),
    targetServiceRevision: revisionSummary(service, deployment.targetRevisionArn, tasks),
    deploymentConfiguration: deployment.deploymentConfiguration,
    deploymentCircuitBreaker: deployment.circuitBreaker,
    alarms: alarmsView(deployment),
    ...(rollback === undefined
      ? {}
      : {
          rollback: {
            reason: rollback.reason,
            startedAt: asDate(rollback.startedAt),
            serviceRevisionArn: rollback.revisionArn,
          },
        }),
  };
}

function alarmsView({ alarms }: ServiceDeploymentRecord): ServiceDeploymentAlarms {
  const { status, names, triggered } = alarms;
  if (status === 'DISABLED') return { status };
  return { status, alarmNames: names, ...(triggered.length === 0 ? {} : { triggeredAlarmNames: triggered }) };
}
