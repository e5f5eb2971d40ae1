import type { DeploymentReading } from '../decide/deployment-reading.ts';

/**
 * Says in one line what changed between two readings of a service deployment; `undefined` when nothing that
 * matters did. The first reading always gives a line.
 */
export function renderChange(
  before: DeploymentReading | undefined,
  now: DeploymentReading,
): string | undefined {
  const line = renderState(now);
  return before && renderState(before) === line ? undefined : line;
}

function renderState(reading: DeploymentReading): string {
  return [
    reading.status,
    stageOf(reading),
    countsOf(reading),
    trafficOf(reading),
    breakerOf(reading),
    hookOf(reading),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function stageOf({ lifecycleStage }: DeploymentReading): string {
  return lifecycleStage ? `stage ${lifecycleStage}` : '';
}

function countsOf({ target, sources }: DeploymentReading): string {
  if (!target) return '';
  const old = sources.reduce((sum, { running }) => sum + running, 0);
  const pending = target.pending > 0 ? `, ${target.pending} pending` : '';
  const rest = old > 0 ? `, ${old} old` : '';
  return `${target.running} of ${target.requested} running${pending}${rest}`;
}

/** Only where traffic is shifted; all of it on one side is told too, as that is what the stages are about. */
function trafficOf({ target }: DeploymentReading): string {
  if (target?.weight === undefined) return '';
  const test = target.testWeight ? `, ${target.testWeight} % of the test traffic` : '';
  return `${target.weight} % of the traffic${test}`;
}

function breakerOf({ breaker }: DeploymentReading): string {
  if (!breaker || breaker.failureCount === 0) return '';
  const tripped = breaker.status === 'TRIGGERED' ? 'circuit breaker tripped: ' : '';
  return `${tripped}${breaker.failureCount} of ${breaker.threshold} failed`;
}

function hookOf({ hooks, lifecycleStage }: DeploymentReading): string {
  const waiting = hooks.find(({ status }) => status === 'AWAITING_ACTION');
  return waiting ? `paused by hook ${waiting.hookId}${lifecycleStage ? ` at ${lifecycleStage}` : ''}` : '';
}
