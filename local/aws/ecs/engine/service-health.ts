import type { EngineContext } from './context.ts';
import { countsForCircuitBreaker, resetsOnHealthyTask, type TaskFailure } from './decide-circuit-breaker.ts';
import { decideTaskHealth, type TaskHealth, type UnhealthyCause } from './decide-task-health.ts';
import { type DeploymentRecord, isRunning, type ServiceRecord, type TaskRecord } from './state.ts';

/** The health of every RUNNING task by id, and when time alone may next change one. */
export interface HealthReading {
  byTaskId: Map<string, TaskHealth>;
  dueAt: number | undefined;
}

/** Judges the RUNNING tasks of a service against their target groups and health checks as they are now. */
export function readHealth(
  context: EngineContext,
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
): HealthReading {
  const { state, timings, targetGroups } = context;
  const graceMs = service.settings.healthCheckGracePeriodSeconds * 1000;
  const byTaskId = new Map<string, TaskHealth>();
  let dueAt: number | undefined;
  for (const task of tasks) {
    if (!isRunning(task)) continue;
    const targets = task.targets.map((target) => targetGroups.health(target.targetGroupArn, target));
    const health = decideTaskHealth(task, targets, graceMs, state.now, timings);
    byTaskId.set(task.id, health);
    if (health.verdict === 'waiting' && health.dueAt !== undefined) {
      dueAt = Math.min(dueAt ?? health.dueAt, health.dueAt);
    }
  }
  return { byTaskId, dueAt };
}

/** Notes which tasks have become healthy: each forgives the failures of its deployment, unless told not to. */
export function noteHealthy(
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
  reading: HealthReading,
): void {
  const breaker = service.settings.deploymentConfiguration.deploymentCircuitBreaker;
  for (const task of tasks) {
    const isHealthy = reading.byTaskId.get(task.id)?.verdict === 'healthy';
    if (isHealthy && !task.wasHealthy && resetsOnHealthyTask(breaker)) {
      const deployment = service.deployments.find((candidate) => candidate.id === task.deploymentId);
      if (deployment !== undefined) deployment.failureCount = 0;
    }
    task.wasHealthy = isHealthy;
  }
}

/** Counts one failed task of a deployment: for `failedTasks`, and for the circuit breaker where it counts. */
export function countFailure(deployment: DeploymentRecord, failure: TaskFailure, runningCount: number): void {
  if (runningCount === 0) deployment.failedTasks += 1;
  if (deployment.rolloutState !== 'IN_PROGRESS') return;
  if (countsForCircuitBreaker(failure, runningCount)) deployment.failureCount += 1;
}

/** `Task.stoppedReason` of a task that failed its health checks. */
export function unhealthyReason(cause: UnhealthyCause): string {
  return cause.kind === 'container'
    ? 'Task failed container health checks'
    : `Task failed ELB health checks in (target-group ${cause.target.targetGroupArn})`;
}
