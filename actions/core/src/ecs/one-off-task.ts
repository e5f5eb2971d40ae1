import {
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from '@aws-sdk/client-ecs';
import type { Clock } from '../clock.ts';
import type { ServiceSettings } from '../decide/service-settings.ts';
import { UserError } from '../errors.ts';
import { familyOf } from './arn.ts';
import { readInBatches, readPages } from './batches.ts';
import { AmbiguousWrite, sendOnce } from './send-once.ts';

/** A task beside a service: where the service's tasks run and as they do, with another command. */
export interface OneOffTask {
  clusterArn: string;
  taskDefinitionArn: string;
  settings: ServiceSettings;
  container: string;
  command: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** Tells this task from all others; at most 128 letters, digits and `-_/.`. */
  startedBy: string;
  /** The same text makes RunTask start no second task; at most 64 characters. */
  clientToken: string;
  tags: Readonly<Record<string, string>>;
}

/** A task that was started under a name before. */
export interface KnownTask {
  taskArn: string;
  /** Its containers have ended. */
  isStopped: boolean;
  tags: Readonly<Record<string, string>>;
}

/** After a lost answer: how often, and how far apart, is looked before the write counts as not carried out. */
const READ_BACKS = 3;
const READ_BACK_MS = 2_000;

/**
 * Starts the task and returns its ARN. It gets the service's network settings, launch type or capacity providers,
 * platform version and placement; roles come with the task definition. One write; when its answer is lost, the task is
 * looked for by `startedBy`, and the write is made again, with the same client token, only when it is not there.
 * Throws `DEPLOYMENT_TASK_NOT_PLACED` with ECS's reason when there was no room for it.
 */
export async function runOneOffTask(ecs: ECSClient, task: OneOffTask, clock: Clock): Promise<string> {
  try {
    return await run(ecs, task);
  } catch (error) {
    if (!(error instanceof AmbiguousWrite)) throw error;
    for (let reading = 0; reading < READ_BACKS; reading++) {
      const [known] = await listRunning(ecs, task.clusterArn, task.startedBy);
      if (known) return known;
      await clock.sleep(READ_BACK_MS);
    }
    return run(ecs, task);
  }
}

/**
 * Finds tasks that were started as `startedBy`: those that run, and those that have stopped within ECS's memory
 * (at least an hour), newest first. Two lists, by pages of a hundred, and one DescribeTasks for each page.
 */
export async function findOneOffTasks(
  ecs: ECSClient,
  { clusterArn, startedBy, taskDefinitionArn }: OneOffTask,
): Promise<KnownTask[]> {
  // ListTasks takes `startedBy` only alone, and then gives no stopped tasks.
  const [running, stopped] = await Promise.all([
    listRunning(ecs, clusterArn, startedBy),
    listStopped(ecs, clusterArn, familyOf(taskDefinitionArn)),
  ]);
  const tasks = await readInBatches([...new Set([...running, ...stopped])], 100, async (batch) => {
    const input = { cluster: clusterArn, tasks: batch, include: ['TAGS' as const] };
    return (await ecs.send(new DescribeTasksCommand(input))).tasks ?? [];
  });
  return tasks
    .filter((task) => task.startedBy === startedBy)
    .sort((a, b) => Number(b.createdAt ?? 0) - Number(a.createdAt ?? 0))
    .map(({ taskArn = '', lastStatus, tags = [] }) => ({
      taskArn,
      isStopped: lastStatus === 'STOPPED' || lastStatus === 'DEPROVISIONING',
      tags: Object.fromEntries(tags.map(({ key = '', value = '' }) => [key, value])),
    }));
}

/** Asks ECS to stop a task. Safe to repeat. */
export async function stopOneOffTask(
  ecs: ECSClient,
  { clusterArn, taskArn, reason }: { clusterArn: string; taskArn: string; reason: string },
): Promise<void> {
  await ecs.send(new StopTaskCommand({ cluster: clusterArn, task: taskArn, reason }));
}

async function run(ecs: ECSClient, task: OneOffTask): Promise<string> {
  const answer = await sendOnce(new RunTaskCommand(requestOf(task)), (command) => ecs.send(command));
  const taskArn = answer.tasks?.[0]?.taskArn;
  if (taskArn) return taskArn;
  const failures = (answer.failures ?? []).map(({ reason, detail }) =>
    [reason, detail].filter(Boolean).join(': '),
  );
  throw new UserError(
    'DEPLOYMENT_TASK_NOT_PLACED',
    `ECS did not start the task: ${failures.join('; ') || 'it gave no reason'}.`,
  );
}

function requestOf(task: OneOffTask): RunTaskCommandInput {
  const { settings, environment } = task;
  const { capacityProviderStrategy, launchType, platformVersion, networkConfiguration } = settings;
  const { placementConstraints = [], placementStrategy = [] } = settings;
  const variables = Object.entries(environment).map(([name, value]) => ({ name, value }));
  return {
    cluster: task.clusterArn,
    taskDefinition: task.taskDefinitionArn,
    count: 1,
    startedBy: task.startedBy,
    clientToken: task.clientToken,
    ...(capacityProviderStrategy.length > 0
      ? { capacityProviderStrategy: [...capacityProviderStrategy] }
      : launchType === undefined
        ? {}
        : { launchType: launchType as NonNullable<RunTaskCommandInput['launchType']> }),
    ...(platformVersion === undefined ? {} : { platformVersion }),
    ...(networkConfiguration === undefined ? {} : { networkConfiguration }),
    ...(placementConstraints.length > 0 ? { placementConstraints: [...placementConstraints] } : {}),
    ...(placementStrategy.length > 0 ? { placementStrategy: [...placementStrategy] } : {}),
    overrides: {
      containerOverrides: [
        {
          name: task.container,
          command: [...task.command],
          ...(variables.length > 0 ? { environment: variables } : {}),
        },
      ],
    },
    tags: Object.entries(task.tags).map(([key, value]) => ({ key, value })),
  };
}

async function listRunning(ecs: ECSClient, cluster: string, startedBy: string): Promise<string[]> {
  return (await ecs.send(new ListTasksCommand({ cluster, startedBy }))).taskArns ?? [];
}

/** All pages: the service's own stopped tasks are of the family, too. */
async function listStopped(ecs: ECSClient, cluster: string, family: string): Promise<string[]> {
  return readPages(async (nextToken) => {
    const input = { cluster, family, desiredStatus: 'STOPPED', nextToken } as const;
    const page = await ecs.send(new ListTasksCommand(input));
    return { items: page.taskArns ?? [], nextToken: page.nextToken };
  });
}
