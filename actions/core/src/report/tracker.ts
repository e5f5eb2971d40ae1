import type { DeploymentReading } from '../decide/deployment-reading.ts';
import { explainStop, type StopCause, type StoppedTask } from '../decide/stop-reason.ts';
import { renderStop } from './cause-block.ts';
import { renderChange } from './change-line.ts';
import type { Phase } from './timeline.ts';

/** What the tracker shows of one service deployment. */
export interface Tracked {
  followed: { service: string };
  reading?: DeploymentReading;
  phases: readonly Phase[];
  service?: { events: readonly { createdAt: number; message: string }[] };
  /** By ARN; `null` are those of other deployments. */
  stopped?: ReadonlyMap<string, StoppedTask | null>;
  outcome?: { verdict: { word: string; green: boolean } };
}

/** How many of a service's last events, and of its failed tasks, are shown. */
const EVENTS = 2;
const STOPS = 2;
const BAR_WIDTH = 20;

/**
 * Renders the present state of all deployments as the lines of a screen that is drawn anew at each reading:
 * counts as a bar, stage, share of the traffic, breaker, how long the present phase has lasted, and the last events and
 * failed tasks of each service.
 * `now` is epoch milliseconds.
 */
export function renderTracker(tracked: readonly Tracked[], now: number): string[] {
  const width = Math.max(...tracked.map(({ followed }) => followed.service.length));
  return tracked.flatMap((one) => {
    const name = one.followed.service.padEnd(width);
    const since = one.phases.at(-1)?.startedAt;
    const lasted = since === undefined ? '' : ` for ${Math.round((now - since) / 1_000)} s`;
    const state = one.reading ? `${renderChange(undefined, one.reading)}${lasted}` : 'not seen yet';
    const verdict = one.outcome && `${one.outcome.verdict.green ? '✅' : '❌'} ${one.outcome.verdict.word}`;
    return [`${name}  ${barOf(one.reading)}  ${verdict ?? state}`, ...eventsOf(one), ...stopsOf(one)];
  });
}

function barOf(reading: DeploymentReading | undefined): string {
  const { requested = 0, running = 0 } = reading?.target ?? {};
  const filled = requested === 0 ? 0 : Math.min(BAR_WIDTH, Math.round((BAR_WIDTH * running) / requested));
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}]`;
}

function eventsOf({ service, outcome }: Tracked): string[] {
  if (outcome) return [];
  return (service?.events ?? [])
    .slice(0, EVENTS)
    .map(({ createdAt, message }) => `    ${new Date(createdAt).toISOString().slice(11, 19)}  ${message}`);
}

/** Newest first. A task that was told to stop has not failed. */
function stopsOf({ stopped, outcome }: Tracked): string[] {
  if (outcome || !stopped) return [];
  const causes = [...stopped.values()].flatMap((task): StopCause[] =>
    task ? [explainStop(task)].flatMap((one) => one ?? []) : [],
  );
  return causes
    .sort((a, b) => b.stoppedAt - a.stoppedAt)
    .slice(0, STOPS)
    .map((cause) => `    ${new Date(cause.stoppedAt).toISOString().slice(11, 19)}  ${renderStop(cause)}`);
}
