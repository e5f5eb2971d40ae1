import type {
  Failure,
  ServiceDeployment,
  ServiceDeploymentAlarms,
  ServiceDeploymentBrief,
  ServiceDeploymentLifecycleStage,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import { liveTasks, type Place } from '../engine/context.ts';
import { shiftsTraffic } from '../engine/decide-lifecycle.ts';
import { hasEnded, setStatus } from '../engine/deployments.ts';
import { currentStep } from '../engine/service-lifecycle.ts';
import type { HookRecord, ScopeRecord, ServiceDeploymentRecord, ServiceRecord } from '../engine/state.ts';
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
  | 'StopServiceDeployment'
  | 'ContinueServiceDeployment';

const MOST_DESCRIBED = 20;

/** List- and DescribeServiceDeployments, StopServiceDeployment, ContinueServiceDeployment. */
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

    ContinueServiceDeployment(input, context) {
      const scope = enter(api, context);
      const { serviceDeploymentArn = '', hookId = '', action = 'CONTINUE' } = input;
      if (action !== 'CONTINUE' && action !== 'ROLLBACK') {
        throw invalid(`action ${action} is not valid; it is CONTINUE or ROLLBACK.`);
      }
      const found = findServiceDeployment(scope, serviceDeploymentArn);
      if (found === undefined) {
        throw new AwsFault('ServiceDeploymentNotFoundException', 'Service deployment not found.');
      }
      awaitedHook(found.deployment, hookId).status = action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED';
      api.engine.touch(found.place, found.service);
      return { serviceDeploymentArn };
    },
  };
}

/** Refuses too few, too many and malformed ARNs of a Describe call. */
export function assertArns(arns: readonly string[], kind: string): void {
  if (arns.length === 0) throw invalid(`At least one ${kind} ARN must be specified.`);
  if (arns.length > MOST_DESCRIBED) throw invalid(`At most ${MOST_DESCRIBED} ${kind} ARNs can be specified.`);
}

function awaitedHook(deployment: ServiceDeploymentRecord, hookId: string): HookRecord {
  const hook = deployment.hooks.find(({ id }) => id === hookId);
  if (hook === undefined) {
    throw invalid(`The service deployment has no lifecycle hook with the hookId ${hookId}.`);
  }
  if (hook.status !== 'AWAITING_ACTION') {
    throw invalid(`The lifecycle hook ${hookId} is not awaiting an action; its status is ${hook.status}.`);
  }
  return hook;
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
    sourceServiceRevisions: deployment.sourceRevisionArns.map((arn) => ({
      ...revisionSummary(service, arn, tasks),
      ...sourceTraffic(deployment, arn),
    })),
    targetServiceRevision: {
      ...revisionSummary(service, deployment.targetRevisionArn, tasks),
      ...trafficShown(deployment, deployment.traffic),
    },
    ...lifecycleView(deployment),
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

type Traffic = Pick<
  ServiceRevisionSummary,
  'requestedProductionTrafficWeight' | 'requestedTestTrafficWeight'
>;

function trafficShown(
  { deploymentConfiguration }: ServiceDeploymentRecord,
  { production, test }: { production: number; test: number },
): Traffic {
  if (!shiftsTraffic(deploymentConfiguration)) return {};
  return { requestedProductionTrafficWeight: production, requestedTestTrafficWeight: test };
}

/** The old revision has what the new one has not; any other has nothing. */
function sourceTraffic(deployment: ServiceDeploymentRecord, arn: string): Traffic {
  const { production, test } = deployment.traffic;
  const isBlue = deployment.blue?.revisionArn === arn;
  return trafficShown(deployment, {
    production: isBlue ? 100 - production : 0,
    test: isBlue ? 100 - test : 0,
  });
}

function lifecycleView(
  deployment: ServiceDeploymentRecord,
): Pick<ServiceDeployment, 'lifecycleStage' | 'lifecycleHookDetails'> {
  // PRE_PRODUCTION_TRAFFIC_SHIFT is in the text of this field and not in the SDK's list of its values.
  const stage = currentStep(deployment)?.stage as ServiceDeploymentLifecycleStage | undefined;
  return {
    ...(stage === undefined ? {} : { lifecycleStage: stage }),
    ...(deployment.hooks.length === 0 ? {} : { lifecycleHookDetails: deployment.hooks.map(hookView) }),
  };
}

function hookView(hook: HookRecord) {
  return {
    hookId: hook.id,
    targetType: hook.targetType,
    targetArn: hook.targetArn,
    status: hook.status,
    expiresAt: asDate(hook.expiresAt),
    timeoutAction: hook.timeoutAction,
  };
}
