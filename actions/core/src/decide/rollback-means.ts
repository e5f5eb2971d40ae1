import { type DeploymentHistoryEntry, isOngoing } from './deployment-reading.ts';

/** How a service gets back. `choose`: a candidate must be found and deployed. */
export type RollbackMeans =
  | { kind: 'stop'; serviceDeploymentArn: string; why: string }
  /** ECS, or somebody, is on the way back or has arrived: only the verdict is left to read. */
  | { kind: 'follow'; serviceDeploymentArn: string; why: string }
  | { kind: 'superseded'; serviceDeploymentArn: string; why: string }
  | { kind: 'nothing'; why: string }
  | { kind: 'choose' };

/** What the choice of means depends on. */
export interface MeansQuestion {
  /** Newest first. */
  history: readonly (DeploymentHistoryEntry & { taskDefinitionArn?: string })[];
  /** The deployment of this run that is to be undone; absent when a person asks for a rollback. */
  ours?: { serviceDeploymentArn: string | null; changed: boolean };
  /**
   * Task definition a rollback would have led to before the newest deployment began, where there is one: from
   * what this run deployed, or else from what the newest deployment replaces.
   */
  goalTaskDefinitionArn?: string;
  /** True when `to` names a revision: then ECS's own way back may lead elsewhere. */
  named: boolean;
}

/**
 * Chooses how to go back: stop a deployment that is under way, else deploy a candidate; nothing where the
 * service is back, or on its way back, already. A rollback that somebody else has begun is followed, not
 * undone, and a deployment that is not of this run is left alone.
 */
export function decideRollbackMeans(question: MeansQuestion): RollbackMeans {
  const { history, ours, goalTaskDefinitionArn: goal, named } = question;
  const [newest] = history;
  if (ours && !ours.changed && ours.serviceDeploymentArn === null) {
    return { kind: 'nothing', why: 'this run did not change the service' };
  }
  if (!newest) return { kind: 'choose' };
  const { serviceDeploymentArn, status } = newest;
  const isOurs = ours?.serviceDeploymentArn === serviceDeploymentArn;
  if (
    !isOurs &&
    goal !== undefined &&
    newest.taskDefinitionArn === goal &&
    isThere(status, ours !== undefined)
  ) {
    return {
      kind: 'follow',
      serviceDeploymentArn,
      why: 'a deployment of the revision to go back to is there already',
    };
  }
  if (ours?.serviceDeploymentArn && !isOurs) {
    return {
      kind: 'superseded',
      serviceDeploymentArn,
      why: 'a newer deployment, not of this run, took over',
    };
  }
  return meansForNewest(newest, named);
}

function meansForNewest(
  { serviceDeploymentArn, status }: DeploymentHistoryEntry,
  named: boolean,
): RollbackMeans {
  if (status === 'PENDING' || status === 'IN_PROGRESS') {
    return { kind: 'stop', serviceDeploymentArn, why: 'it is under way, so ECS can go back by itself' };
  }
  if (isOngoing(status)) return { kind: 'follow', serviceDeploymentArn, why: `it is ${status}` };
  if (status === 'ROLLBACK_SUCCESSFUL' && !named) {
    return {
      kind: 'follow',
      serviceDeploymentArn,
      why: 'ECS has gone back by itself already, so nothing is left to do',
    };
  }
  return { kind: 'choose' };
}

/**
 * On its way there; or there, which counts only for what this run is to undo: a person who asks again wants to
 * go further back.
 */
function isThere(status: string, isOfRun: boolean): boolean {
  return status === 'PENDING' || status === 'IN_PROGRESS' || (isOfRun && status === 'SUCCESSFUL');
}
