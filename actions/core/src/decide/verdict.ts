import type { DeploymentHistoryEntry, DeploymentReading, ServiceReading } from './deployment-reading.ts';
import { isOngoing } from './deployment-reading.ts';

/** The nine words of a verdict, the same in outputs, logs, summaries and records. */
export type VerdictWord =
  | 'succeeded'
  | 'rolled-back'
  | 'failed'
  | 'superseded'
  | 'stopped'
  | 'paused'
  | 'unchanged'
  | 'scaled-to-zero'
  | 'unknown';

/** Who or what brought the verdict about. `unstated`: ECS names nobody. */
export type VerdictAuthor =
  | { kind: 'breaker'; failureCount: number; threshold: number }
  | { kind: 'alarm'; names: string[] }
  | { kind: 'hook'; hookId: string; stage?: string }
  | { kind: 'person' }
  | { kind: 'deployment'; serviceDeploymentArn: string }
  | { kind: 'deadline'; seconds: number }
  /** This run, which saw that no further try could succeed: the rule, and how many tasks met it. */
  | { kind: 'hopeless'; rule: string; count: number }
  /** Whoever cancelled the step. */
  | { kind: 'cancel' }
  /** The deployment goes on; looking stopped at this stage, as asked. */
  | { kind: 'stage'; stage: 'serving' | 'bake' }
  | { kind: 'service'; status: string }
  | { kind: 'status'; status: string }
  | { kind: 'unstated' };

/** How a service deployment ended, or why nobody can tell. */
export interface Verdict {
  word: VerdictWord;
  /** Whether a run may go on as if all were well. `unknown` never is. */
  green: boolean;
  by?: VerdictAuthor;
  /** ECS's own words where it has some, else ours; empty when the word says it all. */
  reason: string;
  /** The service revision that serves now, where the reading tells. */
  servingRevisionArn?: string;
  /** ECS went back and failed at that, too: nothing puts the service right by itself. */
  rollbackFailed?: true;
}

/**
 * Where to stop looking: `paused` at the first hook that waits for an answer, `serving` when the target has all
 * production traffic, `bake` when the bake time begins, `done` at the end.
 */
export type WaitUntil = 'paused' | 'serving' | 'bake' | 'done';

/** Everything a verdict depends on. */
export interface VerdictReading {
  /** `undefined`: DescribeServiceDeployments no longer knows, or does not yet know, the ARN. */
  deployment: DeploymentReading | undefined;
  /** Readings in a row without the deployment. */
  missedReadings: number;
  /** Deployments of the service created after this one, in any order; needed once the status is STOPPED. */
  newer: DeploymentHistoryEntry[];
  service?: ServiceReading;
  /** Desired count before this run touched the service, where known. */
  desiredCountBefore?: number;
  waitUntil: WaitUntil;
}

/** After so many readings in a row without it, a service deployment counts as lost. */
export const LOST_AFTER_READINGS = 8;

/**
 * How long before the newer deployment's creation the older one may have been stopped and still count as
 * replaced by it. ECS writes the two times independently of each other.
 */
const REPLACED_WITHIN_MS = 5_000;

/**
 * Judges how a service deployment ended, from one reading of it; `undefined` while it is under way.
 *
 * Never throws: a status this code does not know becomes `unknown`, which is never green. A rollback under
 * way is not an end: the verdict falls when ECS is back.
 * Source: ECS API, ServiceDeployment.status, .rollback, .deploymentCircuitBreaker, .alarms (read 2026-11).
 */
export function decideVerdict(reading: VerdictReading): Verdict | undefined {
  const { deployment, service } = reading;
  if (service && service.status !== 'ACTIVE') return serviceGone(service.status);
  if (!deployment) return reading.missedReadings >= LOST_AFTER_READINGS ? lost() : undefined;
  if (isOngoing(deployment.status)) return decideUnderWay(deployment, reading.waitUntil);
  switch (deployment.status) {
    case 'SUCCESSFUL':
      return decideSuccess(deployment, reading);
    case 'STOPPED':
      return decideStopped(deployment, reading.newer);
    case 'ROLLBACK_SUCCESSFUL':
      return rolledBack(deployment);
    case 'ROLLBACK_FAILED':
      return {
        word: 'failed',
        green: false,
        by: rollbackAuthor(deployment),
        reason: ['the rollback failed as well', deployment.statusReason].filter(Boolean).join(': '),
        rollbackFailed: true,
      };
    default:
      return {
        word: 'unknown',
        green: false,
        by: { kind: 'status', status: deployment.status },
        reason: deployment.statusReason ?? '',
      };
  }
}

