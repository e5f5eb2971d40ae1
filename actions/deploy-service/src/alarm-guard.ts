import type { CloudwatchClient } from '../../core/src/aws-clients.ts';
import { readAlarms } from '../../core/src/cloudwatch/alarm-states.ts';
import { type AlarmNote, judgeAlarmsAtStart, watchingAlarms } from '../../core/src/decide/alarm-reading.ts';
import { renderError, UserError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import type { PlannedService } from './plan.ts';

/** What a service's alarms cannot guard; `text` names the service. */
export type ServiceAlarmNote = AlarmNote & { service: string };

/**
 * Looks, before anything is written, at the alarms that shall watch the deployments that are planned, and tells which
 * of them will not. One call for every hundred alarms, none without alarms. An extra: where they may not be read this
 * is said, and nothing is known of them.
 */
export async function readAlarmNotes(
  planned: readonly PlannedService[],
  { cloudwatch, log }: { cloudwatch: CloudwatchClient; log: Log },
): Promise<ServiceAlarmNote[]> {
  const watched = planned.flatMap((one) => {
    const names = one.steps.some(({ kind }) => kind === 'update') ? alarmsOf(one) : [];
    return names.length > 0 ? [{ service: one.wanted.service, names }] : [];
  });
  try {
    const readings = await readAlarms(cloudwatch, [...new Set(watched.flatMap(({ names }) => names))]);
    return watched.flatMap(({ service, names }) =>
      judgeAlarmsAtStart(names, readings).map((note) => ({
        ...note,
        service,
        text: `${service}: ${note.text}`,
      })),
    );
  } catch (error) {
    log.info(`The alarms of the deployments were not looked at: ${renderError(error)}`);
    return [];
  }
}

/** Throws `DEPLOYMENT_ALARM` where an alarm fires already and the user wants no deployment then. */
export function assertNoAlarm(notes: readonly ServiceAlarmNote[], onAlarm: 'ignore' | 'refuse'): void {
  const firing = notes.filter(({ isFiring }) => isFiring);
  if (onAlarm === 'ignore' || firing.length === 0) return;
  throw new UserError(
    'DEPLOYMENT_ALARM',
    `${firing.map(({ text }) => text).join('\n')}\nNothing was written. To deploy a fix all the same, write "on-alarm: ignore".`,
  );
}

/** As the update will leave them. */
function alarmsOf({ before, strategy }: PlannedService): string[] {
  return watchingAlarms({ ...before.settings?.deploymentConfiguration, ...strategy.configuration });
}
