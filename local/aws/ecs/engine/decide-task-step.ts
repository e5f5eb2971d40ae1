import type { TaskRecord, TaskStatus } from './state.ts';
import type { Timings } from './timings.ts';

/** The next status of a task now, or when to look again; neither while it waits for its containers. */
export interface TaskStep {
  to?: TaskStatus;
  dueAt?: number;
}

/**
 * Decides the next rung of a task's ladder from what its containers have done and what is wanted of it.
 *
 * Source: ECS guide, task lifecycle. Wanted down before its containers were started, a task goes straight to
 * DEPROVISIONING; a task whose targets drain stays DEACTIVATING until they have.
 */
export function decideTaskStep(task: TaskRecord, now: number, timings: Timings): TaskStep {
  const isWanted = task.desiredStatus === 'RUNNING';
  switch (task.lastStatus) {
    case 'PROVISIONING':
      return isWanted
        ? after(task.statusSince + timings.provisioningMs, now, 'PENDING')
        : to('DEPROVISIONING');
    case 'PENDING':
      if (!isWanted) return to('STOPPING');
      return task.containers.some((container) => container.startedAt !== undefined) ? to('ACTIVATING') : {};
    case 'ACTIVATING':
      return isWanted ? decideRunning(task, now, timings) : to('STOPPING');
    case 'RUNNING':
      return isWanted ? {} : to('DEACTIVATING');
    case 'DEACTIVATING':
      return after(task.statusSince + (hasEnded(task) ? 0 : task.drainMs), now, 'STOPPING');
    case 'STOPPING':
      return task.gone ? to('DEPROVISIONING') : {};
    case 'DEPROVISIONING':
      return after(task.statusSince + timings.deprovisioningMs, now, 'STOPPED');
    case 'STOPPED':
      return {};
  }
}

function decideRunning(task: TaskRecord, now: number, timings: Timings): TaskStep {
  let upSince = Number.NEGATIVE_INFINITY;
  for (const container of task.containers) {
    if (!container.essential) continue;
    if (container.startedAt === undefined) return {};
    upSince = Math.max(upSince, container.startedAt);
  }
  return after(upSince + timings.runningAfterMs, now, 'RUNNING');
}

/** Nothing is left to drain once an essential container is dead. */
function hasEnded(task: TaskRecord): boolean {
  return (
    task.gone ||
    task.containers.some((container) => container.essential && container.lastStatus === 'STOPPED')
  );
}

const to = (status: TaskStatus): TaskStep => ({ to: status });

function after(dueAt: number, now: number, status: TaskStatus): TaskStep {
  return now >= dueAt ? { to: status } : { dueAt };
}