/**
 * Judges a service deployment that has not ended when the time is up: `paused` when a hook waits for an
 * answer, else `unknown`. Never green. `seconds` is how long was waited.
 */
export function decideAtDeadline(deployment: DeploymentReading | undefined, seconds: number): Verdict {
  const paused = deployment && decidePaused(deployment);
  if (paused) return { ...paused, green: false };
  return {
    word: 'unknown',
    green: false,
    by: { kind: 'deadline', seconds },
    reason: deployment?.statusReason ?? (deployment ? '' : 'the service deployment was never seen'),
  };
}

/** Judges a service deployment whose watching was cancelled. `asked`: ECS was told to go back. */
export function decideCancelled(asked: boolean): Verdict {
  if (asked) {
    return { word: 'stopped', green: false, by: { kind: 'cancel' }, reason: 'ECS was told to go back' };
  }
  const reason = 'the step was cancelled; the deployment goes on without being watched';
  return { word: 'unknown', green: false, reason };
}

/**
 * Judges a service for which the run has no service deployment to follow: `unchanged` when nothing was
 * written, `unknown` when something was and ECS never showed what came of it.
 */
export function decideWithoutDeployment(changed: boolean): Verdict {
  if (!changed) {
    return { word: 'unchanged', green: true, reason: 'nothing was deployed, so no deployment was verified' };
  }
  return {
    word: 'unknown',
    green: false,
    reason: 'the service was updated, but ECS never listed a service deployment for it',
  };
}

/** Names who or what ended, or is ending, this deployment early. Breaker and alarm are told by their status. */
function rollbackAuthor(deployment: DeploymentReading): VerdictAuthor {
  const { breaker, alarms, hooks } = deployment;
  const words = `${deployment.rollback?.reason ?? ''} ${deployment.statusReason ?? ''}`.toLowerCase();
  const alarmNames = alarms?.status === 'TRIGGERED' ? alarms.triggeredAlarmNames : [];
  if (breaker?.status === 'TRIGGERED' && !(alarmNames.length > 0 && words.includes('alarm'))) {
    return { kind: 'breaker', failureCount: breaker.failureCount, threshold: breaker.threshold };
  }
  if (alarms?.status === 'TRIGGERED' || alarmNames.length > 0) return { kind: 'alarm', names: alarmNames };
  const hook = hooks.find(({ status }) => status === 'FAILED' || status === 'TIMED_OUT');
  if (hook) return { kind: 'hook', hookId: hook.hookId, stage: deployment.lifecycleStage };
  if (/stopservicedeployment|stopped by|user|requested/.test(words)) return { kind: 'person' };
  return { kind: 'unstated' };
}

function decideUnderWay(deployment: DeploymentReading, waitUntil: WaitUntil): Verdict | undefined {
  if (waitUntil === 'paused') return decidePaused(deployment);
  if (waitUntil === 'done' || deployment.status !== 'IN_PROGRESS') return undefined;
  if (hasFailed(deployment) || !hasReached(deployment, waitUntil)) return undefined;
  const reason = `the deployment goes on${deployment.lifecycleStage ? ` (stage ${deployment.lifecycleStage})` : ''}`;
  const servingRevisionArn = deployment.target?.serviceRevisionArn;
  return {
    word: 'succeeded',
    green: true,
    by: { kind: 'stage', stage: waitUntil },
    reason,
    servingRevisionArn,
  };
}

/** What is about to be rolled back has reached nothing. */
function hasFailed({ breaker, alarms, hooks }: DeploymentReading): boolean {
  if (breaker?.status === 'TRIGGERED' || alarms?.status === 'TRIGGERED') return true;
  return hooks.some(({ status }) => status === 'FAILED' || status === 'TIMED_OUT');
}

