import type { ListTasksRequest, Task } from '@aws-sdk/client-ecs';
import { AwsFault } from '../fault.ts';
import type { HandlersOf, RequestContext } from '../wire/service.ts';
import { lastOf } from './service-place.ts';

type Handlers = HandlersOf<typeof import('@aws-sdk/client-ecs')>;

/** The tasks of one cluster as reads showed them just before a write. */
interface TasksView {
  /** When the write came, epoch milliseconds. */
  at: number;
  tasks: readonly Task[];
}

export interface TaskLagOptions {
  /** The newest view of those given that a read is still to see; `undefined` when it sees every write. */
  choose: <View extends { at: number }>(views: readonly View[], context: RequestContext) => View | undefined;
  /** Whether reads may come to be stale at all: only then is anything kept. */
  isOn: () => boolean;
  /** Views older than this are forgotten. */
  longestMs: number;
}

const TASKS_A_CALL = 100;

/**
 * Lets ListTasks and DescribeTasks lag behind the writes that start or stop tasks of a cluster. Writes themselves,
 * and their answers, are as ever. A lagging list comes on one page.
 */
export function withTaskLag(handlers: Handlers, options: TaskLagOptions): Handlers {
  const views = new Map<string, TasksView[]>();
  const keyOf = (cluster: string | undefined, { accountId, region }: RequestContext) =>
    `${accountId} ${region} ${lastOf(cluster ?? 'default')}`;
  const viewOf = (cluster: string | undefined, context: RequestContext) =>
    options.choose(views.get(keyOf(cluster, context)) ?? [], context);
  const record = async (cluster: string | undefined, context: RequestContext): Promise<void> => {
    if (!options.isOn()) return;
    const key = keyOf(cluster, context);
    const kept = (views.get(key) ?? []).filter(({ at }) => at > context.now - options.longestMs);
    views.set(key, [...kept, { at: context.now, tasks: await readTasks(handlers, cluster, context) }]);
  };
  /** The same write, before which the tasks of its cluster are looked at. */
  const recorded = <Input extends { cluster?: string | undefined }, Output>(
    write: ((input: Input, context: RequestContext) => Output) | undefined,
  ) =>
    write &&
    (async (input: Input, context: RequestContext): Promise<Awaited<Output>> => {
      await record(input.cluster, context);
      return await write(input, context);
    });
  const { ListTasks, DescribeTasks } = handlers;
  return {
    ...handlers,
    RunTask: recorded(handlers.RunTask),
    StopTask: recorded(handlers.StopTask),
    CreateService: recorded(handlers.CreateService),
    UpdateService: recorded(handlers.UpdateService),
    DeleteService: recorded(handlers.DeleteService),
    ...(ListTasks && {
      async ListTasks(input, context) {
        // What is refused is refused, however old the answer would be.
        const answer = await ListTasks(input, context);
        const view = viewOf(input.cluster, context);
        if (!view) return answer;
        const taskArns = view.tasks
          .filter((task) => isListed(task, input))
          .flatMap(({ taskArn }) => taskArn ?? []);
        return { taskArns: taskArns.slice(0, input.maxResults ?? TASKS_A_CALL) };
      },
    }),
    ...(DescribeTasks && {
      async DescribeTasks(input, context) {
        const answer = await DescribeTasks(input, context);
        const view = viewOf(input.cluster, context);
        if (!view) return answer;
        const asked = new Set((input.tasks ?? []).map(lastOf));
        const known = view.tasks.filter(({ taskArn = '' }) => asked.has(lastOf(taskArn)));
        const seen = new Set(known.map(({ taskArn }) => taskArn));
        const unseen = (answer.tasks ?? []).filter(({ taskArn }) => !seen.has(taskArn));
        const missing = unseen.map(({ taskArn }) => ({ arn: taskArn, reason: 'MISSING' }));
        return {
          tasks: input.include?.includes('TAGS') ? known : known.map((task) => ({ ...task, tags: [] })),
          failures: [...(answer.failures ?? []).filter(({ arn }) => !seen.has(arn)), ...missing],
        };
      },
    }),
  };
}

async function readTasks(
  { ListTasks, DescribeTasks }: Handlers,
  cluster: string | undefined,
  context: RequestContext,
): Promise<Task[]> {
  if (!ListTasks || !DescribeTasks) return [];
  const arns: string[] = [];
  try {
    for (const desiredStatus of ['RUNNING', 'STOPPED'] as const) {
      let nextToken: string | undefined;
      do {
        const page = await ListTasks({ cluster, desiredStatus, nextToken }, context);
        arns.push(...(page.taskArns ?? []));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
    }
  } catch (error) {
    // A cluster that is not there has no tasks; the write itself says so.
    if (error instanceof AwsFault) return [];
    throw error;
  }
  const tasks: Task[] = [];
  for (let from = 0; from < arns.length; from += TASKS_A_CALL) {
    const batch = arns.slice(from, from + TASKS_A_CALL);
    const described = await DescribeTasks({ cluster, tasks: batch, include: ['TAGS'] }, context);
    tasks.push(...(described.tasks ?? []));
  }
  return tasks;
}

function isListed(task: Task, asked: ListTasksRequest): boolean {
  const family = lastOf(task.taskDefinitionArn ?? '').split(':')[0];
  return (
    task.desiredStatus === (asked.desiredStatus ?? 'RUNNING') &&
    (asked.serviceName === undefined || task.group === `service:${lastOf(asked.serviceName)}`) &&
    (asked.family === undefined || family === asked.family) &&
    (asked.startedBy === undefined || task.startedBy === asked.startedBy) &&
    (asked.launchType === undefined || task.launchType === asked.launchType)
  );
}
