import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { ECSClient } from '@aws-sdk/client-ecs';
import type { Clock, Random } from './clock.ts';
import {
  type DeploymentReading,
  isOngoing,
  isRollingBack,
  type ServiceReading,
} from './decide/deployment-reading.ts';
import {
  explains,
  type FailureCause,
  isConsequence,
  isFailing,
  selectTroubleEvents,
} from './decide/failure-cause.ts';
import { nextPollAt } from './decide/next-poll.ts';
import { decideAtDeadline, decideVerdict, type Verdict } from './decide/verdict.ts';
import { readFailureCause } from './ecs/failure-cause.ts';
import { readServices, SERVICES_A_CALL } from './ecs/service.ts';
import {
  DEPLOYMENTS_A_CALL,
  listServiceDeployments,
  readServiceDeployments,
} from './ecs/service-deployment.ts';
import { isTransient } from './ecs/transient.ts';
import { renderError } from './errors.ts';
import type { Log } from './log.ts';
import { renderCause, renderCauseLine } from './report/cause-block.ts';
import { renderChange } from './report/change-line.ts';

/** A service deployment to follow. `service` is the name used in the log; ARNs are full. */
export interface Followed {
  service: string;
  cluster: string;
  serviceName: string;
  serviceDeploymentArn: string;
  taskDefinitionArn: string;
  desiredCountBefore?: number;
}

export interface FollowOptions {
  timeoutMs: number;
  waitUntil: 'paused' | 'done';
  /** `annotate`: as an error annotation, at once; `quiet`: it is known already and not looked up. */
  causes: 'annotate' | 'quiet';
  /** How many of the failing container's last log lines to show. */
  logLines: number;
}

export interface FollowDeps {
  ecs: ECSClient;
  logs: CloudWatchLogsClient;
  clock: Clock;
  random: Random;
  log: Log;
  /** Raised when the step is cancelled: the wait ends with `unknown`, and ECS goes on. */
  signal?: AbortSignal;
}

/** How one service deployment ended. `seconds` counts from the start of the wait to the verdict. */
export interface FollowOutcome {
  followed: Followed;
  verdict: Verdict;
  seconds: number;
  cause?: FailureCause;
  reading?: DeploymentReading;
}

interface Track {
  readonly followed: Followed;
  reading?: DeploymentReading;
  service?: ServiceReading;
  missedReadings: number;
  cause?: FailureCause;
  /** Times the cause was looked up without finding a stopped task. */
  vainLookUps: number;
  readonly toldEvents: Set<string>;
  outcome?: FollowOutcome;
}

interface Wait {
  readonly tracks: Track[];
  readonly options: FollowOptions;
  readonly deps: FollowDeps;
  readonly startedAt: number;
  readonly deadlineAt: number;
  calls: number;
  setbacks: number;
  lastChangeAt: number;
  servicesReadAt: number;
  lastSetbackTold: number;
}

/** How often the services themselves are read: for their events, and whether they still exist. */
const SERVICES_EVERY_MS = 10_000;
const TELL_SETBACKS_EVERY_MS = 15_000;
/** A stopped task may take a moment to be listed; without one the cause is told after so many look-ups. */
const LOOK_UPS = 3;

/**
 * Follows service deployments, several at once, until each has a verdict; the only loop that waits.
 *
 * Each reading is one call for twenty deployments; the cause of a failure is looked up and told as soon as
 * the circuit breaker or an alarm has tripped, and the verdict falls when ECS has ended the rollback. The log
 * gets one line a change. The outcomes are in the order of `followed`. A refusal by AWS is thrown; throttling
 * and broken connections are waited out until the deadline, which gives `unknown`.
 */
export async function followDeployments(
  followed: readonly Followed[],
  options: FollowOptions,
  deps: FollowDeps,
): Promise<FollowOutcome[]> {
  const wait = startWait(followed, options, deps);
  while (openTracks(wait).length > 0) {
    await readAndJudge(wait);
    if (openTracks(wait).length === 0) break;
    const { clock, random, signal } = deps;
    const pace = {
      ...wait,
      now: clock.now(),
      services: followed.length,
      rollingBack: isRollingBackOnly(wait),
    };
    const at = nextPollAt(pace, random);
    await clock.sleep(at - clock.now(), signal);
  }
  return wait.tracks.flatMap(({ outcome }) => outcome ?? []);
}

function startWait(followed: readonly Followed[], options: FollowOptions, deps: FollowDeps): Wait {
  const now = deps.clock.now();
  return {
    tracks: followed.map((one) => ({
      followed: one,
      missedReadings: 0,
      vainLookUps: 0,
      toldEvents: new Set<string>(),
    })),
    options,
    deps,
    startedAt: now,
    deadlineAt: now + options.timeoutMs,
    calls: 0,
    setbacks: 0,
    lastChangeAt: now,
    servicesReadAt: now,
    lastSetbackTold: 0,
  };
}

function isRollingBackOnly(wait: Wait): boolean {
  return openTracks(wait).every(({ reading }) => reading !== undefined && isRollingBack(reading.status));
}

function openTracks(wait: Wait): Track[] {
  return wait.tracks.filter(({ outcome }) => outcome === undefined);
}

async function readAndJudge(wait: Wait): Promise<void> {
  const isOver = wait.deps.signal?.aborted === true || wait.deps.clock.now() >= wait.deadlineAt;
  try {
    await readDeployments(wait);
    await readServicesAtTimes(wait);
    for (const track of openTracks(wait)) await judge(wait, track);
    wait.setbacks = 0;
  } catch (error) {
    if (!isTransient(error)) throw error;
    tellSetback(wait, error);
  }
  if (!isOver) return;
  for (const track of openTracks(wait)) await giveUp(wait, track);
}

