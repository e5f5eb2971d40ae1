import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import {
  type HoldWish,
  parseHold,
  planHold,
  renderHold,
  type ScalableTargetReading,
  type Scaling,
  withSuspended,
} from '../../actions/core/src/decide/autoscaling-hold.ts';
import { planDeployment } from '../../actions/core/src/decide/deployment-plan.ts';
import {
  type DeploymentReading,
  isOlderReading,
  isOngoing,
} from '../../actions/core/src/decide/deployment-reading.ts';
import { decideRollbackMeans } from '../../actions/core/src/decide/rollback-means.ts';
import {
  decideAtDeadline,
  decideVerdict,
  type Verdict,
  type VerdictWord,
} from '../../actions/core/src/decide/verdict.ts';
import {
  deploymentArn,
  deploymentReading,
  revisionArn,
  serviceReading,
  T0,
  taskDefinitionArn,
} from '../../actions/core/test/decide/readings.ts';

/** What truly happens to one deployment, and what is seen of it: each look sees a state of that age, or nothing. */
export interface Observation {
  end: 'SUCCESSFUL' | 'STOPPED' | 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED';
  tripped: 'breaker' | 'alarm' | 'nothing';
  /** Desired count, and that before the run. */
  desired: number;
  before: number;
  steps: number;
  /** A newer deployment that ECS has made of this one's stop, and whether the list shows it. */
  newer: 'none' | 'listed' | 'unlisted';
  /** `undefined`: the answer lacks the deployment. Else how many states ago the answer is from. */
  looks: (number | undefined)[];
  suspended: Scaling[];
  wishes: HoldWish[];
}

export const anyObservation: fc.Arbitrary<Observation> = fc.record({
  end: fc.constantFrom('SUCCESSFUL', 'SUCCESSFUL', 'STOPPED', 'ROLLBACK_SUCCESSFUL', 'ROLLBACK_FAILED'),
  tripped: fc.constantFrom('breaker', 'alarm', 'nothing'),
  desired: fc.nat(3),
  before: fc.nat(3),
  steps: fc.integer({ min: 1, max: 6 }),
  newer: fc.constantFrom('none', 'listed', 'unlisted'),
  looks: fc.array(fc.option(fc.oneof(fc.constant(0), fc.nat(12)), { nil: undefined, freq: 3 }), {
    minLength: 1,
    maxLength: 40,
  }),
  suspended: fc.subarray<Scaling>(['scale-in', 'scale-out', 'scheduled']),
  wishes: fc.array(fc.constantFrom<HoldWish>('off', 'scale-in', 'dynamic', 'all'), {
    minLength: 1,
    maxLength: 4,
  }),
});

/** Words that may be said of a deployment that truly ends so; `unknown` may be said of each, and is red. */
function truthful({ end, tripped, newer, desired }: Observation): VerdictWord[] {
  if (end === 'SUCCESSFUL') return [desired === 0 ? 'scaled-to-zero' : 'succeeded'];
  if (end === 'ROLLBACK_SUCCESSFUL') return ['rolled-back'];
  if (end === 'ROLLBACK_FAILED' || tripped !== 'nothing') return ['failed'];
  return [newer === 'listed' ? 'superseded' : 'stopped'];
}

/** Throws where an observation leads to a verdict, a deployment, a rollback or a hold that it must not lead to. */
export function assertJudgedRight(observation: Observation): Verdict {
  const verdict = judge(observation);
  const { end, desired, before } = observation;
  ok([...truthful(observation), 'unknown'].includes(verdict.word), `${verdict.word} at ${end}`);
  if (verdict.green) ok(end === 'SUCCESSFUL' && (desired > 0 || before === 0), `green at ${end}`);
  strictEqual(countDeployments(observation), 1);
  strictEqual(countRepeatedRollbacks(observation), 0);
  deepStrictEqual(suspendedAfter(observation), observation.suspended);
  return verdict;
}

/** Its states in the order in which it goes through them. */
function statesOf({ end, tripped, desired, steps }: Observation): DeploymentReading[] {
  const changes: Partial<DeploymentReading>[] = [{ status: 'PENDING' }];
  for (let i = 1; i <= steps; i++)
    changes.push({ status: 'IN_PROGRESS', target: countsOf(desired, i / steps) });
  const fault = end === 'SUCCESSFUL' ? {} : FAULTS[tripped];
  if (end.startsWith('ROLLBACK')) {
    changes.push({ status: 'ROLLBACK_REQUESTED', ...fault }, { status: 'ROLLBACK_IN_PROGRESS', ...fault });
  } else if (end === 'STOPPED') changes.push({ status: 'STOP_REQUESTED', ...fault });
  const endedAt = T0 + changes.length * 1_000;
  changes.push({ status: end, target: countsOf(desired, 1), stoppedAt: endedAt, ...fault });
  return changes.map((change, i) => deploymentReading({ ...change, updatedAt: T0 + i * 1_000 }));
}

