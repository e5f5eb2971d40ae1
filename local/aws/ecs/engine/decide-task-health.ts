import type { Target, TargetHealthView } from '../target-groups.ts';
import type { TaskRecord } from './state.ts';
import type { Timings } from './timings.ts';

/** How the scheduler takes a task that is RUNNING. `dueAt` is when time alone may change it. */
export type TaskHealth =
  | { verdict: 'healthy' }
  | { verdict: 'waiting'; dueAt?: number }
  | { verdict: 'unhealthy'; cause: UnhealthyCause };

export type UnhealthyCause =
  | { kind: 'container' }
  | { kind: 'target'; target: Target & { targetGroupArn: string }; health: TargetHealthView };

/**
 * Judges a RUNNING task: by its targets, by the health checks of its essential containers, by both, or, with
 * neither, by having been RUNNING for 40 s. Within `graceMs` of its start it is never unhealthy.
 *
 * `targets` are the task's targets in the task's order. An essential container without a health check does
 * not hold back one that has it. Source: ECS API, DeploymentConfiguration.minimumHealthyPercent and
 * Service.healthCheckGracePeriodSeconds (read 2026-11).
 */
export function decideTaskHealth(
  task: TaskRecord,
  targets: readonly TargetHealthView[],
  graceMs: number,
  now: number,
  timings: Timings,
): TaskHealth {
  const startedAt = task.startedAt ?? now;
  const checked = task.containers.filter((container) => container.essential && container.hasHealthCheck);
  if (checked.length === 0 && targets.length === 0) {
    const healthyAt = startedAt + timings.healthyWithoutChecksMs;
    return now >= healthyAt ? { verdict: 'healthy' } : { verdict: 'waiting', dueAt: healthyAt };
  }
  const cause = findUnhealthy(task, targets);
  if (cause !== undefined) {
    const graceEndsAt = startedAt + graceMs;
    return now < graceEndsAt ? { verdict: 'waiting', dueAt: graceEndsAt } : { verdict: 'unhealthy', cause };
  }
  const isHealthy =
    targets.every((target) => target.state === 'healthy') &&
    checked.every((container) => container.health === 'HEALTHY');
  return isHealthy ? { verdict: 'healthy' } : { verdict: 'waiting' };
}

function findUnhealthy(task: TaskRecord, targets: readonly TargetHealthView[]): UnhealthyCause | undefined {
  for (const [index, target] of task.targets.entries()) {
    const health = targets[index];
    if (health?.state === 'unhealthy') return { kind: 'target', target, health };
  }
  return taskHealthStatus(task) === 'UNHEALTHY' ? { kind: 'container' } : undefined;
}

/** `Task.healthStatus`: the worst of the essential containers; UNKNOWN when none of them has a health check. */
export function taskHealthStatus(task: TaskRecord): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' {
  const checked = task.containers.filter((container) => container.essential && container.hasHealthCheck);
  if (checked.some((container) => container.health === 'UNHEALTHY')) return 'UNHEALTHY';
  const isKnown = checked.length > 0 && checked.every((container) => container.health === 'HEALTHY');
  return isKnown ? 'HEALTHY' : 'UNKNOWN';
}