/** Stages after which the target has all production traffic, in their order. Source: ECS API (read 2026-11). */
const SERVING_STAGES = ['POST_PRODUCTION_TRAFFIC_SHIFT', 'BAKE_TIME', 'CLEAN_UP'];

/**
 * A shifting deployment tells its stage. A rolling one has none: it serves once all tasks of the target run
 * and no other does, and what is left then is the bake of its alarms. A stage this code does not know has
 * reached nothing.
 */
function hasReached(
  { lifecycleStage, target, sources }: DeploymentReading,
  goal: 'serving' | 'bake',
): boolean {
  if (lifecycleStage !== undefined) {
    return SERVING_STAGES.indexOf(lifecycleStage) >= (goal === 'serving' ? 0 : 1);
  }
  if (!target || target.requested === 0 || target.running < target.requested) return false;
  return sources.every(({ running, pending }) => running + pending === 0);
}

function decidePaused(deployment: DeploymentReading): Verdict | undefined {
  const hook = deployment.hooks.find(({ status }) => status === 'AWAITING_ACTION');
  if (!hook) return undefined;
  const by = { kind: 'hook', hookId: hook.hookId, stage: deployment.lifecycleStage } as const;
  return { word: 'paused', green: true, by, reason: deployment.statusReason ?? '' };
}

function decideSuccess(deployment: DeploymentReading, reading: VerdictReading): Verdict {
  const reason = deployment.statusReason ?? '';
  const servingRevisionArn = deployment.target?.serviceRevisionArn;
  const desired = reading.service?.desiredCount ?? deployment.target?.requested;
  if (desired !== 0) return { word: 'succeeded', green: true, reason, servingRevisionArn };
  const green = reading.desiredCountBefore === 0;
  return { word: 'scaled-to-zero', green, reason: 'the desired count is 0', servingRevisionArn };
}

function decideStopped(deployment: DeploymentReading, newer: DeploymentHistoryEntry[]): Verdict {
  const reason = deployment.statusReason ?? '';
  const author = rollbackAuthor(deployment);
  if (author.kind === 'breaker' || author.kind === 'alarm' || author.kind === 'hook') {
    return { word: 'failed', green: false, by: author, reason };
  }
  const successor = replacedBy(deployment, newer);
  if (successor) {
    const { serviceDeploymentArn } = successor;
    return { word: 'superseded', green: false, by: { kind: 'deployment', serviceDeploymentArn }, reason };
  }
  return { word: 'stopped', green: false, by: author, reason };
}

/** The first deployment created after this one and not later than its end; ECS stops the older of two. */
function replacedBy(deployment: DeploymentReading, newer: DeploymentHistoryEntry[]) {
  const endedAt = deployment.stoppedAt ?? deployment.finishedAt ?? deployment.updatedAt;
  return newer
    .filter(({ serviceDeploymentArn }) => serviceDeploymentArn !== deployment.serviceDeploymentArn)
    .filter(({ createdAt }) => createdAt >= (deployment.createdAt ?? 0))
    .filter(({ createdAt }) => endedAt === undefined || createdAt <= endedAt + REPLACED_WITHIN_MS)
    .sort((a, b) => a.createdAt - b.createdAt)
    .at(0);
}

function rolledBack(deployment: DeploymentReading): Verdict {
  return {
    word: 'rolled-back',
    green: false,
    by: rollbackAuthor(deployment),
    reason: deployment.rollback?.reason ?? deployment.statusReason ?? '',
    servingRevisionArn:
      deployment.rollback?.serviceRevisionArn ?? deployment.sources.at(0)?.serviceRevisionArn,
  };
}

function serviceGone(status: string): Verdict {
  return {
    word: 'failed',
    green: false,
    by: { kind: 'service', status },
    reason: `the service is ${status}: it is being, or has been, deleted`,
  };
}

function lost(): Verdict {
  return {
    word: 'unknown',
    green: false,
    reason: 'ECS no longer knows this service deployment (it keeps them for 90 days)',
  };
}
