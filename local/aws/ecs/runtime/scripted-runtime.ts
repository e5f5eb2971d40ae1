import type { TimedSource } from '../engine/engine.ts';
import type { TargetHealthView } from '../target-groups.ts';
import { createAgenda } from './agenda.ts';
import { behaves } from './scenario.ts';
import type { TaskEvent, TaskLaunch, TaskReporter, TaskRuntime, TaskStanding } from './task-runtime.ts';

/** How a container behaves in virtual time. What is left out goes well. */
export interface Behaviour {
  /** From the task's launch to the container running, the pull included. Default 1000. */
  startsAfterMs?: number;
  /** Instead of starting: the reason in AWS's wording, `CannotPullContainerError: …`. */
  failsToStart?: string;
  /** Results of its health check, each so long after its start. Default: HEALTHY after 5 s. */
  health?: readonly { afterMs: number; status: 'HEALTHY' | 'UNHEALTHY' }[];
  /** It ends by itself so long after its start. */
  exits?: { afterMs: number; code: number; reason?: string };
  /** From SIGTERM to its end. Default 200. */
  stopsAfterMs?: number;
  /** Exit code after SIGTERM. Default 0. */
  stopCode?: number;
  /** Health of the task as a target, each so long after its registration. Default: healthy after 10 s. */
  target?: readonly (TargetHealthView & { afterMs: number })[];
}

/** Says how a container of a task behaves; asked once for each container at the task's launch. */
export type TaskScript = (launch: TaskLaunch, container: string) => Behaviour;

/**
 * A script by image: the behaviour of the first key that the container's image, as its task definition names
 * it, contains (`shop/api:2`, a digest); containers of other images go well. A behaviour may be a sentence, as
 * `behaves` reads it.
 */
export function scriptByImage(images: Readonly<Record<string, Behaviour | string>>): TaskScript {
  const behaviours = Object.entries(images).map(
    ([key, told]) => [key, typeof told === 'string' ? behaves(told) : told] as const,
  );
  return (launch, container) => {
    const definition = launch.taskDefinition.containerDefinitions?.find(({ name }) => name === container);
    const image = definition?.image ?? '';
    return behaviours.find(([key]) => image.includes(key))?.[1] ?? {};
  };
}

export interface ScriptedRuntime extends TaskRuntime, TimedSource {
  /** How the task at an address behaves as a target: the first `target` among its containers. */
  targetBehaviour(privateIp: string): Behaviour['target'];
}

interface ScriptedTask {
  behaviours: Map<string, Behaviour>;
  running: Set<string>;
  cancel: (() => void)[];
  isStopping: boolean;
}

