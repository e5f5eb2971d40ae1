import type { ECSClient } from '@aws-sdk/client-ecs';
import type { CloudwatchClient, Elbv2Client, LogsClient } from './aws-clients.ts';
import type { Clock, Random } from './clock.ts';
import {
  type DeploymentReading,
  isOlderReading,
  isRollingBack,
  type ServiceReading,
} from './decide/deployment-reading.ts';
import { type FailureCause, isConsequence, isFailing, selectTroubleEvents } from './decide/failure-cause.ts';
import type { HopelessRules } from './decide/hopeless.ts';
import { nextPollAt } from './decide/next-poll.ts';
import {
  decideAtDeadline,
  decideCancelled,
  decideVerdict,
  type Verdict,
  type WaitUntil,
} from './decide/verdict.ts';
import { readServices, SERVICES_A_CALL } from './ecs/service.ts';
import {
  DEPLOYMENTS_A_CALL,
  listServiceDeployments,
  readServiceDeployments,
} from './ecs/service-deployment.ts';
import { isTransient } from './ecs/transient.ts';
import { renderError } from './errors.ts';
import { explainFailure } from './follow-cause.ts';
import { endWhereHopeless, stopAllOpen } from './follow-early-end.ts';
import { endTrack, openTracks, startTrack, type Track, tell, type Wait } from './follow-track.ts';
import type { Log } from './log.ts';
import { renderChange } from './report/change-line.ts';
import type { Phase } from './report/timeline.ts';
import { renderTracker } from './report/tracker.ts';

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
  waitUntil: WaitUntil;
  /** `annotate`: as an error annotation, at once; `quiet`: it is known already and not looked up. */
  causes: 'annotate' | 'quiet';
  /** How many of the failing container's last log lines to show. */
  logLines: number;
  /** What counts as hopeless, and whether ECS is then asked to go back. Absent: it is not looked for. */
  hopeless?: { rules: HopelessRules; onFailure: 'rollback' | 'leave' };
  /** What a raised signal does. Absent: `leave`. */
  onCancel?: OnCancel;
}

/**
 * `rollback`: ask ECS to go back, then end. `leave`: end at once, ECS goes on. `continue`: watch on until the
 * verdict, or until somebody kills the process.
 */
export type OnCancel = 'rollback' | 'leave' | 'continue';

export interface FollowDeps {
  ecs: ECSClient;
  logs: LogsClient;
  /** To tell what the load balancer and CloudWatch say of a failure; without them it is left out. */
  elb?: Elbv2Client;
  cloudwatch?: CloudwatchClient;
  clock: Clock;
  random: Random;
  log: Log;
  /** Raised when the step is cancelled; `onCancel` says what follows. */
  signal?: AbortSignal;
  /** Draws the present state anew, on a terminal; elsewhere the log's lines are enough. */
  redraw?: ((lines: string[]) => void) | undefined;
}

/** How one service deployment ended. `seconds` counts from the start of the wait to the verdict. */
export interface FollowOutcome {
  followed: Followed;
  verdict: Verdict;
  seconds: number;
  cause?: FailureCause;
  reading?: DeploymentReading;
  /** What it went through, in order. */
  phases: readonly Phase[];
  /** Epoch milliseconds. */
  endedAt: number;
}

/** How often the services themselves are read: for their events, and whether they still exist. */
const SERVICES_EVERY_MS = 10_000;
const TELL_SETBACKS_EVERY_MS = 15_000;

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
  const stopping = stopWhenCancelled(wait);
  while (openTracks(wait).length > 0) {
    await readAndJudge(wait, stopping);
    deps.redraw?.(renderTracker(wait.tracks, deps.clock.now()));
    if (openTracks(wait).length > 0) await rest(wait);
  }
  return wait.tracks.flatMap(({ outcome }) => outcome ?? []);
}

async function rest(wait: Wait): Promise<void> {
  const { clock, random } = wait.deps;
  const pace = {
    ...wait,
    now: clock.now(),
    services: wait.tracks.length,
    rollingBack: isRollingBackOnly(wait),
  };
  await clock.sleep(nextPollAt(pace, random) - clock.now(), endingSignal(wait));
}

/** The signal, unless the wait is to go on all the same. */
function endingSignal({ options, deps }: Wait): AbortSignal | undefined {
  return options.onCancel === 'continue' ? undefined : deps.signal;
}

