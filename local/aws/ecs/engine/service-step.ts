import { type EngineContext, liveTasks, type Place } from './context.ts';
import { backOffMs } from './decide-back-off.ts';
import { releaseAlarms } from './service-alarms.ts';
import { EVENT, isWithheld, newPassReport, tell, tellPass } from './service-events.ts';
import { countFailure, noteHealthy, readHealth } from './service-health.ts';
import { hasFailedToRun, runningCount, type ServicePass } from './service-pass.ts';
import { settle, settleDeleted, stepRollout } from './service-rollout.ts';
import { schedule } from './service-schedule.ts';
import { type DeploymentRecord, isRunning, type ServiceRecord, type TaskRecord } from './state.ts';
import { advanceTask } from './task-life.ts';

/** A pass that changes something calls for another; a service that never settles is our fault, and said so. */
const MOST_PASSES = 1000;

/**
 * Carries a service as far as it goes at `state.now`: its tasks' ladders, failures, health, circuit breaker,
 * starts and stops, and the end of deployments. Gives when time alone will change it next.
 */
export function stepService(
  context: EngineContext,
  place: Place,
  service: ServiceRecord,
): number | undefined {
  for (let n = 0; n < MOST_PASSES; n++) {
    const pass = beginPass(context, place, service);
    const hasChanged = (service.status === 'ACTIVE' && stepRollout(pass)) || schedule(pass);
    tellPass(service, context.state.now, context.random, pass.report);
    if (hasChanged || settle(pass)) continue;
    settleDeleted(pass);
    releaseAlarms(pass);
    return pass.dues.length === 0 ? undefined : Math.min(...pass.dues);
  }
  throw new Error(`Service ${service.arn} does not settle at ${context.state.now}.`);
}

/** Moves the tasks up their ladders, then reads everything the decisions of this pass look at. */
function beginPass(context: EngineContext, place: Place, service: ServiceRecord): ServicePass {
  const report = newPassReport();
  const dues: number[] = [];
  const tasks = liveTasks(place.cluster, service);
  for (const task of tasks) {
    const dueAt = advanceTask(context, place, task, report);
    if (dueAt !== undefined) dues.push(dueAt);
  }
  for (const task of tasks) noteLadder(context, service, tasks, task);
  const live = tasks.filter((task) => task.lastStatus !== 'STOPPED');
  service.liveTaskIds = live.map((task) => task.id);
  const health = readHealth(context, service, live);
  if (health.dueAt !== undefined) dues.push(health.dueAt);
  noteHealthy(service, live, health);
  return { context, place, service, live, health, report, isHeld: false, dues };
}

/** What a task's arrival at RUNNING, or its end without it, means to its deployment. */
function noteLadder(
  context: EngineContext,
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
  task: TaskRecord,
): void {
  const deployment = service.deployments.find((candidate) => candidate.id === task.deploymentId);
  if (deployment === undefined) return;
  if (isRunning(task)) deployment.failedTasks = 0;
  if (task.outcomeNoted) return;
  if (isRunning(task)) {
    task.outcomeNoted = true;
    deployment.backOffLevel = 0;
    deployment.launchNotBefore = Math.min(deployment.launchNotBefore, context.state.now);
    deployment.toldImpairedAt = undefined;
  } else if (task.lastStatus === 'STOPPED' && hasFailedToRun(task)) {
    task.outcomeNoted = true;
    countFailure(deployment, 'never-ran', runningCount(tasks, deployment));
    holdBack(context, service, deployment, task);
  }
}

/** Raises the restart back-off once for all tasks that were launched together. */
function holdBack(
  context: EngineContext,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  task: TaskRecord,
): void {
  if (task.backOffLevel < deployment.backOffLevel) return;
  const { state, timings, random } = context;
  deployment.backOffLevel = task.backOffLevel + 1;
  const delayMs = backOffMs(deployment.backOffLevel, timings);
  deployment.launchNotBefore = state.now + delayMs;
  if (delayMs === 0 || isWithheld(deployment.toldImpairedAt, state.now, timings)) return;
  deployment.toldImpairedAt = state.now;
  tell(service, state.now, random, EVENT.impaired());
}
