import type { ServiceCounts } from '../autoscaling/service-counts.ts';
import type { AlarmStates } from './alarm-states.ts';
import { clusterHandlers } from './api/clusters.ts';
import type { EcsApi, EcsHandlers, ImageResolver } from './api/entry.ts';
import { serviceDeploymentHandlers } from './api/service-deployments.ts';
import { serviceRevisionHandlers } from './api/service-revisions.ts';
import { serviceHandlers } from './api/services.ts';
import { tagHandlers } from './api/tags.ts';
import { taskDefinitionHandlers } from './api/task-definitions.ts';
import { taskHandlers } from './api/tasks.ts';
import type { DrainOrder } from './engine/context.ts';
import { createEngine, findTask, type TimedSource } from './engine/engine.ts';
import type { Random } from './engine/identifiers.ts';
import { restore } from './engine/restore.ts';
import { serviceCountsOf } from './engine/service-counts.ts';
import { readState, saveState } from './engine/snapshot.ts';
import { timingsFor } from './engine/timings.ts';
import type { HookCaller, HookReporter } from './hook-caller.ts';
import type { TaskEvent, TaskRuntime } from './runtime/task-runtime.ts';
import type { TargetGroups } from './target-groups.ts';
import type { TrafficRules } from './traffic-rules.ts';

export type { ImageResolver } from './api/entry.ts';

export interface EcsOptions {
  /** `now` in epoch milliseconds. */
  clock: { now(): number };
  runtime: TaskRuntime;
  targetGroups: TargetGroups;
  images: ImageResolver;
  random: Random;
  /** Listener rules, for the strategies that shift traffic; without it no rule exists. */
  trafficRules?: TrafficRules;
  /** Who calls lifecycle hooks of type AWS_LAMBDA; without it every call fails. */
  hooks?: HookCaller;
  /** Where the states of deployment alarms come from; without it no alarm exists. */
  alarms?: AlarmStates;
  /** 1 as on AWS, 0.1 ten times faster; see `timingsFor` for what it shortens. */
  timeScale?: number;
  /** Whether SIGTERM waits for the deregistration delay (default) or comes together with its start. */
  drainOrder?: DrainOrder;
  /** Parts of the outside that live in the engine's virtual time. */
  sources?: readonly TimedSource[];
}

export interface Ecs {
  /** The operations, for `jsonService`. */
  readonly handlers: EcsHandlers;
  /** The desired counts of its services, for Application Auto Scaling. */
  readonly counts: ServiceCounts;
  /** Lets everything due up to `now` (epoch ms) happen; every operation begins with it. */
  advance(now: number): void;
  nextDueAt(): number | undefined;
  report(taskArn: string, event: TaskEvent, at: number): void;
  /** Whether there is a task of that ARN that has not stopped. */
  isLive(taskArn: string): boolean;
  /** Calls `listener` whenever what is due may have changed. */
  onChange(listener: () => void): void;
  /** All it knows, as JSON; the outside (containers, target health, alarm states) is no part of it. */
  save(): string;
  /**
   * Begins from what `save` gave, on a runtime that can adopt tasks. `random` must not repeat the numbers that
   * the saved one drew. Throws where `restore` does.
   */
  load(saved: string): void;
  /** Launches nothing more and ends every task. */
  stopAll(): Promise<void>;
}

const NO_RULES: TrafficRules = { weights: () => undefined, setWeights() {} };
const NO_ALARMS: AlarmStates = { watch() {}, unwatch() {}, read: () => [], onChange() {} };

/** Makes a local ECS of no clusters. Its state lives in memory and advances only when it is asked to. */
export function createEcs(options: EcsOptions): Ecs {
  const { clock, runtime, targetGroups, images, random } = options;
  const alarms = options.alarms ?? NO_ALARMS;
  const hooks = options.hooks ?? createNoHooks(clock);
  const engine = createEngine(
    {
      state: { now: clock.now(), tasksMade: 0, scopes: {} },
      runtime,
      targetGroups,
      trafficRules: options.trafficRules ?? NO_RULES,
      alarms,
      hooks,
      random,
      timings: timingsFor(options.timeScale ?? 1),
      drainOrder: options.drainOrder ?? 'deregister-first',
    },
    options.sources,
  );
  runtime.setReporter(engine.report);
  targetGroups.onChange(engine.touchTargets);
  alarms.onChange(engine.touchAlarmed);
  hooks.setReporter(engine.reportHook);
  const api: EcsApi = { engine, images, now: () => clock.now() };
  return {
    handlers: {
      ...clusterHandlers(api),
      ...taskDefinitionHandlers(api),
      ...serviceHandlers(api),
      ...taskHandlers(api),
      ...serviceDeploymentHandlers(api),
      ...serviceRevisionHandlers(api),
      ...tagHandlers(api),
    },
    counts: serviceCountsOf(engine),
    advance: engine.advance,
    nextDueAt: engine.nextDueAt,
    report: engine.report,
    isLive: (taskArn) =>
      (findTask(engine.context.state, taskArn)?.task.lastStatus ?? 'STOPPED') !== 'STOPPED',
    onChange: engine.onChange,
    save() {
      engine.advance(clock.now());
      return saveState(engine.context.state);
    },
    load: (saved) => restore(engine, runtime, readState(saved), clock.now()),
    async stopAll() {
      engine.halt();
      await runtime.dispose();
    },
  };
}

/** A caller that reaches no function. */
function createNoHooks(clock: EcsOptions['clock']): HookCaller {
  let report: HookReporter = () => {};
  return {
    call: (invocation) => report(invocation, { hookStatus: 'FAILED' }, clock.now()),
    setReporter(next) {
      report = next;
    },
  };
}