/** The stop calls leave at once, also while a reading is under way: a runner kills within seconds. */
function stopWhenCancelled(wait: Wait): { done?: Promise<void> } {
  const state: { done?: Promise<void> } = {};
  const { options, deps } = wait;
  if (options.onCancel !== 'rollback' || !deps.signal) return state;
  const begin = (): void => {
    state.done ??= stopAllOpen(wait);
  };
  if (deps.signal.aborted) begin();
  else deps.signal.addEventListener('abort', begin, { once: true });
  return state;
}

function startWait(followed: readonly Followed[], options: FollowOptions, deps: FollowDeps): Wait {
  const now = deps.clock.now();
  return {
    tracks: followed.map((one) => startTrack(one, now)),
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

async function readAndJudge(wait: Wait, stopping: { done?: Promise<void> }): Promise<void> {
  const isOver = endingSignal(wait)?.aborted === true || wait.deps.clock.now() >= wait.deadlineAt;
  await stopping.done;
  try {
    await readDeployments(wait);
    await readServicesAtTimes(wait);
    await judgeAll(wait);
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
    if (!reading || (track.reading && isOlderReading(reading, track.reading))) continue;
    track.suspicious = track.reading !== undefined && hasLost(track.reading, reading);
    noteReading(wait, track, reading);
  }
}

/** Fewer tasks of the target than before, or more failures: some task has stopped. */
function hasLost(before: DeploymentReading, now: DeploymentReading): boolean {
  const tasksOf = ({ target }: DeploymentReading): number => (target?.running ?? 0) + (target?.pending ?? 0);
  const failuresOf = ({ breaker }: DeploymentReading): number => breaker?.failureCount ?? 0;
  return tasksOf(now) < tasksOf(before) || failuresOf(now) > failuresOf(before);
}

function noteReading(wait: Wait, track: Track, reading: DeploymentReading): void {
  const line = renderChange(track.reading, reading);
  track.reading = reading;
  const phase = [reading.status, reading.lifecycleStage].filter(Boolean).join(' ');
  if (track.phases.at(-1)?.name !== phase)
    track.phases.push({ name: phase, startedAt: wait.deps.clock.now() });
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

/** All at once: a service that needs a look at its tasks does not keep the others from their verdicts. */
async function judgeAll(wait: Wait): Promise<void> {
  const settled = await Promise.allSettled(openTracks(wait).map((track) => judge(wait, track)));
  const errors = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
  if (errors.length > 0) throw errors.find((error) => !isTransient(error)) ?? errors[0];
}

async function judge(wait: Wait, track: Track): Promise<void> {
  const { reading, followed, service, missedReadings } = track;
  if (reading && isFailing(reading)) await explainFailure(wait, track, reading);
  else if (reading) await endWhereHopeless(wait, track, reading, track.suspicious === true);
  if (track.outcome) return;
  const verdict = decideVerdict({
    deployment: missedReadings > 0 ? undefined : reading,
    missedReadings,
    newer: reading?.status === 'STOPPED' ? await readNewer(wait, followed, reading) : [],
    service,
    desiredCountBefore: followed.desiredCountBefore,
    waitUntil: wait.options.waitUntil,
  });
  if (verdict) endTrack(wait, track, byOurRule(track, verdict));
}

/** ECS cannot tell who asked it to go back; where it was this run, its reason is the better one. */
function byOurRule({ hopeless }: Track, verdict: Verdict): Verdict {
  const { by } = verdict;
  if (!hopeless || (by && by.kind !== 'person' && by.kind !== 'unstated')) return verdict;
  return { ...verdict, by: { kind: 'hopeless', rule: hopeless.rule, count: hopeless.count } };
}

async function readNewer(wait: Wait, { cluster, serviceName }: Followed, { createdAt }: DeploymentReading) {
  wait.calls += 1;
  return listServiceDeployments(wait.deps.ecs, { cluster, serviceName }, { createdAfter: createdAt });
}

async function giveUp(wait: Wait, track: Track): Promise<void> {
  const seconds = (wait.deps.clock.now() - wait.startedAt) / 1_000;
  if (endingSignal(wait)?.aborted) {
    endTrack(wait, track, decideCancelled(track.cancelled === true));
    return;
  }
  if (track.reading) await explainFailure(wait, track, track.reading);
  endTrack(wait, track, decideAtDeadline(track.reading, seconds));
}

function tellSetback(wait: Wait, error: unknown): void {
  wait.setbacks += 1;
  const now = wait.deps.clock.now();
  if (wait.setbacks > 1 && now - wait.lastSetbackTold < TELL_SETBACKS_EVERY_MS) return;
  wait.lastSetbackTold = now;
  wait.deps.log.info(`AWS gives no answer for now, going on: ${renderError(error)}`);
}
