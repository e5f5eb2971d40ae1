import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { StoppedTask } from '../decide/stop-reason.ts';
import { readInBatches } from './batches.ts';

/** Which stopped tasks: those of one service that ran this task definition and were created from then on. */
export interface StoppedTaskFilter {
  cluster: string;
  serviceName: string;
  taskDefinitionArn: string;
  /** Epoch milliseconds, inclusive. */
  createdFrom: number;
}

/**
 * Reads the tasks that a service deployment has lost, newest first. Two calls; ECS shows a stopped task for
 * at least an hour. They are told by task definition and time: ListTasks takes `startedBy` only alone, and
 * then gives no stopped tasks.
 */
export async function readStoppedTasks(ecs: ECSClient, filter: StoppedTaskFilter): Promise<StoppedTask[]> {
  const { cluster, serviceName } = filter;
  const listed = await ecs.send(new ListTasksCommand({ cluster, serviceName, desiredStatus: 'STOPPED' }));
  const tasks = await readInBatches(listed.taskArns ?? [], 100, async (batch) => {
    const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks: batch }));
    return answer.tasks ?? [];
  });
  return tasks
    .map(toStoppedTask)
    .filter(
      (task) => task.taskDefinitionArn === filter.taskDefinitionArn && task.createdAt >= filter.createdFrom,
    )
    .sort((a, b) => b.stoppedAt - a.stoppedAt);
}

function toStoppedTask(task: Task): StoppedTask {
  const stoppedAt = task.stoppedAt ?? task.stoppingAt ?? task.executionStoppedAt ?? task.createdAt;
  return {
    taskArn: task.taskArn ?? '',
    taskDefinitionArn: task.taskDefinitionArn ?? '',
    startedBy: task.startedBy,
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    createdAt: task.createdAt?.getTime() ?? 0,
    startedAt: task.startedAt?.getTime(),
    stoppedAt: stoppedAt?.getTime() ?? 0,
    containers: (task.containers ?? []).map(({ name, exitCode, reason, image }) => ({
      name: name ?? '',
      exitCode,
      reason,
      image,
    })),
  };
}