const FAULTS: Readonly<Record<Observation['tripped'], Partial<DeploymentReading>>> = {
  breaker: { breaker: { status: 'TRIGGERED', failureCount: 3, threshold: 3 } },
  alarm: { alarms: { status: 'TRIGGERED', triggeredAlarmNames: ['errors'] } },
  nothing: {},
};

function countsOf(desired: number, share: number) {
  const running = Math.floor(desired * share);
  return { serviceRevisionArn: revisionArn(2), requested: desired, running, pending: desired - running };
}

/** Looks as the wait does until there is a verdict or no look is left, which is the deadline. */
function judge(observation: Observation): Verdict {
  const states = statesOf(observation);
  const end = states.at(-1) ?? deploymentReading();
  let last: DeploymentReading | undefined;
  let missedReadings = 0;
  for (const [now, age] of observation.looks.entries()) {
    const seen = age === undefined ? undefined : states[Math.min(now, states.length - 1) - age];
    missedReadings = seen ? 0 : missedReadings + 1;
    if (seen && !(last && isOlderReading(seen, last))) last = seen;
    const verdict = decideVerdict({
      deployment: missedReadings > 0 ? undefined : last,
      missedReadings,
      newer: last?.status === 'STOPPED' ? newerOf(observation, end) : [],
      service: serviceReading({ desiredCount: observation.desired }),
      desiredCountBefore: observation.before,
      waitUntil: 'done',
    });
    if (verdict) return verdict;
  }
  return decideAtDeadline(last, 60);
}

function newerOf({ newer }: Observation, { stoppedAt = T0 }: DeploymentReading) {
  if (newer !== 'listed') return [];
  return [{ serviceDeploymentArn: deploymentArn('newer'), status: 'PENDING', createdAt: stoppedAt }];
}

/**
 * How many deployments a job makes that is killed after each look and begins anew: each attempt plans by what it
 * sees, of whatever age. What has failed, or goes back, may be deployed again, so that is not counted.
 */
function countDeployments(observation: Observation): number {
  const goesWell = (status: string) => ['PENDING', 'IN_PROGRESS', 'SUCCESSFUL'].includes(status);
  const plans = seenStates(observation)
    .filter(({ status }) => goesWell(status))
    .map((seen) =>
      planDeployment({
        family: 'email-api',
        equalTaskDefinitionArn: taskDefinitionArn(2),
        currentTaskDefinitionArn: taskDefinitionArn(2),
        running: isOngoing(seen.status)
          ? [{ ...seen, createdAt: T0, taskDefinitionArn: taskDefinitionArn(2) }]
          : [],
        lastStatus: 'SUCCESSFUL',
        onRunning: 'queue',
        force: false,
      }),
    );
  return 1 + plans.filter((steps) => steps.some(({ kind }) => kind === 'update')).length;
}

/** Which rollbacks write over one that is under way or done; none may. */
function countRepeatedRollbacks(observation: Observation): number {
  let repeated = 0;
  for (const seen of seenStates(observation)) {
    if (!seen.status.startsWith('ROLLBACK') || seen.status === 'ROLLBACK_FAILED') continue;
    const { serviceDeploymentArn, status } = seen;
    const history = [{ serviceDeploymentArn, status, createdAt: T0 }];
    const ours = { serviceDeploymentArn, changed: true };
    for (const question of [{ history, ours }, { history }]) {
      const { kind } = decideRollbackMeans({ ...question, named: false });
      if (kind === 'choose' || kind === 'stop') repeated += 1;
    }
  }
  return repeated;
}

function seenStates(observation: Observation): DeploymentReading[] {
  const states = statesOf(observation);
  return observation.looks.flatMap((age, now) =>
    age === undefined ? [] : (states[Math.min(now, states.length - 1) - age] ?? []),
  );
}

/** What is suspended after jobs of which all but the last are killed, and the last one ends. */
function suspendedAfter({ suspended, wishes }: Observation): Scaling[] {
  const none = { 'scale-in': false, 'scale-out': false, scheduled: false };
  let now = withSuspended(none, suspended, true);
  let left: Scaling[] | undefined;
  for (const wish of wishes) {
    const target: ScalableTargetReading = {
      resourceId: '',
      targetArn: '',
      suspended: now,
      ...(left ? { left } : {}),
    };
    const plan = planHold(wish, target);
    left = parseHold(renderHold(plan.resume));
    now = withSuspended(now, plan.suspend, true);
  }
  const after = withSuspended(now, left ?? [], false);
  return (['scale-in', 'scale-out', 'scheduled'] as const).filter((scaling) => after[scaling]);
}
