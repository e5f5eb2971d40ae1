import type { TaskDefinitionChange } from './task-definition-diff.ts';

/** Something the target needs. `unknown` says in `why` what kept it from being looked at. */
export interface NeededThing {
  /** For instance `image`, `parameter`, `log group`, `target group`, `secret`. */
  what: string;
  name: string;
  state: 'there' | 'missing' | 'archived' | 'unknown';
  why?: string;
  /** When its content was changed last, epoch milliseconds. */
  changedAt?: number;
  /** The tag of the image now points to `now`, while `deployed` ran. */
  moved?: { deployed: string; now: string };
}

/** What is read before a rollback writes anything. */
export interface PreflightReading {
  needs: readonly NeededThing[];
  /** When the target was deployed, epoch milliseconds, where the history tells. */
  deployedAt?: number;
  /** What differs between the settings of the target's service revision and those of now. */
  settings: readonly TaskDefinitionChange[];
  desiredCount: number;
  minimumHealthyPercent: number;
  maximumPercent: number;
  /** Deployments of the last hour that ended, or are ending, in a rollback. */
  rollbacksInHour: number;
}

/** One thing found: `refuse` keeps the rollback from its first write, `warn` is part of the plan. */
export interface PreflightFinding {
  check: string;
  kind: 'refuse' | 'warn';
  text: string;
}

/** Rolled back so often within the hour, a service is likely going to and fro between two bad revisions. */
const PING_PONG = 2;

/** What no call to AWS can tell, said once so that it is not silent. */
const UNSEEN =
  'not seen from here: the schema of a database, messages and offsets the newer version has written, scheduled tasks of the family, what Terraform pins, caches of browsers and networks';

/**
 * Judges what a rollback would meet: what its target needs and no longer finds refuses it; what may have
 * changed under it warns. Nothing that was looked for and not found is silent.
 */
export function judgePreflight(reading: PreflightReading): PreflightFinding[] {
  return [
    ...reading.needs.flatMap((thing) => judgeThing(thing, reading.deployedAt)),
    ...judgeSettings(reading),
    ...judgeCapacity(reading),
    ...(reading.rollbacksInHour >= PING_PONG
      ? [
          warn(
            'ping-pong',
            `the service was rolled back ${reading.rollbacksInHour} times within the last hour`,
          ),
        ]
      : []),
    warn('unseen', UNSEEN),
  ];
}

function judgeThing(thing: NeededThing, deployedAt: number | undefined): PreflightFinding[] {
  const { what, name, state, why, changedAt, moved } = thing;
  const check = what.replace(' ', '-');
  switch (state) {
    case 'missing':
      return [refuse(`${check}-missing`, `${what} ${name} does not exist`)];
    case 'archived':
      return [refuse(`${check}-archived`, `${what} ${name} is archived: restore it first`)];
    case 'unknown':
      return [warn(`${check}-unchecked`, `${what} ${name} was not checked: ${why}`)];
    case 'there':
      return [
        ...(moved
          ? [
              warn(
                `${check}-moved`,
                `the tag of ${what} ${name} points to ${moved.now} now; ${moved.deployed} ran`,
              ),
            ]
          : []),
        ...(changedAt !== undefined && deployedAt !== undefined && changedAt > deployedAt
          ? [warn(`${check}-changed`, `${what} ${name} was changed after the target was deployed`)]
          : []),
      ];
  }
}

/** Only the task definition goes back; a port or a subnet that moved on meanwhile stays. */
function judgeSettings({ settings }: PreflightReading): PreflightFinding[] {
  return settings.map(({ path, before, after }) =>
    warn(
      'settings',
      `${path} was ${before ?? 'not set'} and stays ${after ?? 'not set'}: only the task definition goes back`,
    ),
  );
}

function judgeCapacity(reading: PreflightReading): PreflightFinding[] {
  const { desiredCount, minimumHealthyPercent, maximumPercent } = reading;
  if (desiredCount === 0) return [warn('scaled-to-zero', 'the desired count is 0, so nothing will start')];
  const lower = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
  const upper = Math.floor((desiredCount * maximumPercent) / 100);
  if (upper > lower) return [];
  const text = `minimumHealthyPercent ${minimumHealthyPercent} and maximumPercent ${maximumPercent} let no task of ${desiredCount} start or stop`;
  return [refuse('no-room', text)];
}

function refuse(check: string, text: string): PreflightFinding {
  return { check, kind: 'refuse', text };
}

function warn(check: string, text: string): PreflightFinding {
  return { check, kind: 'warn', text };
}
