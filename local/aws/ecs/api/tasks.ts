import type { Failure, ListTasksCommandInput, RunTaskCommandInput, Task } from '@aws-sdk/client-ecs';
import { AwsFault } from '../../fault.ts';
import type { Place } from '../engine/context.ts';
import { ecsArn, lastPart } from '../engine/identifiers.ts';
import type { TaskRecord } from '../engine/state.ts';
import { createTask, stopTask } from '../engine/task-life.ts';
import {
  type EcsApi,
  type EcsHandlers,
  enter,
  findService,
  invalid,
  requireCluster,
  requireTaskDefinition,
} from './entry.ts';
import { page } from './pages.ts';
import { setTags, tagsOf } from './tags.ts';
import { taskView } from './task-view.ts';

type TaskOperations = 'RunTask' | 'StopTask' | 'DescribeTasks' | 'ListTasks';

const MOST_DESCRIBED = 100;
const MOST_RUN = 10;

/** RunTask, StopTask, DescribeTasks, ListTasks. */
export function taskHandlers(api: EcsApi): Pick<EcsHandlers, TaskOperations> {
  return {
    RunTask(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const taskDefinition = requireTaskDefinition(place.scope, input.taskDefinition);
      const count = input.count ?? 1;
      if (count < 1 || count > MOST_RUN) throw invalid(`Count must be between 1 and ${MOST_RUN}.`);
      const network = input.networkConfiguration?.awsvpcConfiguration;
      if (taskDefinition.networkMode === 'awsvpc' && network === undefined) {
        throw invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
      }
      const repeated = tasksOfToken(place, input);
      if (repeated !== undefined) return { tasks: repeated, failures: [] };
      const tasks: Task[] = [];
      for (let n = 0; n < count; n++) {
        const task = createTask(api.engine.context, place, {
          taskDefinition,
          group: input.group ?? `family:${taskDefinition.family}`,
          startedBy: input.startedBy,
          launchType: input.launchType ?? 'FARGATE',
          subnetId: network?.subnets?.[0],
          overrides: input.overrides,
        });
        setTags(place.scope, task.arn, input.tags);
        api.engine.touch(place, task);
        tasks.push(shown(place, task));
      }
      keepToken(place, input, tasks);
      return { tasks, failures: [] };
    },

    StopTask(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const task = findTask(place, input.task ?? '');
      if (task === undefined) throw invalid('The referenced task was not found.');
      stopTask(task, api.engine.context.state.now, 'UserInitiated', input.reason ?? 'Task stopped by user');
      const service = task.serviceName === undefined ? undefined : place.cluster.services[task.serviceName];
      api.engine.touch(place, service ?? task);
      return { task: taskView(place, task) };
    },

    DescribeTasks(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      const references = input.tasks ?? [];
      if (references.length === 0) throw invalid('Tasks cannot be empty.');
      if (references.length > MOST_DESCRIBED)
        throw invalid(`Tasks can have at most ${MOST_DESCRIBED} items.`);
      const withTags = input.include?.includes('TAGS') ?? false;
      const tasks: Task[] = [];
      const failures: Failure[] = [];
      for (const reference of references) {
        const task = findTask(place, reference);
        if (task === undefined) failures.push({ arn: arnOf(place, reference), reason: 'MISSING' });
        else tasks.push({ ...taskView(place, task), tags: withTags ? tagsOf(place.scope, task.arn) : [] });
      }
      return { tasks, failures };
    },

    ListTasks(input, context) {
      const place = requireCluster(enter(api, context), input.cluster);
      assertFilters(place, input);
      const arns = Object.values(place.cluster.tasks).filter((task) => isMeant(task, input));
      const { items, ...next } = page(arns, ({ arn }) => arn, input);
      return { taskArns: items.map(({ arn }) => arn), ...next };
    },
  };
}

const shown = (place: Place, task: TaskRecord): Task => ({
  ...taskView(place, task),
  tags: tagsOf(place.scope, task.arn),
});

const requestOf = ({ clientToken: _, ...input }: RunTaskCommandInput): string => JSON.stringify(input);

/** The tasks that an earlier RunTask made under the same client token; refuses the token for another request. */
function tasksOfToken(place: Place, input: RunTaskCommandInput): Task[] | undefined {
  const earlier = place.cluster.runTokens?.[input.clientToken ?? ''];
  if (earlier === undefined) return undefined;
  const tasks = earlier.taskIds.flatMap((id) => place.cluster.tasks[id] ?? []);
  // Once its tasks can no longer be described, nothing is known of the token either.
  if (tasks.length < earlier.taskIds.length) return undefined;
  if (earlier.request === requestOf(input)) return tasks.map((task) => shown(place, task));
  throw new AwsFault(
    'ConflictException',
    'The provided clientToken is already in use with a different RunTask request.',
    400,
    { resourceIds: tasks.map(({ arn }) => arn) },
  );
}

function keepToken({ cluster }: Place, input: RunTaskCommandInput, tasks: readonly Task[]): void {
  if (input.clientToken === undefined) return;
  cluster.runTokens ??= {};
  const taskIds = tasks.map(({ taskArn = '' }) => lastPart(taskArn));
  cluster.runTokens[input.clientToken] = { request: requestOf(input), taskIds };
}

function findTask({ cluster }: Place, reference: string): TaskRecord | undefined {
  const task = cluster.tasks[lastPart(reference)];
  return reference.startsWith('arn:') && task?.arn !== reference ? undefined : task;
}

function arnOf({ scope, cluster }: Place, reference: string): string {
  return reference.startsWith('arn:') ? reference : ecsArn(scope, `task/${cluster.name}/${reference}`);
}

function assertFilters(place: Place, input: ListTasksCommandInput): void {
  const { startedBy, family, serviceName, containerInstance } = input;
  if (startedBy !== undefined && (family ?? serviceName ?? containerInstance) !== undefined) {
    throw invalid('You cannot use startedBy with other filters.');
  }
  if (family !== undefined && serviceName !== undefined) {
    throw invalid('You cannot use family and serviceName together.');
  }
  if (serviceName === undefined) return;
  if (findService(place, serviceName) === undefined) {
    throw new AwsFault('ServiceNotFoundException', 'Service not found.');
  }
}

function isMeant(task: TaskRecord, input: ListTasksCommandInput): boolean {
  const { desiredStatus = 'RUNNING', family, serviceName, startedBy, launchType, containerInstance } = input;
  if (containerInstance !== undefined) return false;
  return (
    task.desiredStatus === desiredStatus &&
    (family === undefined || lastPart(task.taskDefinitionArn).split(':')[0] === family) &&
    (serviceName === undefined || task.serviceName === lastPart(serviceName)) &&
    (startedBy === undefined || task.startedBy === startedBy) &&
    (launchType === undefined || task.launchType === launchType)
  );
}
