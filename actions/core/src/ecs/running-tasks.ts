import { DescribeTasksCommand, type ECSClient, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { RunningTask } from '../decide/proof.ts';
import { readInBatches, readPages } from './batches.ts';

/** Reads the tasks of a service that run and are meant to go on: one call a hundred to list, one to describe. */
export async function readRunningTasks(
  ecs: ECSClient,
  { cluster, serviceName }: { cluster: string; serviceName: string },
): Promise<RunningTask[]> {
  const arns = await readPages(async (nextToken) => {
    const page = await ecs.send(
      new ListTasksCommand({ cluster, serviceName, desiredStatus: 'RUNNING', nextToken }),
    );
    return { items: page.taskArns ?? [], nextToken: page.nextToken };
  });
  const tasks = await readInBatches(arns, 100, async (batch) => {
    const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks: batch }));
    return answer.tasks ?? [];
  });
  return tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING').map(toRunningTask);
}

function toRunningTask({ taskArn, taskDefinitionArn, attachments, containers }: Task): RunningTask {
  const details = (attachments ?? []).flatMap((attachment) => attachment.details ?? []);
  return {
    taskArn: taskArn ?? '',
    taskDefinitionArn: taskDefinitionArn ?? '',
    address: details.find(({ name }) => name === 'privateIPv4Address')?.value,
    containers: (containers ?? []).map(({ name, imageDigest }) => ({
      name: name ?? '',
      digest: imageDigest,
    })),
  };
}
