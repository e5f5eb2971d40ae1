import type { AlarmView } from '../alarm-states.ts';

/** Names of the alarms in ALARM, in their order. */
export function inAlarm(alarms: readonly AlarmView[]): string[] {
  return alarms.filter(({ state }) => state === 'ALARM').map(({ name }) => name);
}

/**
 * Names of the alarms that fail a deployment: in ALARM now, and not in ALARM when the deployment began.
 * Source: ECS guide, deployment-alarm-failure (an alarm in ALARM at the start is ignored for the deployment).
 */
export function triggeredAlarms(alarms: readonly AlarmView[], ignored: readonly string[]): string[] {
  return inAlarm(alarms).filter((name) => !ignored.includes(name));
}

/**
 * How long a rolling deployment bakes, in milliseconds: as long as the slowest of its alarms needs to see a
 * fault. AWS computes it from the alarms' configuration and does not publish the formula.
 */
export function alarmBakeMs(alarms: readonly AlarmView[], ignored: readonly string[]): number {
  const watched = alarms.filter(({ name }) => !ignored.includes(name));
  return Math.max(0, ...watched.map(({ windowMs }) => windowMs));
}
