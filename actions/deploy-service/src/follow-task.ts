import type { StoppedTask } from '../../core/src/decide/stop-reason.ts';
import type { TaskDefinitionDocument } from '../../core/src/decide/task-definition-content.ts';
import type { EndedContainer, TaskEnd } from '../../core/src/decide/task-end.ts';
import { type LogTail, logPlacesOf, openLogTail } from '../../core/src/ecs/log-tail.ts';
import { stopOneOffTask } from '../../core/src/ecs/one-off-task.ts';
import { readTasks } from '../../core/src/ecs/stopped-tasks.ts';
import { isTransient } from '../../core/src/ecs/transient.ts';
import { renderError } from '../../core/src/errors.ts';
import type { FollowDeps } from '../../core/src/follow.ts';

/** A task to follow to its end. `deadlineAt` is epoch milliseconds. */
export interface FollowedTask {
  service: string;
  clusterArn: string;
  taskArn: string;
  container: string;
  document: TaskDefinitionDocument;
  deadlineAt: number;
}

/** How following ended; lines are the log of each container, oldest first, the newest two hundred. */
export interface TaskOutcome {
  kind: 'stopped' | 'timed-out' | 'cancelled' | 'lost';
  end: TaskEnd;
  task?: StoppedTask;
  linesByContainer: ReadonlyMap<string, readonly string[]>;
  /** Log group and stream of each container that logs to CloudWatch Logs. */
  placeByContainer: ReadonlyMap<string, string>;
}

const POLL_MS = 2_000;
/** After it was asked to stop: longer than the longest stop time-out that ECS takes, 120 s. */
const STOPS_WITHIN_MS = 150_000;
/** CloudWatch Logs shows lines a little after they were written. */
const LAST_LOOKS = 3;
const KEPT_LINES = 200;

type Reading = StoppedTask & { lastStatus: string };

interface Watch {
  followed: FollowedTask;
  deps: FollowDeps;
  tails: LogTail[];
  lines: Map<string, string[]>;
  /** Names of the containers that ran when this run stopped the task; absent: it did not. */
  stoppedAmong?: ReadonlySet<string>;
  stopReason?: 'done' | 'timed-out';
  missed: number;
}

/**
 * Follows a task until it has stopped, and tells what its containers log as they log it. When the container that
 * does the work has ended and others go on, the task is stopped; likewise at the deadline. A raised signal leaves
 * the task alone: half a migration is worse than one that nobody watches. One DescribeTasks, and one call a
 * logging container, every two seconds.
 */
export async function followTask(followed: FollowedTask, deps: FollowDeps): Promise<TaskOutcome> {
  const places = logPlacesOf(followed.document, followed.taskArn);
  const tails = places.map((place) => openLogTail(deps.logs, place));
  const watch: Watch = { followed, deps, tails, lines: new Map(), missed: 0 };
  let reading: Reading | undefined;
  for (;;) {
    if (deps.signal?.aborted) return outcomeOf(watch, 'cancelled', reading);
    reading = (await tryReading(watch)) ?? reading;
    await tellLines(watch);
    if (reading && isOver(reading)) break;
    if (watch.missed > LAST_LOOKS || deps.clock.now() > followed.deadlineAt + STOPS_WITHIN_MS)
      return outcomeOf(watch, 'lost', reading);
    await stopWhereDue(watch, reading);
    await deps.clock.sleep(POLL_MS, deps.signal);
  }
  for (let look = 0; look < LAST_LOOKS && tails.length > 0; look++) {
    const found = await tellLines(watch);
    if (look > 0 && !found) break;
    await deps.clock.sleep(POLL_MS / 2, deps.signal);
  }
  return outcomeOf(watch, watch.stopReason === 'timed-out' ? 'timed-out' : 'stopped', reading);
}

/** The containers' ends decide; that ECS still takes the network interface back, half a minute, is nothing to wait for. */
function isOver({ lastStatus, stopCode, containers }: Reading): boolean {
  if (lastStatus === 'STOPPED') return true;
  return stopCode !== undefined && containers.every(({ exitCode }) => exitCode !== undefined);
}

async function tryReading(watch: Watch): Promise<Reading | undefined> {
  const { followed, deps } = watch;
  try {
    const [reading] = await readTasks(deps.ecs, followed.clusterArn, [followed.taskArn]);
    watch.missed = reading ? 0 : watch.missed + 1;
    return reading;
  } catch (error) {
    if (!isTransient(error)) throw error;
    return undefined;
  }
}

/** Logs are an extra: what cannot be read is said once, and the task goes on. */
async function tellLines(watch: Watch): Promise<boolean> {
  const { followed, deps } = watch;
  let found = false;
  for (const tail of [...watch.tails]) {
    const { container } = tail.place;
    const lines = await tail.next().catch((error: unknown) => {
      if (isTransient(error)) return [];
      watch.tails = watch.tails.filter((other) => other !== tail);
      deps.log.warning(`The log of container ${container} cannot be read: ${renderError(error)}`);
      return [];
    });
    // The prefix also keeps a line from being read as a command of the runner.
    for (const line of lines) deps.log.info(`${followed.service} migrate/${container} | ${line}`);
    const kept = [...(watch.lines.get(container) ?? []), ...lines].slice(-KEPT_LINES);
    watch.lines.set(container, kept);
    found ||= lines.length > 0;
  }
  return found;
}

async function stopWhereDue(watch: Watch, reading: Reading | undefined): Promise<void> {
  const { followed, deps } = watch;
  if (watch.stopReason) return;
  const isDone =
    reading?.containers.find(({ name }) => name === followed.container)?.exitCode !== undefined &&
    !reading.stopCode;
  const isLate = deps.clock.now() >= followed.deadlineAt;
  if (!isDone && !isLate) return;
  watch.stopReason = isDone ? 'done' : 'timed-out';
  const running = (reading?.containers ?? []).filter(({ exitCode }) => exitCode === undefined);
  watch.stoppedAmong = new Set(running.map(({ name }) => name));
  const reason = isDone ? `container ${followed.container} has ended` : 'the time for it was up';
  deps.log.info(`${followed.service}: stopping the task: ${reason}`);
  await stopOneOffTask(deps.ecs, { ...followed, reason: `berth: ${reason}` });
}

function outcomeOf(watch: Watch, kind: TaskOutcome['kind'], task: Reading | undefined): TaskOutcome {
  const { followed, lines, stopReason } = watch;
  return {
    kind,
    ...(task ? { task } : {}),
    end: {
      ...(task?.stopCode === undefined ? {} : { stopCode: task.stopCode }),
      ...(task?.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
      containers: (task?.containers ?? []).map((container) => endedOf(watch, container)),
      stoppedByUs: stopReason === 'done',
    },
    linesByContainer: lines,
    placeByContainer: new Map(
      logPlacesOf(followed.document, followed.taskArn).map(({ container, group, stream }) => [
        container,
        `${group} ${stream}`,
      ]),
    ),
  };
}

function endedOf(
  { followed, stoppedAmong }: Watch,
  { name, exitCode, reason }: StoppedTask['containers'][number],
): EndedContainer {
  const containers = (followed.document.containerDefinitions ?? []) as {
    name?: string;
    essential?: boolean;
  }[];
  return {
    name,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
    essential: containers.find((one) => one.name === name)?.essential !== false,
    stoppedByUs: stoppedAmong?.has(name) === true,
  };
}
