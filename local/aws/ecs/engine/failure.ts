import type { EngineContext } from './context.ts';
import { serviceDeploymentOf, setStatus } from './deployments.ts';
import { rollBack } from './rollback.ts';
import { EVENT, tell } from './service-events.ts';
import type { DeploymentRecord, ServiceRecord } from './state.ts';

/** What found a deployment to be bad, in its words. */
export interface Failure {
  statusReason: string;
  /** `rollback.reason` of the service deployment. */
  rollbackReason: string;
  /** The end of the event `… deployment failed: `. */
  event: string;
  /** `rolloutStateReason` of the PRIMARY that the service goes back with; `to` is a deployment id. */
  backReason(to: string): string;
  /** The `rollback` flag of the method that found it. */
  mayRollBack: boolean;
}

const BREAKER_REASON = 'ECS deployment circuit breaker: tasks failed to start.';

export const BREAKER_FAILURE: Omit<Failure, 'mayRollBack'> = {
  statusReason: BREAKER_REASON,
  rollbackReason: 'Service deployment rolled back because the circuit breaker threshold was exceeded.',
  event: 'tasks failed to start.',
  backReason: (to) => `ECS deployment circuit breaker: rolling back to deploymentId ${to}.`,
};

export const ALARM_FAILURE: Omit<Failure, 'mayRollBack'> = {
  statusReason: 'ECS deployment alarms: alarm detected.',
  rollbackReason: 'Service deployment rolled back because of a deployment alarm.',
  event: 'alarm detected.',
  backReason: (to) => `ECS deployment alarms: rolling back to deploymentId ${to}.`,
};

export const HOOK_FAILURE: Failure = {
  statusReason: 'A lifecycle hook failed, timed out or was answered with ROLLBACK.',
  rollbackReason: 'Service deployment rolled back because of a lifecycle hook.',
  event: 'lifecycle hook failed.',
  backReason: (to) => `ECS deployment lifecycle hook: rolling back to deploymentId ${to}.`,
  mayRollBack: true,
};

/** The deployment as a whole has lasted longer than any may. */
export const OVERDUE_FAILURE: Failure = {
  statusReason: 'The service deployment timed out.',
  rollbackReason: 'Service deployment rolled back because it timed out.',
  event: 'service deployment timed out.',
  backReason: (to) => `ECS deployment timed out: rolling back to deploymentId ${to}.`,
  mayRollBack: true,
};

/** A listener rule could not be given its weights. */
export function trafficFailure(message: string): Failure {
  return {
    statusReason: `Traffic could not be shifted: ${message}`,
    rollbackReason: 'Service deployment rolled back because traffic could not be shifted.',
    event: 'traffic could not be shifted.',
    backReason: (to) => `ECS deployment traffic shift: rolling back to deploymentId ${to}.`,
    mayRollBack: true,
  };
}

/** A stage has lasted longer than any may. */
export function stageFailure(stage: string): Failure {
  return {
    statusReason: `The lifecycle stage ${stage} timed out.`,
    rollbackReason: 'Service deployment rolled back because a lifecycle stage timed out.',
    event: 'lifecycle stage timed out.',
    backReason: (to) => `ECS deployment lifecycle stage: rolling back to deploymentId ${to}.`,
    mayRollBack: true,
  };
}

/**
 * Fails the primary: it launches nothing more, and the service goes back if it may and can. A rollback that
 * fails itself ends the service deployment.
 */
export function failDeployment(
  context: EngineContext,
  service: ServiceRecord,
  primary: DeploymentRecord,
  failure: Failure,
): void {
  const { now } = context.state;
  primary.rolloutState = 'FAILED';
  primary.rolloutStateReason = failure.statusReason;
  primary.updatedAt = now;
  tell(service, now, context.random, EVENT.failed(primary.id, failure.event));
  const deployment = serviceDeploymentOf(service, primary);
  if (deployment === undefined) return;
  deployment.updatedAt = now;
  if (primary.isRollback || !failure.mayRollBack) {
    setStatus(deployment, primary.isRollback ? 'ROLLBACK_FAILED' : 'STOPPED', now, failure.statusReason);
    return;
  }
  const back = rollBack(context, service, deployment, {
    statusReason: failure.statusReason,
    reason: failure.rollbackReason,
  });
  if (back !== undefined) back.primary.rolloutStateReason = failure.backReason(back.to);
}
