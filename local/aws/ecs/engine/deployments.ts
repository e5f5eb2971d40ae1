import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import type { EngineContext } from './context.ts';
import { circuitBreakerThreshold } from './decide-circuit-breaker.ts';
import { shiftsTraffic } from './decide-lifecycle.ts';
import { ecsArn, newDeploymentId, newServiceDeploymentId } from './identifiers.ts';
import { EVENT, tell } from './service-events.ts';
import { isOpen } from './service-hooks.ts';
import type {
  DeploymentRecord,
  RevisionRecord,
  ScopeRecord,
  ServiceDeploymentRecord,
  ServiceDeploymentState,
  ServiceRecord,
} from './state.ts';

const ENDED: readonly ServiceDeploymentState[] = [
  'SUCCESSFUL',
  'STOPPED',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
];

export const hasEnded = (deployment: ServiceDeploymentRecord): boolean => ENDED.includes(deployment.status);

/**
 * Puts a revision to work: a new PRIMARY, and a service deployment in PENDING that carries it. Those under way
 * are asked to stop.
 */
export function startServiceDeployment(
  context: EngineContext,
  { scope, clusterName }: { scope: ScopeRecord; clusterName: string },
  service: ServiceRecord,
  revision: RevisionRecord,
): DeploymentRecord {
  const { now } = context.state;
  const id = newServiceDeploymentId(context.random);
  const { deploymentConfiguration, desiredCount } = service.settings;
  const breaker = deploymentConfiguration.deploymentCircuitBreaker;
  const record: ServiceDeploymentRecord = {
    arn: ecsArn(scope, `service-deployment/${clusterName}/${service.name}/${id}`),
    status: 'PENDING',
    statusReason: undefined,
    createdAt: now,
    startedAt: undefined,
    finishedAt: undefined,
    stoppedAt: undefined,
    updatedAt: now,
    sourceRevisionArns: [...new Set(service.deployments.map((deployment) => deployment.revisionArn))],
    targetRevisionArn: revision.arn,
    deploymentConfiguration,
    rollback: undefined,
    rollbackRequestedAt: undefined,
    circuitBreaker: {
      status: breaker?.enable && !shiftsTraffic(deploymentConfiguration) ? 'MONITORING' : 'DISABLED',
      failureCount: 0,
      threshold: circuitBreakerThreshold(breaker, desiredCount),
    },
    alarms: newAlarmWatch(deploymentConfiguration),
    bakeUntil: undefined,
    blue: service.production,
    lifecycle: undefined,
    traffic: { production: 0, test: 0 },
    hooks: [],
  };
  for (const other of service.serviceDeployments) {
    if (other.status === 'PENDING' || other.status === 'IN_PROGRESS') setStatus(other, 'STOP_REQUESTED', now);
  }
  service.revisions[revision.arn] = revision;
  service.serviceDeployments.unshift(record);
  return pushPrimary(context, service, revision.arn, record.arn, now + context.timings.deploymentStartMs);
}

function newAlarmWatch({ alarms }: DeploymentConfiguration): ServiceDeploymentRecord['alarms'] {
  const isOn = alarms?.enable ?? false;
  return {
    status: isOn ? 'MONITORING' : 'DISABLED',
    names: isOn ? [...(alarms?.alarmNames ?? [])] : [],
    ignored: undefined,
    triggered: [],
  };
}

/** Adds a deployment as the service's PRIMARY; the scheduler begins with it at `startsAt`. */
export function pushPrimary(
  context: EngineContext,
  service: ServiceRecord,
  revisionArn: string,
  serviceDeploymentArn: string,
  startsAt: number,
): DeploymentRecord {
  const { now } = context.state;
  for (const deployment of service.deployments) {
    if (deployment.status === 'PRIMARY') deployment.updatedAt = now;
    deployment.status = 'ACTIVE';
  }
  const id = newDeploymentId(context.random);
  const primary: DeploymentRecord = {
    id,
    revisionArn,
    serviceDeploymentArn,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    createdAt: now,
    updatedAt: now,
    startsAt,
    isRollback: false,
    failedTasks: 0,
    failureCount: 0,
    backOffLevel: 0,
    launchNotBefore: startsAt,
    toldImpairedAt: undefined,
    toldStuckAt: undefined,
    replacesAll: false,
  };
  service.deployments.unshift(primary);
  service.steadyToldAt = undefined;
  return primary;
}

/** The service deployment that a deployment of the list belongs to. */
export function serviceDeploymentOf(
  service: ServiceRecord,
  deployment: DeploymentRecord,
): ServiceDeploymentRecord | undefined {
  return service.serviceDeployments.find((candidate) => candidate.arn === deployment.serviceDeploymentArn);
}

/** Moves a service deployment to `status`; a final one also gets its end times. */
export function setStatus(
  deployment: ServiceDeploymentRecord,
  status: ServiceDeploymentState,
  now: number,
  reason?: string,
): void {
  deployment.status = status;
  deployment.updatedAt = now;
  if (reason !== undefined) deployment.statusReason = reason;
  // A hook of a deployment that no longer goes on is waited for by nobody.
  if (status !== 'IN_PROGRESS') deployment.hooks = deployment.hooks.filter((hook) => !isOpen(hook));
  if (!hasEnded(deployment)) return;
  deployment.finishedAt = now;
  if (status === 'STOPPED') deployment.stoppedAt = now;
  if (deployment.circuitBreaker.status === 'MONITORING') {
    deployment.circuitBreaker.status = 'MONITORING_COMPLETE';
  }
  if (deployment.alarms.status === 'MONITORING') deployment.alarms.status = 'MONITORING_COMPLETE';
}

/** Lets the scheduler begin with a pending service deployment; those it replaces end STOPPED. */
export function beginServiceDeployment(
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
  now: number,
): void {
  deployment.startedAt = now;
  setStatus(deployment, 'IN_PROGRESS', now);
  stopSuperseded(service, deployment, now);
}

/** Ends every other service deployment that has not ended. */
export function stopSuperseded(service: ServiceRecord, newer: ServiceDeploymentRecord, now: number): void {
  for (const other of service.serviceDeployments) {
    if (other === newer || hasEnded(other)) continue;
    setStatus(other, 'STOPPED', now, 'Service deployment was stopped by a newer service deployment.');
  }
}

/** The primary has settled and nothing old is left. */
export function completeDeployment(
  context: EngineContext,
  service: ServiceRecord,
  primary: DeploymentRecord,
) {
  const { now } = context.state;
  primary.rolloutState = 'COMPLETED';
  primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
  primary.updatedAt = now;
  service.lastCompleted = { deploymentId: primary.id, revisionArn: primary.revisionArn };
  service.production = service.lastCompleted;
  const deployment = serviceDeploymentOf(service, primary);
  if (deployment !== undefined && !hasEnded(deployment)) {
    setStatus(deployment, primary.isRollback ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL', now);
  }
  tell(service, now, context.random, EVENT.completed(primary.id));
}
