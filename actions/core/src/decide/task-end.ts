import { explainExitCode } from './exit-code.ts';

/** A container of a task that has stopped. */
export interface EndedContainer {
  name: string;
  /** Absent: it never ran. */
  exitCode?: number;
  /** Its own reason, for instance `OutOfMemoryError: …`. */
  reason?: string;
  essential: boolean;
  /** True when it was still running when this run stopped the task, its work being done. */
  stoppedByUs: boolean;
}

/** How a one-off task ended. */
export interface TaskEnd {
  /** As on the wire: `EssentialContainerExited`, `TaskFailedToStart`, … */
  stopCode?: string;
  stoppedReason?: string;
  containers: readonly EndedContainer[];
  /** True when this run stopped the task because the container that matters had ended. */
  stoppedByUs: boolean;
}

/** What one container's end says: whether it is good, and whether a bad one fails the task. */
export interface ContainerVerdict {
  name: string;
  good: boolean;
  counts: boolean;
  text: string;
}

/** A verdict on the task; `why` names what failed it, empty when it is good. */
export interface TaskVerdict {
  good: boolean;
  why: string;
  containers: ContainerVerdict[];
}

/** Codes of a container that ended because it was told to: SIGTERM, and SIGKILL after it. */
const TOLD_TO_STOP: ReadonlySet<number> = new Set([137, 143]);

/**
 * Judges a one-off task by every container's exit code.
 *
 * - The container that does the work must have ended with 0; one that never ran has failed.
 * - Another essential container that failed by itself counts too: its end ends the task, and the working container
 *   may have answered the signal with 0 half-way. 143, and 137 without a reason, are no failure: ECS tells the
 *   others to stop when the work is done.
 * - A non-essential one is named and does not count, because ECS lets the task go on without it.
 * - A task that somebody or something else stopped has not done its work, whatever its codes.
 */
export function judgeTaskEnd(end: TaskEnd, working: string): TaskVerdict {
  const containers = end.containers.map((container) => judgeContainer(container, working));
  const outside = stoppedFromOutside(end);
  const failed = containers
    .filter(({ good, counts }) => counts && !good)
    .map(({ name, text }) => `container ${name} ${text}`);
  const missing = end.containers.some(({ name }) => name === working)
    ? []
    : [`the task has no container ${working}`];
  const why = [...(outside ? [outside] : []), ...missing, ...failed].join('; ');
  return { good: why === '', why, containers };
}

function stoppedFromOutside({ stopCode, stoppedReason, stoppedByUs }: TaskEnd): string | undefined {
  if (stopCode === undefined || stopCode === 'EssentialContainerExited' || stoppedByUs) return undefined;
  const reason = stoppedReason ? `: ${stoppedReason}` : '';
  return stopCode === 'TaskFailedToStart'
    ? `the task did not start${reason}`
    : `the task was stopped (${stopCode}${reason})`;
}

function judgeContainer(container: EndedContainer, working: string): ContainerVerdict {
  const { name, essential, exitCode, reason = '' } = container;
  const text = textOf(container);
  if (name === working) return { name, good: exitCode === 0, counts: true, text };
  if (exitCode === undefined || exitCode === 0) return { name, good: true, counts: essential, text };
  const wasTold = container.stoppedByUs || (TOLD_TO_STOP.has(exitCode) && !/OutOfMemory/i.test(reason));
  if (wasTold)
    return { name, good: true, counts: essential, text: `${text}; it was told to stop at the end` };
  return {
    name,
    good: false,
    counts: essential,
    text: essential ? text : `${text}; it does not count, being not essential`,
  };
}

function textOf({ exitCode, reason }: EndedContainer): string {
  const own = reason ? `; ${reason}` : '';
  if (exitCode === undefined) return `did not run${own}`;
  return exitCode === 0
    ? `ended with exit code 0${own}`
    : `ended with exit code ${exitCode} (${explainExitCode(exitCode)})${own}`;
}
