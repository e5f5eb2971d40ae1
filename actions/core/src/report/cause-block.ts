import type { FailureCause } from '../decide/failure-cause.ts';
import type { StopCause } from '../decide/stop-reason.ts';

/**
 * Renders why a service deployment failed as the lines of one screen: what decided it, how the task stopped,
 * what the container wrote last, and what to do. Facts that are not known have no line.
 */
export function renderCause(cause: FailureCause): string[] {
  const { stop } = cause;
  return [
    labelled('decided by', deciderOf(cause)),
    ...(cause.alarmReasons ?? []).map((reason) => labelled('alarm', reason)),
    labelled('event', cause.events.at(0)),
    labelled('task', stop && stoppedOf(stop)),
    labelled('container', stop && containerOf(stop)),
    labelled('target health', cause.targetHealth),
    ...logOf(cause),
    labelled('hint', stop?.hint),
  ].filter((line) => line !== undefined);
}

/** The cause in one line, for outputs and the summary table. */
export function renderCauseLine({ stop, targetHealth, events, alarmNames }: FailureCause): string {
  if (alarmNames.length > 0) return `alarm ${alarmNames.join(', ')}`;
  if (!stop) return targetHealth ?? events.at(0) ?? 'no stopped task tells why';
  return [howItEnded(stop), targetHealth, whatItSaid(stop)].filter(Boolean).join('; ');
}

/** How one task stopped, in one line. */
export function renderStop(stop: StopCause): string {
  const words = [howItEnded(stop), whatItSaid(stop)].filter(Boolean).join('; ');
  return `task ${stop.taskArn.split('/').at(-1)?.slice(0, 8)} stopped: ${words}`;
}

function howItEnded({ exitCode, exitMeaning, container, ...stop }: StopCause): string | undefined {
  if (exitCode === undefined) return stop.containerReason ?? stop.stoppedReason ?? stop.stopCode;
  return `${container ? `container ${container}: ` : ''}exit code ${exitCode} (${exitMeaning})`;
}

/** The reason of its own that stands beside an exit code. */
function whatItSaid({ exitCode, containerReason }: StopCause): string | undefined {
  return exitCode === undefined ? undefined : containerReason;
}

function labelled(label: string, text: string | undefined): string | undefined {
  return text ? `${`${label}:`.padEnd(15)}${text}` : undefined;
}

function deciderOf({ breaker, alarmNames }: FailureCause): string | undefined {
  if (alarmNames.length > 0) return `alarm ${alarmNames.join(', ')}`;
  if (!breaker || breaker.failureCount === 0) return undefined;
  return `circuit breaker, ${breaker.failureCount} of ${breaker.threshold} failed tasks`;
}

function stoppedOf(stop: StopCause): string {
  const id = stop.taskArn.split('/').at(-1) ?? stop.taskArn;
  const many = stop.count > 1 ? ` (${stop.count} tasks alike, this is the first)` : '';
  return `${id}${many} stopped: ${[stop.stopCode, stop.stoppedReason].filter(Boolean).join(': ')}`;
}

function containerOf(stop: StopCause): string | undefined {
  const { container, exitCode, exitMeaning, containerReason, stoppedFromOutside } = stop;
  if (!container) return undefined;
  const outside = stoppedFromOutside ? 'stopped from outside: it did not end by itself' : 'no exit code';
  const code = exitCode === undefined ? outside : `exit code ${exitCode}: ${exitMeaning}`;
  return `${container}, ${code}${containerReason ? `; ${containerReason}` : ''}`;
}

function logOf({ logLines, logPlace, logNote, stop }: FailureCause): (string | undefined)[] {
  if (!stop) return [];
  if (logLines.length === 0) return [labelled('log', [logPlace, logNote].filter(Boolean).join(': '))];
  return [labelled('log', logPlace ?? 'last lines'), ...logLines.map((line) => `  | ${line}`)];
}
