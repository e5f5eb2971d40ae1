import type { EngineContext } from './context.ts';
import { pushPrimary, setStatus, stopSuperseded } from './deployments.ts';
import { EVENT, tell } from './service-events.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, ServiceRecord } from './state.ts';

/**
 * Returns a service to its last completed revision by a new PRIMARY under the same service deployment, and
 * gives it with the deployment that it goes back to.
 * Without a completed one the service deployment ends ROLLBACK_FAILED and the primary stays FAILED.
 */
export function rollBack(
  context: EngineContext,
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
  why: { statusReason: string; reason: string },
): { primary: DeploymentRecord; to: string } | undefined {
  const { now } = context.state;
  const completed = service.lastCompleted;
  stopSuperseded(service, deployment, now);
  if (completed === undefined) {
    const statusReason = `${why.statusReason} No completed service revision to roll back to.`;
    setStatus(deployment, 'ROLLBACK_FAILED', now, statusReason);
    return undefined;
  }
  deployment.rollback = { reason: why.reason, startedAt: now, revisionArn: completed.revisionArn };
  setStatus(deployment, 'ROLLBACK_IN_PROGRESS', now, why.statusReason);
  tell(service, now, context.random, EVENT.rollingBack(completed.deploymentId));
  const primary = pushPrimary(context, service, completed.revisionArn, deployment.arn, now);
  primary.isRollback = true;
  return { primary, to: completed.deploymentId };
}
