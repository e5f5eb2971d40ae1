import { act, type PreflightFinding, refuse, warn } from './preflight-finding.ts';
import { judgeSchema, type SchemaReading } from './schema-compat.ts';
import { judgeSurroundings, type SurroundingsReading } from './surroundings.ts';
import type { TaskDefinitionChange } from './task-definition-diff.ts';

/** Something the target needs. `unknown` and `refused` say in `why` what kept it from being looked at, or used. */
export interface NeededThing {
  /** For instance `image`, `parameter`, `log group`, `target group`, `secret`, `role`. */
  what: string;
  name: string;
  state: 'there' | 'missing' | 'archived' | 'refused' | 'unknown';
  why?: string;
  /** When its content was changed last, epoch milliseconds. */
  changedAt?: number;
  /** The tag of the image points to `now` (absent: it is gone), while `deployed` ran. */
  moved?: { container: string; deployed: string; now?: string };
}

/** What is read before a rollback writes anything. */
export interface PreflightReading {
  needs: readonly NeededThing[];
  /** When the target was deployed, epoch milliseconds, where the history tells. */
  deployedAt?: number;
  /** How long the target served, in milliseconds, where the history tells. */
  servedMs?: number;
  /** The target is INACTIVE, so a copy of it is registered. */
  copied: boolean;
  /** What differs between the settings of the target's service revision and those of now. */
  settings: readonly TaskDefinitionChange[];
  scope: 'task' | 'service';
  /** `container:port` that the load balancer of the service sends to and the target does not have. */
  unreached: readonly string[];
  desiredCount: number;
  minimumHealthyPercent: number;
  maximumPercent: number;
  /** Deployments of the last hour that ended, or are ending, in a rollback, by ECS or by going back. */
  rollbacksInHour: number;
  /** How many different revisions were gone back to within the hour. */
  destinationsInHour: number;
  /** A run undoes its own deployment; else a person asks. */
  automatic: boolean;
  schema: SchemaReading;
  surroundings: SurroundingsReading;
}

/** Gone back so often within the hour, to different revisions, a service is going to and fro between bad ones. */
const PING_PONG = 2;

/** A revision that served for less than this has hardly been proven. */
const PROVEN_MS = 30 * 60_000;

/** What no call to AWS can tell, said once so that it is not silent. */
const UNSEEN =
  'not seen from here: messages, offsets and data the newer version has written; rules of EventBridge, functions and workers on the newer version; what Terraform pins and would set at its next apply; caches of browsers and networks; subnets and security groups, which ECS checks itself; quotas of the account';

/**
 * Judges what a rollback would meet: what its target needs and no longer finds refuses it; what can be set right
 * on the way is done; what may have changed under it warns. Nothing that was looked for and not found is silent.
 */
export function judgePreflight(reading: PreflightReading): PreflightFinding[] {
  return [
    ...judgeSchema(reading.schema),
    ...reading.needs.flatMap((thing) => judgeThing(thing, reading.deployedAt)),
    ...(reading.copied
      ? [act('copy', 'the target is INACTIVE: an equal copy is registered, with its tags')]
      : []),
    ...(reading.servedMs !== undefined && reading.servedMs < PROVEN_MS
      ? [warn('unproven', `the target served for ${Math.round(reading.servedMs / 60_000)} min only`)]
      : []),
    ...judgeSettings(reading),
    ...judgeCapacity(reading),
    ...judgePingPong(reading),
    ...judgeSurroundings(reading.surroundings),
    warn('unseen', UNSEEN),
  ];
}

function judgeThing(thing: NeededThing, deployedAt: number | undefined): PreflightFinding[] {
  const { what, name, state, why, changedAt, moved } = thing;
  const check = what.replace(' ', '-');
  switch (state) {
    case 'missing':
      return [refuse(`${check}-missing`, `${what} ${name} does not exist${why ? ` (${why})` : ''}`)];
    case 'archived':
      return [refuse(`${check}-archived`, `${what} ${name} is archived${why ? `: ${why}` : ''}`)];
    case 'refused':
      return [refuse(`${check}-refused`, `${what} ${name} cannot be used: ${why}`)];
    case 'unknown':
      return [warn(`${check}-unchecked`, `${what} ${name} was not checked: ${why}`)];
    case 'there':
      return [
        ...(moved ? [pinned(name, moved)] : []),
        ...(changedAt !== undefined && deployedAt !== undefined && changedAt > deployedAt
          ? [warn(`${check}-changed`, `${what} ${name} was changed after the target was deployed`)]
          : []),
      ];
  }
}

/** A tag that moved on, or went, would bring another image than the one that ran. */
function pinned(name: string, { deployed, now }: NonNullable<NeededThing['moved']>): PreflightFinding {
  const where = now ? `points to ${now} now` : 'is gone';
  return act(
    'image-moved',
    `the tag of image ${name} ${where}: a copy is registered with ${deployed}, which ran`,
  );
}

/** Only the task definition goes back unless the scope is the service; a port or a subnet that moved on stays. */
function judgeSettings({ settings, scope, unreached }: PreflightReading): PreflightFinding[] {
  const refused = unreached.map((end) =>
    refuse(
      'port-missing',
      `the load balancer sends to ${end}, which the target does not have: write "scope: service" if its settings shall go back too`,
    ),
  );
  const told = settings.map(({ path, before, after }) => {
    const [was, is] = [before ?? 'not set', after ?? 'not set'];
    return scope === 'service'
      ? act('settings', `${path} goes back from ${is} to ${was}`)
      : warn('settings', `${path} was ${was} and stays ${is}: only the task definition goes back`);
  });
  return [...refused, ...told];
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

function judgePingPong({
  rollbacksInHour,
  destinationsInHour,
  automatic,
}: PreflightReading): PreflightFinding[] {
  if (automatic && destinationsInHour >= PING_PONG) {
    const text = `the service went back to ${destinationsInHour} different revisions within the last hour: held, a person should choose the revision`;
    return [refuse('ping-pong', text)];
  }
  if (rollbacksInHour < PING_PONG) return [];
  return [warn('ping-pong', `the service was rolled back ${rollbacksInHour} times within the last hour`)];
}
