import { circuitBreakerThreshold, isTripped } from './decide-circuit-breaker.ts';
import {
  beginServiceDeployment,
  completeDeployment,
  hasEnded,
  rollBack,
  serviceDeploymentOf,
  tripCircuitBreaker,
} from './deployments.ts';
import { EVENT, tell } from './service-events.ts';
import type { ServicePass } from './service-pass.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, TaskRecord } from './state.ts';

/**
 * Moves the newest service deployment on: out of PENDING, into a requested rollback, or to the circuit
 * breaker's verdict. Tells whether anything changed.
 */
export function stepRollout(pass: ServicePass): boolean {
  const primary = pass.service.deployments[0];
  const deployment = primary && serviceDeploymentOf(pass.service, primary);
  if (primary === undefined || deployment === undefined || hasEnded(deployment)) return false;
  if (deployment.status === 'PENDING') return begin(pass, primary, deployment);
  if (deployment.status === 'ROLLBACK_REQUESTED') return rollBackOnRequest(pass, primary, deployment);
  return watchCircuitBreaker(pass, primary, deployment);
}

function begin(pass: ServicePass, primary: DeploymentRecord, deployment: ServiceDeploymentRecord): boolean {
  const { now } = pass.context.state;
  if (now < primary.startsAt) {
    pass.dues.push(primary.startsAt);
    return false;
  }
  beginServiceDeployment(pass.service, deployment, now);
  return true;
}

function rollBackOnRequest(
  pass: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
): boolean {
  const { state, timings } = pass.context;
  const dueAt = (deployment.rollbackRequestedAt ?? state.now) + timings.rollbackRequestMs;
  if (state.now < dueAt) {
    pass.dues.push(dueAt);
    return false;
  }
  primary.rolloutState = 'FAILED';
  primary.rolloutStateReason = `ECS deployment ${primary.id} was stopped by a rollback request.`;
  primary.updatedAt = state.now;
  rollBack(pass.context, pass.service, deployment, {
    statusReason: 'Service deployment rollback requested by StopServiceDeployment.',
    reason: 'Service deployment rolled back because of a StopServiceDeployment request.',
  });
  return true;
}

function watchCircuitBreaker(
  { context, service }: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
): boolean {
  const breaker = service.settings.deploymentConfiguration.deploymentCircuitBreaker;
  if (!breaker?.enable || primary.rolloutState !== 'IN_PROGRESS') return false;
  const threshold = circuitBreakerThreshold(breaker, service.settings.desiredCount);
  // The numbers that tripped it stay to be read while the rollback is watched in its turn.
  if (!primary.isRollback) {
    deployment.circuitBreaker.threshold = threshold;
    deployment.circuitBreaker.failureCount = primary.failureCount;
  }
  if (!isTripped(primary.failureCount, threshold)) return false;
  tripCircuitBreaker(context, service, primary);
  return true;
}

/** Ends what has ended: replaced deployments leave the list, the primary completes, the service is steady. */
export function settle(pass: ServicePass): void {
  const { context, service, live } = pass;
  const { now } = context.state;
  const primary = service.deployments[0];
  if (service.status !== 'ACTIVE' || primary === undefined || now < primary.startsAt) return;
  service.deployments = service.deployments.filter(
    (deployment) => deployment === primary || live.some((task) => task.deploymentId === deployment.id),
  );
  if (!isSettled(pass, primary)) {
    service.steady = false;
    return;
  }
  if (primary.rolloutState === 'IN_PROGRESS') completeDeployment(context, service, primary);
  if (!service.steady) tell(service, now, context.random, EVENT.steady());
  service.steady = true;
}

/** Every wanted task healthy, as many as desired, and no older deployment left. */
function isSettled({ service, live, health }: ServicePass, primary: DeploymentRecord): boolean {
  const isOwn = (task: TaskRecord) => task.deploymentId === primary.id && task.desiredStatus === 'RUNNING';
  const own = live.filter(isOwn);
  return (
    service.deployments.length === 1 &&
    own.length === service.settings.desiredCount &&
    own.every((task) => health.byTaskId.get(task.id)?.verdict === 'healthy')
  );
}

/** A deleted service is INACTIVE once its last task has STOPPED. */
export function settleDeleted({ context, service, live }: ServicePass): void {
  if (service.status !== 'DRAINING' || live.length > 0) return;
  service.status = 'INACTIVE';
  service.statusSince = context.state.now;
  service.deployments = [];
}
