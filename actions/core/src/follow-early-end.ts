import type { DeploymentReading } from './decide/deployment-reading.ts';
import { findHopeless, type HopelessFinding, type HopelessRules } from './decide/hopeless.ts';
import { explainStop, type StoppedTask } from './decide/stop-reason.ts';
import { stopServiceDeployment } from './ecs/service-deployment.ts';
import { listStoppedTasks, readTasks } from './ecs/stopped-tasks.ts';
import { isTransient } from './ecs/transient.ts';
import { renderError } from './errors.ts';
import { explainFailure } from './follow-cause.ts';
import { endTrack, openTracks, type Track, tell, type Wait } from './follow-track.ts';
import { renderStop } from './report/cause-block.ts';

/** How often stopped tasks are looked for when nothing points to one. */
const LOOK_EVERY_MS = 7_000;
/** How soon they are looked for again when something does. */
const LOOK_AGAIN_MS = 2_000;

/**
 * Looks among the stopped tasks of a deployment under way for a sign that it cannot succeed, and then asks
 * ECS to go back, or ends the wait as `failed` with the deployment left as it is. `isSuspicious`: the last
 * reading has fewer tasks or more failures than the one before. One call a look for each hundred stopped tasks, one
 * more for each hundred new ones.
 */
export async function endWhereHopeless(
  wait: Wait,
  track: Track,
  reading: DeploymentReading,
  isSuspicious: boolean,
): Promise<void> {
  const { hopeless } = wait.options;
  const isForward = reading.status === 'IN_PROGRESS' || reading.status === 'PENDING';
  if (!hopeless || wait.blind || track.hopeless || !isForward) return;
  if (Object.values(hopeless.rules).every((count) => count === 0)) return;
  const now = wait.deps.clock.now();
  if (now - track.stoppedReadAt < (isSuspicious ? LOOK_AGAIN_MS : LOOK_EVERY_MS)) return;
  track.stoppedReadAt = now;
  const tasks = await readNewStops(wait, track, reading);
  const rules = isBreakerNear(reading) ? withoutRepeats(hopeless.rules) : hopeless.rules;
  const finding = findHopeless(tasks, rules);
  if (finding) await giveUpHope(wait, track, reading, finding);
}

/** What the circuit breaker counts too is left to it where it needs no more than two failures more. */
function isBreakerNear({ breaker }: DeploymentReading): boolean {
  if (breaker?.status !== 'MONITORING' || breaker.failureCount === 0) return false;
  return breaker.threshold - breaker.failureCount <= 2;
}

function withoutRepeats(rules: HopelessRules): HopelessRules {
  return { ...rules, 'same-exit': 0, 'same-health-check': 0 };
}

/** Asks ECS to go back for every deployment that is open, at once; then the wait ends for these. */
export async function stopAllOpen(wait: Wait): Promise<void> {
  await Promise.all(
    openTracks(wait).map(async (track) => {
      track.cancelled = await askToGoBack(wait, track, 'the step was cancelled');
    }),
  );
}

async function readNewStops(wait: Wait, track: Track, reading: DeploymentReading): Promise<StoppedTask[]> {
  const { ecs, log } = wait.deps;
  const { cluster, serviceName, taskDefinitionArn } = track.followed;
  try {
    const listed = await listStoppedTasks(ecs, { cluster, serviceName });
    const fresh = listed.filter((arn) => !track.stopped.has(arn));
    wait.calls += Math.max(1, Math.ceil(listed.length / 100)) + Math.ceil(fresh.length / 100);
    const createdFrom = reading.createdAt ?? 0;
    for (const task of await readTasks(ecs, cluster, fresh)) {
      // A task on its way down has no exit code yet; it is read again.
      if (task.lastStatus !== 'STOPPED') continue;
      const isOurs = task.taskDefinitionArn === taskDefinitionArn && task.createdAt >= createdFrom;
      track.stopped.set(task.taskArn, isOurs ? task : null);
      if (isOurs) tellStop(wait, track, task);
    }
  } catch (error) {
    if (isTransient(error)) throw error;
    wait.blind = true;
    log.warning(
      `Stopped tasks cannot be read, so a hopeless deployment is not noticed early: ${renderError(error)}`,
    );
  }
  return [...track.stopped.values()].flatMap((task) => task ?? []);
}

/** One line for each way in which tasks stop, not for each task. */
function tellStop(wait: Wait, track: Track, task: StoppedTask): void {
  const cause = explainStop(task);
  if (!cause) return;
  const key = `${cause.kind} ${cause.container} ${cause.exitCode}`;
  if (track.toldStops.has(key)) return;
  track.toldStops.add(key);
  tell(wait, track, renderStop(cause));
}

async function giveUpHope(
  wait: Wait,
  track: Track,
  reading: DeploymentReading,
  finding: HopelessFinding,
): Promise<void> {
  const { rule, count, cause } = finding;
  tell(wait, track, `no further try can succeed: ${rule}, ${count} ${count === 1 ? 'task' : 'tasks'}`);
  const asked =
    wait.options.hopeless?.onFailure === 'rollback' && (await askToGoBack(wait, track, 'it cannot succeed'));
  if (asked) track.hopeless = finding;
  await explainFailure(wait, track, reading);
  if (asked) return;
  const reason = `${cause.containerReason ?? cause.stoppedReason ?? rule}; the deployment is still under way`;
  endTrack(wait, track, { word: 'failed', green: false, by: { kind: 'hopeless', rule, count }, reason });
}

/** True when ECS was asked. A refusal is a warning: the rollback step, with a role of its own, is still to come. */
async function askToGoBack(wait: Wait, track: Track, why: string): Promise<boolean> {
  const { ecs, log } = wait.deps;
  const { serviceDeploymentArn, service } = track.followed;
  try {
    wait.calls += 1;
    if ((await stopServiceDeployment(ecs, serviceDeploymentArn)) === 'ended') return false;
    tell(wait, track, `asked ECS to go back, since ${why}`);
    return true;
  } catch (error) {
    log.warning(`${service}: ECS could not be asked to go back: ${renderError(error)}`);
    return false;
  }
}
