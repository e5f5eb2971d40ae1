import type { TaskEvent } from '../runtime/task-runtime.ts';
import type { ContainerRecord, TaskRecord } from './state.ts';
import { stopTask } from './task-life.ts';

/** Writes into a task what its runtime has seen. Events of containers the task does not have change nothing. */
export function applyTaskEvent(task: TaskRecord, event: TaskEvent, now: number): void {
  if (task.lastStatus === 'STOPPED') return;
  task.version += 1;
  switch (event.kind) {
    case 'container-started':
      withContainer(task, event.container, (container) => {
        container.lastStatus = 'RUNNING';
        container.startedAt = now;
        container.runtimeId = event.runtimeId;
        container.imageDigest = event.imageDigest ?? container.imageDigest;
      });
      break;
    case 'container-health':
      withContainer(task, event.container, (container) => {
        container.health = event.status;
      });
      break;
    case 'container-exited':
      withContainer(task, event.container, (container) => applyExit(task, container, event, now));
      break;
    case 'interrupted':
      stopTask(task, now, event.stopCode, event.reason);
      break;
    case 'start-failed':
      withContainer(task, event.container, (container) => {
        container.lastStatus = 'STOPPED';
        container.reason = event.reason;
      });
      stopTask(task, now, 'TaskFailedToStart', event.reason);
      break;
    case 'stopped':
      task.gone = true;
      task.executionStoppedAt ??= now;
      for (const container of task.containers) container.lastStatus = 'STOPPED';
      stopTask(task, now, 'EssentialContainerExited', 'Essential container in task exited');
  }
}

function applyExit(
  task: TaskRecord,
  container: ContainerRecord,
  event: Extract<TaskEvent, { kind: 'container-exited' }>,
  now: number,
): void {
  container.lastStatus = 'STOPPED';
  container.exitCode = event.exitCode;
  container.reason = event.reason;
  if (!container.essential) return;
  task.executionStoppedAt ??= now;
  stopTask(task, now, 'EssentialContainerExited', 'Essential container in task exited');
}

function withContainer(
  task: TaskRecord,
  name: string | undefined,
  change: (container: ContainerRecord) => void,
): void {
  const container = task.containers.find((candidate) => candidate.name === name);
  if (container !== undefined) change(container);
}
