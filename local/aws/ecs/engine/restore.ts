import type { TaskRuntime } from '../runtime/task-runtime.ts';
import type { EngineContext, Place } from './context.ts';
import type { Engine } from './engine.ts';
import type { EcsState, TaskRecord } from './state.ts';
import { launchOf } from './task-life.ts';

/**
 * Takes a saved state for the engine's own, hands its tasks to the runtime and its targets to their groups,
 * and has everything looked at again. Throws, with nothing changed, where there are clusters already, when
 * `now` (epoch ms) is before the state's own time, and for tasks under way on a runtime that cannot adopt.
 */
export function restore(
  engine: Engine,
  runtime: Pick<TaskRuntime, 'adopt'>,
  saved: EcsState,
  now: number,
): void {
  const { context } = engine;
  if (Object.values(context.state.scopes).some(({ clusters }) => Object.keys(clusters).length > 0)) {
    throw new Error('A state can be loaded only into a local ECS that has no clusters yet.');
  }
  if (now < saved.now) {
    const [savedAt, clock] = [saved.now, now].map((at) => new Date(at).toISOString());
    throw new Error(`The state was saved at ${savedAt}; the clock stands before that, at ${clock}.`);
  }
  const underWay = [...tasksOf(saved)].filter(({ task }) => isUnderWay(task));
  if (underWay.length > 0 && runtime.adopt === undefined) {
    throw new Error(
      `This runtime cannot adopt the ${underWay.length} tasks that are under way in the state.`,
    );
  }
  Object.assign(context.state, saved);
  for (const { place, task } of underWay) adopt(context, runtime, place, task);
  for (const { place, task } of tasksOf(saved)) {
    if (task.serviceName === undefined && task.lastStatus !== 'STOPPED') engine.touch(place, task);
  }
  for (const place of placesOf(saved)) {
    for (const service of Object.values(place.cluster.services)) engine.touch(place, service);
  }
}

/** The runtime knows of it: it has been launched, and something of it is left. */
const isUnderWay = (task: TaskRecord): boolean =>
  !task.gone && !['PROVISIONING', 'DEPROVISIONING', 'STOPPED'].includes(task.lastStatus);

function adopt(
  { targetGroups }: EngineContext,
  runtime: Pick<TaskRuntime, 'adopt'>,
  place: Place,
  task: TaskRecord,
): void {
  runtime.adopt?.(launchOf(place, task), {
    launchedAt: task.pullStartedAt,
    startedAt: task.startedAt,
    stopSentAt: task.stopSentAt,
    containers: task.containers.map(({ name, lastStatus, startedAt }) => ({ name, lastStatus, startedAt })),
  });
  if (task.lastStatus !== 'RUNNING') return;
  for (const target of task.targets) targetGroups.register(target.targetGroupArn, target);
}

function* placesOf({ scopes }: EcsState): Generator<Place> {
  for (const scope of Object.values(scopes)) {
    for (const cluster of Object.values(scope.clusters)) yield { scope, cluster };
  }
}

function* tasksOf(state: EcsState): Generator<{ place: Place; task: TaskRecord }> {
  for (const place of placesOf(state)) {
    for (const task of Object.values(place.cluster.tasks)) yield { place, task };
  }
}
