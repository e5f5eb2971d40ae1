import type { HookAnswer, HookInvocation } from '../hook-caller.ts';
import type { TaskEvent } from '../runtime/task-runtime.ts';
import { type EngineContext, type Place, scopeKey } from './context.ts';
import { newPassReport } from './service-events.ts';
import { applyHookAnswer } from './service-hooks.ts';
import { stepService } from './service-step.ts';
import type { ClusterRecord, EcsState, ServiceDeploymentRecord, ServiceRecord, TaskRecord } from './state.ts';
import { applyTaskEvent } from './task-events.ts';
import { advanceTask } from './task-life.ts';

/**
 * Something outside that also lives in virtual time: a scripted runtime, a double of target groups.
 * The engine moves it along with itself, so that both see every moment in the same order.
 */
export interface TimedSource {
  /** The earliest moment at which something will happen by itself. */
  nextDueAt(): number | undefined;
  /** Lets everything due up to `now` happen, and takes `now` as the time from here on. */
  advance(now: number): void;
}

export interface Engine {
  readonly context: EngineContext;
  /**
   * Lets everything due up to `now` (epoch ms) happen in its order. Never goes back in time. Throws the first
   * fault of ours after everything else has happened; what broke is tried again a second later.
   */
  advance(now: number): void;
  /** When `advance` next has something to do; `undefined` while only the outside can change anything. */
  nextDueAt(): number | undefined;
  /** Takes what a runtime has seen. Unknown tasks are ignored. */
  report(taskArn: string, event: TaskEvent, at: number): void;
  /** Takes what a lifecycle hook has answered. Hooks that are waited for no longer are ignored. */
  reportHook(invocation: HookInvocation, answer: HookAnswer, at: number): void;
  /** Has a service, or a task outside services, looked at again at the next `advance`. */
  touch(place: Place, subject: ServiceRecord | TaskRecord): void;
  /** Has every service with targets looked at again. */
  touchTargets(): void;
  /** Has every service with a deployment under alarms looked at again. */
  touchAlarmed(): void;
  /** Stands still from here on: nothing is launched or stopped any more. */
  halt(): void;
  /** Calls `listener` after anything may have changed what is due. */
  onChange(listener: () => void): void;
}

/** When what broke is tried again. */
const AFTER_FAULT_MS = 1000;

/** How often what is no longer to be shown is dropped. */
const SWEEP_MS = 60_000;

/** A service, or a task outside services, with when it is due. */
interface Unit {
  place: Place;
  subject: ServiceRecord | TaskRecord;
  dueAt: number | undefined;
}

const isService = (subject: ServiceRecord | TaskRecord): subject is ServiceRecord => 'liveTaskIds' in subject;

/** Makes the engine that carries `context.state` through time. `sources` share its virtual time. */
export function createEngine(context: EngineContext, sources: readonly TimedSource[] = []): Engine {
  const { state } = context;
  const units = new Map<string, Unit>();
  const inbox: { at: number; take: () => void }[] = [];
  const listeners: (() => void)[] = [];
  const faults: unknown[] = [];
  let isAdvancing = false;
  let isHalted = false;
  let sweepAt = nextSweep(state.now);

  function touch(place: Place, subject: ServiceRecord | TaskRecord): void {
    units.set(subject.arn, { place, subject, dueAt: state.now });
    if (!isAdvancing) notify();
  }

  function notify(): void {
    for (const listener of listeners) listener();
  }

  function drainInbox(): void {
    for (let next = inbox[0]; next !== undefined && next.at <= state.now; next = inbox[0]) {
      inbox.shift();
      attempt(next.take);
    }
  }

  /** One service that breaks holds up no other; `advance` throws its fault once all else is done. */
  function attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      faults.push(error);
    }
  }

  function post(at: number, take: () => void): void {
    inbox.push({ at, take });
    if (!isAdvancing) advance(at);
  }

  function takeTaskEvent(taskArn: string, event: TaskEvent): void {
    const found = findTask(state, taskArn);
    if (found === undefined) return;
    applyTaskEvent(found.task, event, state.now);
    const service =
      found.task.serviceName === undefined ? undefined : found.place.cluster.services[found.task.serviceName];
    touch(found.place, service ?? found.task);
  }

  function takeHookAnswer({ hookId, payload }: HookInvocation, answer: HookAnswer): void {
    const found = findServiceDeployment(state, payload.resourceArn);
    if (found === undefined) return;
    applyHookAnswer(found.deployment, hookId, answer, state.now);
    touch(found.place, found.service);
  }

  function stepDue(): void {
    for (const [arn, unit] of units) {
      if (unit.dueAt === undefined || unit.dueAt > state.now) continue;
      unit.dueAt = state.now + AFTER_FAULT_MS;
      attempt(() => {
        unit.dueAt = stepUnit(context, unit);
      });
      if (unit.dueAt === undefined) units.delete(arn);
    }
  }

  function nextDueAt(): number | undefined {
    let first = inbox[0]?.at;
    for (const { dueAt } of units.values()) first = least(first, dueAt);
    for (const source of sources) first = least(first, source.nextDueAt());
    return first;
  }

  function advance(now: number): void {
    if (isAdvancing || isHalted) return;
    isAdvancing = true;
    try {
      for (let due = nextDueAt(); due !== undefined && due <= Math.max(now, state.now); due = nextDueAt()) {
        moveTo(Math.max(due, state.now));
        drainInbox();
        stepDue();
      }
      moveTo(Math.max(now, state.now));
      if (state.now >= sweepAt) {
        forgetOld(context);
        sweepAt = nextSweep(state.now);
      }
    } finally {
      isAdvancing = false;
    }
    notify();
    const [fault] = faults.splice(0);
    if (fault !== undefined) throw fault;
  }

  function moveTo(now: number): void {
    state.now = now;
    for (const source of sources) source.advance(now);
  }

  function touchServices(isMeant: (service: ServiceRecord, cluster: ClusterRecord) => boolean): void {
    for (const [place, cluster] of clustersOf(state)) {
      for (const service of Object.values(cluster.services)) {
        if (isMeant(service, cluster)) units.set(service.arn, { place, subject: service, dueAt: state.now });
      }
    }
    if (!isAdvancing) notify();
  }

  return {
    context,
    advance,
    nextDueAt,
    touch,
    touchTargets: () => touchServices(hasTargets),
    touchAlarmed: () => touchServices(isUnderAlarms),
    report: (taskArn, event, at) => post(at, () => takeTaskEvent(taskArn, event)),
    reportHook: (invocation, answer, at) => post(at, () => takeHookAnswer(invocation, answer)),
    halt() {
      isHalted = true;
    },
    onChange: (listener) => void listeners.push(listener),
  };
}

