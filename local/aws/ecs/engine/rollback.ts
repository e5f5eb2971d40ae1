import type { EngineContext } from './context.ts';
import { shiftsTraffic } from './decide-lifecycle.ts';
import { pushPrimary, setStatus, stopSuperseded } from './deployments.ts';
import { EVENT, tell } from './service-events.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, ServiceRecord } from './state.ts';

/**
 * Returns a service to its last completed revision by a new PRIMARY under the same service deployment, and
 * gives it with the deployment that it goes back to. Where traffic was being shifted, it is the revision that
 * served at the start, and the deployment that still carries it becomes PRIMARY again with its tasks.
 * Without a completed one the service deployment ends ROLLBACK_FAILED and the primary stays FAILED.
 */
export function rollBack(
  context: EngineContext,
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
  why: { statusReason: string; reason: string },
): { primary: DeploymentRecord; to: string } | undefined {
  const { now } = context.state;
  const isShifting = shiftsTraffic(deployment.deploymentConfiguration);
  const completed = isShifting ? deployment.blue : service.lastCompleted;
  stopSuperseded(service, deployment, now);
  if (completed === undefined) {
    const statusReason = `${why.statusReason} No completed service revision to roll back to.`;
    setStatus(deployment, 'ROLLBACK_FAILED', now, statusReason);
    return undefined;
  }
  deployment.rollback = { reason: why.reason, startedAt: now, revisionArn: completed.revisionArn };
  setStatus(deployment, 'ROLLBACK_IN_PROGRESS', now, why.statusReason);
  tell(service, now, context.random, EVENT.rollingBack(completed.deploymentId));
  deployment.lifecycle = undefined;
  const standing = isShifting
    ? service.deployments.find(({ id }) => id === completed.deploymentId)
    : undefined;
  const primary =
    standing === undefined
      ? pushPrimary(context, service, completed.revisionArn, deployment.arn, now)
      : reinstate(service, standing, deployment.arn, now);
  primary.isRollback = true;
  return { primary, to: completed.deploymentId };
}

/** Makes a deployment of the list the PRIMARY again. */
function reinstate(
  service: ServiceRecord,
  standing: DeploymentRecord,
  serviceDeploymentArn: string,
  now: number,
): DeploymentRecord {
  const others = service.deployments.filter((deployment) => deployment !== standing);
  for (const other of others) other.status = 'ACTIVE';
  Object.assign(standing, {
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${standing.id} in progress.`,
    serviceDeploymentArn,
    updatedAt: now,
  } satisfies Partial<DeploymentRecord>);
  service.deployments = [standing, ...others];
  service.steadyToldAt = undefined;
  return standing;
}
