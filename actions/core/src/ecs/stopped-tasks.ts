import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { StoppedTask } from '../decide/stop-reason.ts';
import { readInBatches, readPages } from './batches.ts';

/** Which stopped tasks: those of one service that ran this task definition and were created from then on. */
export interface StoppedTaskFilter {
  cluster: string;
  serviceName: string;
  taskDefinitionArn: string;
  /** Epoch milliseconds, inclusive. */
  createdFrom: number;
}

/** A service of hundreds of tasks that was replaced within the hour; the calls for more are better spent. */
const MOST_LOOKED_AT = 1_000;

/**
 * Reads the tasks that a service deployment has lost, newest first. Two calls for each hundred; ECS shows a stopped task for
 * at least an hour. They are told by task definition and time: ListTasks takes `startedBy` only alone, and
 * then gives no stopped tasks.
 */
export async function readStoppedTasks(ecs: ECSClient, filter: StoppedTaskFilter): Promise<StoppedTask[]> {
  const tasks = await readTasks(ecs, filter.cluster, await listStoppedTasks(ecs, filter));
  return tasks
    .filter(
      (task) => task.taskDefinitionArn === filter.taskDefinitionArn && task.createdAt >= filter.createdFrom,
    )
    .sort((a, b) => b.stoppedAt - a.stoppedAt);
}

/**
 * ARNs of a service's stopped tasks, those on their way down included, in no order: the tasks that a deployment has
 * replaced are among them, so that all pages are read. One call for each hundred, at most ten.
 */
export async function listStoppedTasks(
  ecs: ECSClient,
  { cluster, serviceName }: Pick<StoppedTaskFilter, 'cluster' | 'serviceName'>,
): Promise<string[]> {
  const readPage = async (nextToken: string | undefined) => {
    const input = { cluster, serviceName, desiredStatus: 'STOPPED', nextToken } as const;
    const page = await ecs.send(new ListTasksCommand(input));
    return { items: page.taskArns ?? [], nextToken: page.nextToken };
  };
  return readPages(readPage, MOST_LOOKED_AT);
}

/** Reads tasks by ARN, one call for each hundred. Those that ECS no longer knows are left out. */
export async function readTasks(
  ecs: ECSClient,
  cluster: string,
  arns: readonly string[],
): Promise<(StoppedTask & { lastStatus: string })[]> {
  const tasks = await readInBatches(arns, 100, async (batch) => {
    const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks: batch }));
    return answer.tasks ?? [];
  });
  return tasks.map((task) => ({ ...toStoppedTask(task), lastStatus: task.lastStatus ?? '' }));
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
