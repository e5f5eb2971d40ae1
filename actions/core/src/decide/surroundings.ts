import { type AlarmReading, isFiring, renderAlarm } from './alarm-reading.ts';
import { act, type PreflightFinding, warn } from './preflight-finding.ts';

/** What stands around a service and matters to a deployment of it. An absent part could not be read. */
export interface SurroundingsReading {
  /** Alarms that watch its deployments. */
  alarms: readonly AlarmReading[];
  /** Alarms that an earlier rollback took off and did not put back. */
  restoreAlarms: boolean;
  autoscaling?: {
    minCapacity: number;
    /** `scale-in`, `scale-out`, `scheduled`; empty: nothing. */
    suspended: readonly string[];
    /** A run of this pack suspended it. */
    held: boolean;
  };
  runningCount: number;
  /** Names of other services in the cluster on the family of the revision that is left. */
  siblings: readonly string[];
  family: string;
  /** A recent event about tasks that found no place. */
  placement?: string;
  /** Longest wait for requests to end on old targets, in seconds; absent without a target group. */
  drainSeconds?: number;
  /** What could not be looked at, and why. */
  unread: readonly { what: string; why: string }[];
}

/** Judges what stands around a service. Nothing here refuses: it is set right, or told. */
export function judgeSurroundings(reading: SurroundingsReading): PreflightFinding[] {
  const { siblings, family, placement, drainSeconds } = reading;
  return [
    ...judgeAlarms(reading),
    ...judgeAutoscaling(reading),
    ...(siblings.length > 0
      ? [warn('siblings', `${siblings.join(', ')} of this cluster run ${family} too and stay as they are`)]
      : []),
    ...(placement ? [warn('placement', `lately ECS could not start or place tasks: ${placement}`)] : []),
    ...(drainSeconds
      ? [
          warn(
            'drain',
            `old targets drain for up to ${drainSeconds} s; watch HTTPCode_ELB_5XX_Count meanwhile`,
          ),
        ]
      : []),
    ...reading.unread.map(({ what, why }) =>
      warn(`${what.replaceAll(' ', '-')}-unchecked`, `${what} could not be looked at: ${why}`),
    ),
  ];
}

/** AWS says that an alarm which fires already is ignored; others saw a deployment fail at once because of one. */
function judgeAlarms({ alarms, restoreAlarms }: SurroundingsReading): PreflightFinding[] {
  const firing = alarms.filter(isFiring);
  const blind = alarms.filter(({ state }) => state === 'INSUFFICIENT_DATA');
  const names = firing.map(({ name }) => name).join(', ');
  return [
    ...(firing.length > 0
      ? [
          act(
            'alarm-firing',
            `${names} in ALARM could fail the rollback: the alarms are off for this deployment and on again after it`,
          ),
        ]
      : []),
    ...blind.map((one) => warn('alarm-blind', `an alarm has too few data to judge by: ${renderAlarm(one)}`)),
    ...(restoreAlarms
      ? [act('alarms-off', 'an earlier rollback that did not end left the alarms off: they are put on again')]
      : []),
  ];
}

function judgeAutoscaling({ autoscaling, runningCount }: SurroundingsReading): PreflightFinding[] {
  if (!autoscaling) return [];
  const { minCapacity, suspended, held } = autoscaling;
  const list = suspended.join(', ');
  return [
    ...(suspended.length > 0
      ? [
          held
            ? act('autoscaling-held', `an earlier run holds autoscaling (${list}): it is resumed at the end`)
            : warn('autoscaling-suspended', `autoscaling is suspended (${list}), not by this pack`),
        ]
      : []),
    ...(minCapacity < runningCount && !suspended.includes('scale-in')
      ? [
          warn(
            'scale-in',
            `autoscaling may go down to ${minCapacity} of the ${runningCount} running tasks meanwhile`,
          ),
        ]
      : []),
  ];
}
