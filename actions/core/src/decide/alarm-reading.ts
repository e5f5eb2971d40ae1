import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';

/** An alarm as CloudWatch shows it. */
export interface AlarmReading {
  name: string;
  /** `OK`, `ALARM` or `INSUFFICIENT_DATA`. */
  state: string;
  /** In CloudWatch's words. */
  reason: string;
  /** What a missing data point counts as, `missing`, `ignore`, `breaching` or `notBreaching`; a composite alarm has none. */
  missingData?: string;
}

/** Names of the alarms that watch the deployments of a service; none where they are off. */
export function watchingAlarms({ alarms }: DeploymentConfiguration = {}): string[] {
  return alarms?.enable ? [...(alarms.alarmNames ?? [])] : [];
}

export function isFiring({ state }: AlarmReading): boolean {
  return state === 'ALARM';
}

/** An alarm with its reason, and with its state where it has too few data to judge by. */
export function renderAlarm({ name, state, reason, missingData }: AlarmReading): string {
  if (state !== 'INSUFFICIENT_DATA') return `${name}: ${reason}`;
  const counts = missingData ? `, missing data counts as ${missingData}` : '';
  return `${name} (INSUFFICIENT_DATA${counts}): ${reason}`;
}

/** What is to be known of one alarm before a deployment that it shall watch begins. */
export interface AlarmNote {
  /** It is in ALARM now. */
  isFiring: boolean;
  text: string;
}

/**
 * Judges the alarms of `names` by what was read of them. AWS says that one which fires already is ignored for the
 * whole deployment (developer guide, deployment alarms); others saw a deployment fail at once because of one. One
 * without data, or one that is not there, cannot fail a deployment whatever happens.
 */
export function judgeAlarmsAtStart(names: readonly string[], readings: readonly AlarmReading[]): AlarmNote[] {
  return names.flatMap((name): AlarmNote[] => {
    const reading = readings.find((one) => one.name === name);
    if (!reading)
      return [{ isFiring: false, text: `alarm ${name} is not in CloudWatch, so it guards nothing` }];
    if (isFiring(reading)) {
      const text = `alarm ${name} is in ALARM before the deployment begins; ECS ignores it until the deployment ends, so it guards nothing. ${renderAlarm(reading)}`;
      return [{ isFiring: true, text }];
    }
    if (reading.state !== 'INSUFFICIENT_DATA') return [];
    const text = `alarm ${name} has too few data to judge by, so it guards nothing until they come. ${renderAlarm(reading)}`;
    return [{ isFiring: false, text }];
  });
}
