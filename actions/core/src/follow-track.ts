import type { DeploymentReading, ServiceReading } from './decide/deployment-reading.ts';
import type { FailureCause } from './decide/failure-cause.ts';
import type { HopelessFinding } from './decide/hopeless.ts';
import type { StoppedTask } from './decide/stop-reason.ts';
import type { Verdict } from './decide/verdict.ts';
import type { FollowDeps, Followed, FollowOptions, FollowOutcome } from './follow.ts';
import type { Phase } from './report/timeline.ts';

/** One service deployment being followed, with all that was read and told of it so far. */
export interface Track {
  readonly followed: Followed;
  reading?: DeploymentReading;
  service?: ServiceReading;
  missedReadings: number;
  cause?: FailureCause;
  /** Times the cause was looked up without finding a stopped task. */
  vainLookUps: number;
  readonly toldEvents: Set<string>;
  /** The ways in which tasks stopped that have been told. */
  readonly toldStops: Set<string>;
  readonly phases: Phase[];
  /** Stopped tasks read so far, by ARN; those of other deployments are `null`. */
  readonly stopped: Map<string, StoppedTask | null>;
  /** True when the last reading has fewer tasks, or more failures, than the one before. */
  suspicious?: boolean;
  /** When stopped tasks were looked for last, epoch milliseconds. */
  stoppedReadAt: number;
  /** Why this run asked ECS to go back before ECS would have. */
  hopeless?: HopelessFinding;
  /** True when this run, being cancelled, asked ECS to go back. */
  cancelled?: boolean;
  outcome?: FollowOutcome;
}

/** The wait as a whole. */
export interface Wait {
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
  /** Set where the step may not read stopped tasks: it is said once, and not tried again. */
  blind?: boolean;
}

/** How much sooner than later looks the first one is. */
const EARLIER_MS = 4_000;

export function startTrack(followed: Followed, now: number): Track {
  return {
    followed,
    missedReadings: 0,
    vainLookUps: 0,
    toldEvents: new Set(),
    toldStops: new Set(),
    phases: [],
    stopped: new Map(),
    // What cannot start shows soon: the first look at stopped tasks is an early one.
    stoppedReadAt: now - EARLIER_MS,
  };
}

export function openTracks(wait: Wait): Track[] {
  return wait.tracks.filter(({ outcome }) => outcome === undefined);
}

/** Ends a track with its verdict. */
export function endTrack(wait: Wait, track: Track, verdict: Verdict): void {
  const { followed, reading, cause, phases } = track;
  const now = wait.deps.clock.now();
  const seconds = (now - wait.startedAt) / 1_000;
  track.outcome = { followed, verdict, seconds, cause, reading, phases, endedAt: now };
}

/** One line of the log: seconds since the start of the wait, service, text. */
export function tell(wait: Wait, track: Track, text: string): void {
  const seconds = Math.round((wait.deps.clock.now() - wait.startedAt) / 1_000);
  wait.deps.log.info(`${`${seconds}s`.padStart(5)}  ${track.followed.service}  ${text}`);
}
