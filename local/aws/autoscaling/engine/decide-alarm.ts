import type { Datapoint } from './metrics.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A CloudWatch alarm that needs every one of its periods to breach, and takes missing data as missing. */
export interface AlarmRule {
  /** Whether values above the threshold breach (out) or below it (in). */
  direction: 'in' | 'out';
  threshold: number;
  evaluationPeriods: number;
}

/** CloudWatch looks at a few periods more than it evaluates, for those that have no data. */
const SPARE_PERIODS = 2;

/** How far back from a moment an alarm looks, in periods. */
export const rangeOf = ({ evaluationPeriods }: AlarmRule): number => evaluationPeriods + SPARE_PERIODS;

/**
 * The state of an alarm at `now` (epoch ms), from the datapoints of its range, oldest first, each with the end of
 * its period of `periodMs`.
 *
 * The newest points, at most as many as it evaluates, have to breach, all of them; where there are fewer, the
 * oldest has to be as old as the periods it evaluates, else the state stays as it is. Without any it is
 * INSUFFICIENT_DATA.
 * Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data" (read 2026-11).
 */
export function decideAlarm(
  rule: AlarmRule,
  points: readonly Datapoint[],
  { state, now, periodMs }: { state: AlarmState; now: number; periodMs: number },
): AlarmState {
  const { direction, threshold, evaluationPeriods } = rule;
  const recent = points
    .filter(({ at }) => at > now - rangeOf(rule) * periodMs && at <= now)
    .slice(-evaluationPeriods);
  const [oldest] = recent;
  if (!oldest) return 'INSUFFICIENT_DATA';
  const breaches = ({ value }: Datapoint) => (direction === 'out' ? value > threshold : value < threshold);
  if (!recent.every(breaches)) return 'OK';
  const isOldEnough = oldest.at <= now - (evaluationPeriods - 1) * periodMs;
  if (recent.length === evaluationPeriods || isOldEnough) return 'ALARM';
  return state;
}
