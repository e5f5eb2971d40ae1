import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { RunningTask } from '../decide/proof.ts';
import { readInBatches, readPages } from './batches.ts';
import { listStoppedTasks } from './stopped-tasks.ts';

interface ServicePlace {
  cluster: string;
  serviceName: string;
}

/** Reads the tasks of a service that run and are meant to go on: one call a hundred to list, one to describe. */
export async function readRunningTasks(
  ecs: ECSClient,
  { cluster, serviceName }: ServicePlace,
): Promise<RunningTask[]> {
  const arns = await readPages(async (nextToken) => {
    const page = await ecs.send(
      new ListTasksCommand({ cluster, serviceName, desiredStatus: 'RUNNING', nextToken }),
    );
    return { items: page.taskArns ?? [], nextToken: page.nextToken };
  });
  const tasks = await describeTasks(ecs, cluster, arns);
  return tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').map(toRunningTask);
}

/**
 * Reads the addresses that stopped tasks of a service had, and those on their way down have: two calls a hundred. ECS
 * shows a stopped task for at least an hour.
 */
export async function readFormerAddresses(ecs: ECSClient, place: ServicePlace): Promise<Set<string>> {
  const tasks = await describeTasks(ecs, place.cluster, await listStoppedTasks(ecs, place));
  return new Set(tasks.flatMap(addressesOf));
}

function describeTasks(ecs: ECSClient, cluster: string, arns: readonly string[]): Promise<Task[]> {
  return readInBatches(arns, 100, async (batch) => {
    const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks: batch }));
    return answer.tasks ?? [];
  });
}

const ADDRESSES = new Set(['privateIPv4Address', 'ipv6Address']);

function addressesOf({ attachments = [] }: Task): string[] {
  const details = attachments.flatMap((attachment) => attachment.details ?? []);
  return details.flatMap(({ name = '', value }) => (ADDRESSES.has(name) && value ? [value] : []));
}

function toRunningTask(task: Task): RunningTask {
  const { taskArn, taskDefinitionArn, containers } = task;
  return {
    taskArn: taskArn ?? '',
    taskDefinitionArn: taskDefinitionArn ?? '',
    addresses: addressesOf(task),
    containers: (containers ?? []).map(({ name, imageDigest }) => ({
      name: name ?? '',
      digest: imageDigest,
    })),
  };
}