/** A runtime without containers: tasks do what `script` says, in virtual time moved by the engine. */
export function createScriptedRuntime(script: TaskScript, startsAt = 0): ScriptedRuntime {
  const agenda = createAgenda(startsAt);
  const tasks = new Map<string, ScriptedTask>();
  const targets = new Map<string, Behaviour['target']>();
  let report: TaskReporter = () => {};
  const tell = (arn: string, event: TaskEvent) => report(arn, event, agenda.now());

  function start(launch: TaskLaunch, standing?: TaskStanding): void {
    const behaviours = new Map<string, Behaviour>();
    const task: ScriptedTask = { behaviours, running: new Set(), cancel: [], isStopping: false };
    tasks.set(launch.taskArn, task);
    for (const { name = '', healthCheck } of launch.taskDefinition.containerDefinitions ?? []) {
      const behaviour = script(launch, name);
      behaviours.set(name, behaviour);
      const begin = () => startContainer(launch, task, name, behaviour, healthCheck !== undefined);
      const container = standing?.containers.find((candidate) => candidate.name === name);
      if (container === undefined || container.lastStatus === 'PENDING') {
        const waitedMs = agenda.now() - (standing?.launchedAt ?? agenda.now());
        task.cancel.push(agenda.after(Math.max(0, (behaviour.startsAfterMs ?? 1000) - waitedMs), begin));
      } else if (container.lastStatus === 'RUNNING') {
        const elapsedMs = agenda.now() - (container.startedAt ?? agenda.now());
        task.running.add(name);
        planContainer(launch, task, name, behaviour, healthCheck !== undefined, elapsedMs);
      }
    }
    const target = [...behaviours.values()].find((behaviour) => behaviour.target !== undefined)?.target;
    const upMs = standing?.startedAt === undefined ? 0 : agenda.now() - standing.startedAt;
    targets.set(launch.privateIp, upMs === 0 ? target : alreadyUp(target, upMs));
    if (standing?.stopSentAt !== undefined) stop(launch.taskArn, agenda.now() - standing.stopSentAt);
  }

  function startContainer(
    launch: TaskLaunch,
    task: ScriptedTask,
    container: string,
    behaviour: Behaviour,
    hasHealthCheck: boolean,
  ): void {
    const { taskArn, taskId } = launch;
    if (behaviour.failsToStart !== undefined) {
      tell(taskArn, { kind: 'start-failed', container, reason: behaviour.failsToStart });
      return;
    }
    task.running.add(container);
    const digest = launch.images[container]?.split('@')[1];
    const runtimeId = `${taskId}-${container}`;
    tell(taskArn, {
      kind: 'container-started',
      container,
      runtimeId,
      ...(digest === undefined ? {} : { imageDigest: digest }),
    });
    planContainer(launch, task, container, behaviour, hasHealthCheck);
  }

  /** Enters what a container has before it; of one adopted `elapsedMs` after its start, what is still to come. */
  function planContainer(
    { taskArn }: TaskLaunch,
    task: ScriptedTask,
    container: string,
    behaviour: Behaviour,
    hasHealthCheck: boolean,
    elapsedMs?: number,
  ): void {
    const results = behaviour.health ?? [{ afterMs: 5000, status: 'HEALTHY' as const }];
    for (const { afterMs, status } of hasHealthCheck ? results : []) {
      const tellHealth = () => tell(taskArn, { kind: 'container-health', container, status });
      if (elapsedMs !== undefined && afterMs <= elapsedMs) continue;
      task.cancel.push(agenda.after(afterMs - (elapsedMs ?? 0), tellHealth));
    }
    const { exits } = behaviour;
    if (exits === undefined) return;
    task.cancel.push(
      agenda.after(Math.max(0, exits.afterMs - (elapsedMs ?? 0)), () =>
        end(taskArn, task, container, exits.code, exits.reason),
      ),
    );
  }

  function end(
    taskArn: string,
    task: ScriptedTask,
    container: string,
    exitCode: number,
    reason?: string,
  ): void {
    task.running.delete(container);
    const why = reason === undefined ? {} : { reason };
    tell(taskArn, { kind: 'container-exited', container, exitCode, ...why });
  }

  /** Ends a task that was told to `sinceMs` ago. */
  function stop(taskArn: string, sinceMs = 0): void {
    const task = tasks.get(taskArn);
    if (task === undefined || task.isStopping) return;
    task.isStopping = true;
    for (const cancel of task.cancel) cancel();
    let lastMs = 0;
    for (const container of task.running) {
      const { stopsAfterMs = 200, stopCode = 0 } = task.behaviours.get(container) ?? {};
      lastMs = Math.max(lastMs, stopsAfterMs);
      agenda.after(Math.max(0, stopsAfterMs - sinceMs), () => end(taskArn, task, container, stopCode));
    }
    agenda.after(Math.max(0, lastMs - sinceMs), () => {
      tasks.delete(taskArn);
      tell(taskArn, { kind: 'stopped' });
    });
  }

  return {
    start: (launch) => start(launch),
    adopt: start,
    stop: (taskArn) => stop(taskArn),
    setReporter(next) {
      report = next;
    },
    targetBehaviour: (privateIp) => targets.get(privateIp),
    nextDueAt: agenda.nextDueAt,
    advance: agenda.advance,
    async dispose() {
      tasks.clear();
    },
  };
}

/** What is left of a target's behaviour after `upMs`: the last it had come to, and what comes. */
function alreadyUp(target: Behaviour['target'], upMs: number): Behaviour['target'] {
  const all = target ?? [{ afterMs: 10_000, state: 'healthy' as const }];
  const last = all.findLast(({ afterMs }) => afterMs <= upMs);
  const left = all.filter(({ afterMs }) => afterMs > upMs);
  return [...(last === undefined ? [] : [last]), ...left].map((health) => ({
    ...health,
    afterMs: Math.max(0, health.afterMs - upMs),
  }));
}
