import { explainExitCode } from './exit-code.ts';
import { STOP_RULES } from './stop-rules.ts';

/** A container of a stopped task. */
export interface StoppedContainer {
  name: string;
  exitCode?: number;
  reason?: string;
  image?: string;
}

/** A stopped task of a service deployment. Times are epoch milliseconds. */
export interface StoppedTask {
  taskArn: string;
  taskDefinitionArn: string;
  startedBy?: string;
  /** As on the wire: `TaskFailedToStart`, `EssentialContainerExited`, … */
  stopCode?: string;
  stoppedReason?: string;
  createdAt: number;
  startedAt?: number;
  stoppedAt: number;
  containers: StoppedContainer[];
}

/** Why a task stopped, in data that a log line, an annotation and a summary render alike. */
export interface StopCause {
  taskArn: string;
  taskDefinitionArn: string;
  stoppedAt: number;
  /** The known kind of failure, for instance `image-not-found`; `unrecognised` when no rule fits. */
  kind: string;
  stopCode?: string;
  stoppedReason?: string;
  /** The container to blame; absent when the task failed before any ran. */
  container?: string;
  /** Absent too where ECS stopped the task: then the code only tells how the container took it. */
  exitCode?: number;
  exitMeaning?: string;
  /** The container's own reason, for instance `OutOfMemoryError: …`. */
  containerReason?: string;
  /** True when the container was told to stop, and did not end by itself. */
  stoppedFromOutside: boolean;
  /** What to do about it. */
  hint?: string;
  /** True when no further try can succeed without a change by the user. */
  hopeless: boolean;
  /** How many of the stopped tasks looked at have this same cause. */
  count: number;
}

/** Stop codes of tasks whose containers were told to end: their exit codes are no causes. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set([
  'ServiceSchedulerInitiated',
  'UserInitiated',
  'SpotInterruption',
  'TerminationNotice',
  'InfrastructureHealth',
]);

/**
 * Explains why one task stopped; `undefined` for a stop that is nobody's failure (scale-in, a deployment
 * that was replaced, a task told to stop by the scheduler).
 */
export function explainStop(task: StoppedTask): StopCause | undefined {
  if (isOrderlyStop(task)) return undefined;
  const container = guiltyContainer(task);
  const words = [task.stoppedReason, container?.reason].filter(Boolean).join(' | ');
  const stoppedFromOutside = FROM_OUTSIDE.has(task.stopCode ?? '');
  const exitCode = stoppedFromOutside ? undefined : container?.exitCode;
  const rule = STOP_RULES.find(
    ({ pattern, exitCodes }) =>
      pattern?.test(words) || (exitCode !== undefined && exitCodes?.includes(exitCode)),
  );
  return {
    taskArn: task.taskArn,
    taskDefinitionArn: task.taskDefinitionArn,
    stoppedAt: task.stoppedAt,
    kind: rule?.kind ?? 'unrecognised',
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    container: container?.name,
    exitCode,
    exitMeaning: exitCode === undefined ? undefined : explainExitCode(exitCode, words),
    containerReason: container?.reason,
    stoppedFromOutside,
    hint: rule?.hint,
    hopeless: rule?.hopeless ?? false,
    count: 1,
  };
}

/**
 * Picks the cause to show: the one that most of the stopped tasks share, and of its tasks the first, whose
 * log begins with the failure. `undefined` when no task stopped for a failure.
 */
export function selectStopCause(tasks: readonly StoppedTask[]): StopCause | undefined {
  const causes = tasks.flatMap((task) => explainStop(task) ?? []).sort((a, b) => a.stoppedAt - b.stoppedAt);
  const groups = Map.groupBy(causes, ({ kind, container, exitCode }) => `${kind} ${container} ${exitCode}`);
  const largest = [...groups.values()].sort((a, b) => b.length - a.length).at(0);
  const first = largest?.at(0);
  return first && largest ? { ...first, count: largest.length } : undefined;
}

function isOrderlyStop({ stopCode, stoppedReason, containers }: StoppedTask): boolean {
  if (/^Scaling activity initiated by/.test(stoppedReason ?? '')) return true;
  if (stopCode !== 'ServiceSchedulerInitiated') return false;
  const failedCheck = /health check|unhealthy/i.test(stoppedReason ?? '');
  return !failedCheck && containers.every(({ reason }) => !/Error/.test(reason ?? ''));
}

/**
 * The container to blame: one with a reason of its own, else the first that ended with a code other than 0
 * and 143 (those told to stop after the first exit end with 143), else the first that ended at all.
 */
function guiltyContainer({ containers }: StoppedTask): StoppedContainer | undefined {
  const ended = containers.filter(({ exitCode }) => exitCode !== undefined);
  return (
    containers.find(({ reason }) => reason) ??
    ended.find(({ exitCode }) => exitCode !== 0 && exitCode !== 143) ??
    ended.find(({ exitCode }) => exitCode === 0) ??
    ended.at(0)
  );
}