/** Whole multiples of the interval, so that it does not matter when an engine began. */
const nextSweep = (now: number): number => (Math.floor(now / SWEEP_MS) + 1) * SWEEP_MS;

function stepUnit(context: EngineContext, { place, subject }: Unit): number | undefined {
  if (isService(subject)) return stepService(context, place, subject);
  return advanceTask(context, place, subject, newPassReport());
}

/** Drops tasks that have been STOPPED, and services that have been INACTIVE, for long enough. */
function forgetOld({ state, timings }: EngineContext): void {
  const before = state.now - timings.stoppedVisibleMs;
  for (const [{ scope }, cluster] of clustersOf(state)) {
    for (const task of Object.values(cluster.tasks)) {
      if (task.stoppedAt === undefined || task.stoppedAt > before) continue;
      delete cluster.tasks[task.id];
      delete scope.tags[task.arn];
    }
    for (const service of Object.values(cluster.services)) {
      if (service.status === 'INACTIVE' && service.statusSince <= before)
        delete cluster.services[service.name];
    }
  }
}

function* clustersOf(state: EcsState): Generator<[Place, ClusterRecord]> {
  for (const scope of Object.values(state.scopes)) {
    for (const cluster of Object.values(scope.clusters)) yield [{ scope, cluster }, cluster];
  }
}

function isUnderAlarms({ serviceDeployments }: ServiceRecord): boolean {
  return serviceDeployments.some(({ alarms }) => alarms.status === 'MONITORING');
}

function hasTargets(service: ServiceRecord, cluster: ClusterRecord): boolean {
  return service.liveTaskIds.some((id) => (cluster.tasks[id]?.targets.length ?? 0) > 0);
}

/** `arn:aws:ecs:<region>:<account>:task/<cluster>/<id>` to the task and where it lives. */
export function findTask(state: EcsState, arn: string): { place: Place; task: TaskRecord } | undefined {
  const [, , , region = '', accountId = '', resource = ''] = arn.split(':');
  const [, clusterName = '', id = ''] = resource.split('/');
  const scope = state.scopes[scopeKey(accountId, region)];
  const cluster = scope?.clusters[clusterName];
  const task = cluster?.tasks[id];
  return scope && cluster && task ? { place: { scope, cluster }, task } : undefined;
}

/** `arn:aws:ecs:<region>:<account>:service-deployment/<cluster>/<service>/<id>` to the record and its place. */
export function findServiceDeployment(
  state: EcsState,
  arn: string,
): { place: Place; service: ServiceRecord; deployment: ServiceDeploymentRecord } | undefined {
  const [, , , region = '', accountId = '', resource = ''] = arn.split(':');
  const [, clusterName = '', serviceName = ''] = resource.split('/');
  const scope = state.scopes[scopeKey(accountId, region)];
  const cluster = scope?.clusters[clusterName];
  const service = cluster?.services[serviceName];
  const deployment = service?.serviceDeployments.find((candidate) => candidate.arn === arn);
  return scope && cluster && service && deployment
    ? { place: { scope, cluster }, service, deployment }
    : undefined;
}

function least(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}
