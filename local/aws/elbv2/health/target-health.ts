import type { TargetHealthView } from '../../ecs/target-groups.ts';
import { isExpectedCode } from './matcher.ts';

/** How one health check ended; `failed` is a refused or broken connection or a malformed answer. */
export type CheckOutcome = { kind: 'answered'; code: number } | { kind: 'timed-out' } | { kind: 'failed' };

export interface HealthThresholds {
  healthyThreshold: number;
  unhealthyThreshold: number;
  matcher: string;
}

/** A target's health between two checks. `failures` are those of the current streak, newest last. */
export interface HealthRecord {
  view: TargetHealthView;
  passes: number;
  failures: readonly CheckOutcome[];
}

export const initialHealth: HealthRecord = {
  view: {
    state: 'initial',
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  },
  passes: 0,
  failures: [],
};

/** States that do not come from checks. */
export const drainingView: TargetHealthView = {
  state: 'draining',
  reason: 'Target.DeregistrationInProgress',
  description: 'Target deregistration is in progress',
};
export const notRegisteredView: TargetHealthView = {
  state: 'unused',
  reason: 'Target.NotRegistered',
  description: 'Target is not registered to the target group',
};
export const notInUseView: TargetHealthView = {
  state: 'unused',
  reason: 'Target.NotInUse',
  description: 'Target group is not configured to receive traffic from the load balancer',
};

/** Whether the target gave a code that the group expects. */
export function isPass(outcome: CheckOutcome, { matcher }: Pick<HealthThresholds, 'matcher'>): boolean {
  return outcome.kind === 'answered' && isExpectedCode(outcome.code, matcher);
}

/**
 * Decides a target's health after one more check.
 *
 * A new target is healthy after its first pass; an unhealthy one needs `healthyThreshold` passes in a row.
 * `unhealthyThreshold` failures in a row make a target unhealthy, with the reason of the newest.
 * Source: ELB user guide, "Health checks for Application Load Balancer target groups" (read 2026-11).
 */
export function afterCheck(
  record: HealthRecord,
  outcome: CheckOutcome,
  thresholds: HealthThresholds,
): HealthRecord {
  if (isPass(outcome, thresholds)) {
    const passes = record.passes + 1;
    const needed = record.view.state === 'unhealthy' ? thresholds.healthyThreshold : 1;
    const view: TargetHealthView = passes >= needed ? { state: 'healthy' } : record.view;
    return { view, passes, failures: [] };
  }
  const failures = [...record.failures, outcome].slice(-thresholds.unhealthyThreshold);
  const view = failures.length >= thresholds.unhealthyThreshold ? unhealthyView(failures) : record.view;
  return { view, passes: 0, failures };
}

function unhealthyView(failures: readonly CheckOutcome[]): TargetHealthView {
  const last = failures.at(-1);
  if (last?.kind === 'answered') {
    const codes = new Set(failures.flatMap((failure) => (failure.kind === 'answered' ? [failure.code] : [])));
    return {
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: `Health checks failed with these codes: [${[...codes].join(', ')}]`,
    };
  }
  return last?.kind === 'timed-out'
    ? { state: 'unhealthy', reason: 'Target.Timeout', description: 'Request timed out' }
    : { state: 'unhealthy', reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
}
