import { circuitBreakerThreshold, isTripped } from './decide-circuit-breaker.ts';
import { shiftsTraffic } from './decide-lifecycle.ts';
import { decideSuccess } from './decide-success.ts';
import { beginServiceDeployment, completeDeployment, hasEnded, serviceDeploymentOf } from './deployments.ts';
import { BREAKER_FAILURE, failDeployment, HOOK_FAILURE } from './failure.ts';
import { rollBack } from './rollback.ts';
import { bakeUnderAlarmsMs, watchAlarms } from './service-alarms.ts';
import { EVENT, isWithheld, tell } from './service-events.ts';
import { type HookVerdict, runHooks } from './service-hooks.ts';
import { stepLifecycle, wantedCounts } from './service-lifecycle.ts';
import type { ServicePass } from './service-pass.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, TaskRecord } from './state.ts';

/**
 * Moves the newest service deployment on: out of PENDING, into a requested rollback, or to the verdict of
 * the circuit breaker or the alarms, whichever comes first. Tells whether anything changed.
 */
export function stepRollout(pass: ServicePass): boolean {
  const primary = pass.service.deployments[0];
  const deployment = primary && serviceDeploymentOf(pass.service, primary);
  if (primary === undefined || deployment === undefined || hasEnded(deployment)) return false;
  if (deployment.status === 'PENDING') return begin(pass, primary, deployment);
  if (deployment.status === 'ROLLBACK_REQUESTED') return rollBackOnRequest(pass, primary, deployment);
  if (shiftsTraffic(deployment.deploymentConfiguration)) {
    return watchAlarms(pass, primary, deployment) || stepLifecycle(pass, primary, deployment);
  }
  return (
    watchCircuitBreaker(pass, primary, deployment) ||
    watchAlarms(pass, primary, deployment) ||
    askHooksBefore(pass, primary, deployment)
  );
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

/** A rolling deployment asks its PRE_SCALE_UP hooks before the scheduler begins with it. */
function askHooksBefore(
  pass: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
): boolean {
  if (primary.isRollback || primary.rolloutState !== 'IN_PROGRESS') return false;
  const verdict = runHooks(pass, deployment, 'PRE_SCALE_UP', 0);
  pass.isHeld = verdict === 'waiting';
  if (verdict !== 'refused') return false;
  failDeployment(pass.context, pass.service, primary, HOOK_FAILURE);
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
  deployment.circuitBreaker.status = 'TRIGGERED';
  failDeployment(context, service, primary, { ...BREAKER_FAILURE, mayRollBack: breaker.rollback ?? false });
  return true;
}

/**
 * Ends what has ended: replaced deployments leave the list, the primary completes, the service is steady.
 * Tells whether the scheduler has something to do because of it.
 */
export function settle(pass: ServicePass): boolean {
  const { context, service, live } = pass;
  const { now } = context.state;
  const primary = service.deployments[0];
  const isAtWork = service.status === 'ACTIVE' && !pass.isHeld;
  if (!isAtWork || primary === undefined || now < primary.startsAt) return false;
  const wanted = wantedCounts(service);
  service.deployments = service.deployments.filter(
    ({ id }) => id === primary.id || wanted?.has(id) || live.some((task) => task.deploymentId === id),
  );
  const isSteady = isSettled(pass, primary);
  const isRolling = wanted === undefined && primary.rolloutState === 'IN_PROGRESS';
  const hasMore = isRolling && settleDeployment(pass, primary, isSteady);
  if (isSteady) tellSteady(pass);
  else service.steadyToldAt = undefined;
  return hasMore;
}

/** The steady state is told when it is reached, and again and again while it lasts. */
function tellSteady({ context, service, dues }: ServicePass): void {
  const { state, timings, random } = context;
  if (!isWithheld(service.steadyToldAt, state.now, timings)) {
    service.steadyToldAt = state.now;
    tell(service, state.now, random, EVENT.steady());
  }
  dues.push((service.steadyToldAt ?? state.now) + timings.repeatEventMs);
}

/**
 * Carries the primary through its last hooks, its bake time and its clean-up to completion, as far as it has
 * come. Tells whether the scheduler has something to do because of it.
 */
function settleDeployment(pass: ServicePass, primary: DeploymentRecord, isSteady: boolean): boolean {
  const { context, service, live, health } = pass;
  const deployment = serviceDeploymentOf(service, primary);
  if (deployment === undefined) return false;
  const isHealthy = ({ id }: TaskRecord) => health.byTaskId.get(id)?.verdict === 'healthy';
  const decision = decideSuccess({
    criteria: primary.isRollback ? undefined : deployment.deploymentConfiguration.earlySuccessCriteria,
    desiredCount: service.settings.desiredCount,
    healthyCount: live.filter((task) => task.deploymentId === primary.id && isHealthy(task)).length,
    isSteady,
    hasOlder: service.deployments.length > 1,
    // Nobody looks at alarms on the way back.
    bakeMs: primary.isRollback ? 0 : bakeUnderAlarmsMs(pass, deployment),
    bakeUntil: deployment.bakeUntil,
    now: context.state.now,
  });
  const verdict = decision.isReady ? askHooksAfter(pass, primary, deployment) : 'passed';
  if (verdict !== 'passed') return verdict === 'refused';
  const replacedAll = primary.replacesAll;
  deployment.bakeUntil = decision.bakeUntil;
  if (decision.dueAt !== undefined) pass.dues.push(decision.dueAt);
  if (decision.replacesAll) primary.replacesAll = true;
  if (decision.isComplete) completeDeployment(context, service, primary);
  return primary.replacesAll !== replacedAll;
}

/** A rolling deployment asks its POST_SCALE_UP hooks before it bakes. */
function askHooksAfter(
  pass: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
): HookVerdict {
  const isAsked = deployment.status === 'IN_PROGRESS' && !primary.isRollback;
  const verdict = isAsked ? runHooks(pass, deployment, 'POST_SCALE_UP', 0) : 'passed';
  if (verdict === 'refused') failDeployment(pass.context, pass.service, primary, HOOK_FAILURE);
  return verdict;
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
