import type { AlarmBook } from './alarm-book.ts';
import { decideAlarm, rangeOf } from './decide-alarm.ts';
import type { LastScaling, PolicyStanding } from './decide-scaling.ts';
import type { Datapoint, MetricPlace, MetricSource } from './metrics.ts';
import { serviceNameOf } from './service-name.ts';
import type { AlarmRecord, PolicyRecord, ScalingScope, TargetRecord } from './state.ts';
import { readTracked, trackedMetricOf } from './tracked-metric.ts';

export interface Evaluation {
  now: number;
  metrics: MetricSource;
  alarmBook: AlarmBook;
  /** The length of CloudWatch's periods and of the seconds of cooldowns. */
  periodMs: number;
}

/** CloudWatch's period. */
export const PERIOD_MS = 60_000;
/** Of both directions, for ECS services. */
const DEFAULT_COOLDOWN_S = 300;

/** Reads a policy's metric, moves its alarms to their new states and says how it stands. */
export function standingOf(
  scope: ScalingScope,
  target: TargetRecord,
  policy: PolicyRecord,
  evaluation: Evaluation,
): PolicyStanding {
  const { now, metrics, periodMs } = evaluation;
  const { configuration } = policy;
  const tracked = trackedMetricOf(serviceNameOf(scope, target.resourceId), configuration);
  const longest = Math.max(...policy.alarms.map(rangeOf));
  const points = readTracked(tracked, metrics, scope, { from: now - longest * periodMs, to: now });
  for (const alarm of policy.alarms) moveAlarm(scope, alarm, points, evaluation);
  const alarmOf = (direction: 'in' | 'out') => {
    const alarm = policy.alarms.find((each) => each.direction === direction);
    return alarm && { alarm: alarm.AlarmName, state: alarm.state };
  };
  const cooldownMs = (seconds = DEFAULT_COOLDOWN_S) => (seconds * 1000 * periodMs) / PERIOD_MS;
  return {
    name: policy.name,
    targetValue: configuration.TargetValue ?? 0,
    metric: points.at(-1)?.value,
    out: alarmOf('out'),
    in: alarmOf('in'),
    outCooldownMs: cooldownMs(configuration.ScaleOutCooldown),
    inCooldownMs: cooldownMs(configuration.ScaleInCooldown),
  };
}

function moveAlarm(
  place: MetricPlace,
  alarm: AlarmRecord,
  points: readonly Datapoint[],
  { now, periodMs, alarmBook }: Evaluation,
): void {
  const state = decideAlarm(alarm, points, { state: alarm.state, now, periodMs });
  if (state === alarm.state) return;
  alarm.state = state;
  alarmBook.setState(place, alarm);
}

/** The last scaling by a policy of a target, from the activity that tells how it went. */
export function lastScalingOf(scope: ScalingScope, { lastScaling }: TargetRecord): LastScaling | undefined {
  const activity = scope.activities.find(({ id }) => id === lastScaling?.activityId);
  if (!lastScaling || activity?.wanted === undefined) return undefined;
  const { direction, from } = lastScaling;
  return { direction, from, to: activity.wanted, doneAt: activity.endedAt };
}