async function readDeployments(wait: Wait): Promise<void> {
  const open = openTracks(wait);
  wait.calls += Math.ceil(open.length / DEPLOYMENTS_A_CALL);
  const readings = await readServiceDeployments(
    wait.deps.ecs,
    open.map(({ followed }) => followed.serviceDeploymentArn),
  );
  for (const track of open) {
    const reading = readings.get(track.followed.serviceDeploymentArn);
    track.missedReadings = reading ? 0 : track.missedReadings + 1;
    if (reading && !isOlder(reading, track.reading)) noteReading(wait, track, reading);
  }
}

/** ECS is eventually consistent: a reading may be older than the one before. It is dropped. */
function isOlder(reading: DeploymentReading, last: DeploymentReading | undefined): boolean {
  return (reading.updatedAt ?? 0) < (last?.updatedAt ?? 0);
}

function noteReading(wait: Wait, track: Track, reading: DeploymentReading): void {
  const line = renderChange(track.reading, reading);
  track.reading = reading;
  if (line === undefined) return;
  wait.lastChangeAt = wait.deps.clock.now();
  tell(wait, track, line);
}

async function readServicesAtTimes(wait: Wait): Promise<void> {
  const { clock, ecs } = wait.deps;
  if (clock.now() - wait.servicesReadAt < SERVICES_EVERY_MS) return;
  wait.servicesReadAt = clock.now();
  const byCluster = Map.groupBy(openTracks(wait), ({ followed }) => followed.cluster);
  for (const [cluster, tracks] of byCluster) {
    wait.calls += Math.ceil(tracks.length / SERVICES_A_CALL);
    const names = tracks.map(({ followed }) => followed.serviceName);
    const services = await readServices(ecs, cluster, names);
    for (const [i, track] of tracks.entries()) tellEvents(wait, track, services[i]);
  }
}

function tellEvents(wait: Wait, track: Track, service: ServiceReading | undefined): void {
  track.service = service;
  const events = selectTroubleEvents(service, track.reading?.createdAt ?? wait.startedAt);
  const isBack = track.reading?.status.startsWith('ROLLBACK_') ?? false;
  for (const { message, createdAt } of events.toReversed()) {
    // That ECS goes back has been told by the status already.
    if (track.toldEvents.has(message) || (isBack && isConsequence(message))) continue;
    track.toldEvents.add(message);
    tell(wait, track, `event at ${new Date(createdAt).toISOString().slice(11, 19)} UTC: ${message}`);
  }
}

async function judge(wait: Wait, track: Track): Promise<void> {
  const { reading, followed, service, missedReadings } = track;
  if (reading && isFailing(reading)) await explain(wait, track, reading);
  const verdict = decideVerdict({
    deployment: missedReadings > 0 ? undefined : reading,
    missedReadings,
    newer: reading?.status === 'STOPPED' ? await readNewer(wait, followed, reading) : [],
    service,
    desiredCountBefore: followed.desiredCountBefore,
    waitUntil: wait.options.waitUntil,
  });
  if (verdict) end(wait, track, verdict);
}

async function readNewer(wait: Wait, { cluster, serviceName }: Followed, { createdAt }: DeploymentReading) {
  wait.calls += 1;
  return listServiceDeployments(wait.deps.ecs, { cluster, serviceName }, { createdAfter: createdAt });
}

/** Looks up and tells the cause once. It is an extra: what goes wrong here does not end the wait. */
async function explain(wait: Wait, track: Track, reading: DeploymentReading): Promise<void> {
  if (track.cause || wait.options.causes === 'quiet') return;
  const { deps, options } = wait;
  try {
    const { cause, calls } = await readFailureCause(deps, track.followed, reading, options.logLines);
    wait.calls += calls;
    if (!cause.stop && isOngoing(reading.status) && track.vainLookUps++ < LOOK_UPS) return;
    if (!explains(cause)) return;
    track.cause = cause;
    for (const event of cause.events) track.toldEvents.add(event);
    const title = `${track.followed.service}: ${renderCauseLine(cause)}`;
    deps.log.error(renderCause(cause).join('\n'), { title });
  } catch (error) {
    if (isTransient(error)) return;
    track.cause = { events: [], alarmNames: [], logLines: [] };
    deps.log.warning(`The cause of the failure could not be read: ${renderError(error)}`);
  }
}

async function giveUp(wait: Wait, track: Track): Promise<void> {
  const seconds = (wait.deps.clock.now() - wait.startedAt) / 1_000;
  if (wait.deps.signal?.aborted) {
    const reason = 'the step was cancelled; the deployment goes on without being watched';
    end(wait, track, { word: 'unknown', green: false, reason });
    return;
  }
  if (track.reading) await explain(wait, track, track.reading);
  end(wait, track, decideAtDeadline(track.reading, seconds));
}

function end(wait: Wait, track: Track, verdict: Verdict): void {
  const { followed, reading, cause } = track;
  const seconds = (wait.deps.clock.now() - wait.startedAt) / 1_000;
  track.outcome = { followed, verdict, seconds, cause, reading };
}

function tellSetback(wait: Wait, error: unknown): void {
  wait.setbacks += 1;
  const now = wait.deps.clock.now();
  if (wait.setbacks > 1 && now - wait.lastSetbackTold < TELL_SETBACKS_EVERY_MS) return;
  wait.lastSetbackTold = now;
  wait.deps.log.info(`AWS gives no answer for now, going on: ${renderError(error)}`);
}

function tell(wait: Wait, track: Track, text: string): void {
  const seconds = Math.round((wait.deps.clock.now() - wait.startedAt) / 1_000);
  wait.deps.log.info(`${`${seconds}s`.padStart(5)}  ${track.followed.service}  ${text}`);
}
