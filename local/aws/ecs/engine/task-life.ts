import type { LaunchType, TaskDefinition, TaskOverride } from '@aws-sdk/client-ecs';
import type { TaskLaunch } from '../runtime/task-runtime.ts';
import { type EngineContext, findTaskDefinition, type Place } from './context.ts';
import { decideTaskStep } from './decide-task-step.ts';
import { ecsArn, newResourceId, newTaskId, newUuid, privateAddress } from './identifiers.ts';
import { count, type PassReport } from './service-events.ts';
import type { ContainerRecord, RevisionRecord, StopCode, TaskRecord, TaskStatus } from './state.ts';

/** What a new task is made from. */
export interface TaskOrigin {
  taskDefinition: TaskDefinition;
  group: string;
  startedBy?: string | undefined;
  serviceName?: string;
  deploymentId?: string;
  revision?: RevisionRecord;
  backOffLevel?: number;
  launchType?: LaunchType | undefined;
  subnetId?: string | undefined;
  overrides?: TaskOverride | undefined;
}

/** Adds a task in PROVISIONING to its cluster; nothing is started yet. */
export function createTask(context: EngineContext, place: Place, origin: TaskOrigin): TaskRecord {
  const { state, random } = context;
  const { scope, cluster } = place;
  const id = newTaskId(random);
  const { taskDefinition, revision } = origin;
  const task: TaskRecord = {
    id,
    arn: ecsArn(scope, `task/${cluster.name}/${id}`),
    taskDefinitionArn: taskDefinition.taskDefinitionArn ?? '',
    group: origin.group,
    startedBy: origin.startedBy,
    serviceName: origin.serviceName,
    deploymentId: origin.deploymentId,
    revisionArn: revision?.arn,
    backOffLevel: origin.backOffLevel ?? 0,
    launchType: origin.launchType,
    privateIp: privateAddress(state.tasksMade),
    interfaceId: newResourceId(random, 'eni'),
    subnetId: origin.subnetId ?? newResourceId(random, 'subnet'),
    overrides: origin.overrides,
    lastStatus: 'PROVISIONING',
    statusSince: state.now,
    desiredStatus: 'RUNNING',
    createdAt: state.now,
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    startedAt: undefined,
    stoppingAt: undefined,
    executionStoppedAt: undefined,
    stoppedAt: undefined,
    stopCode: undefined,
    stoppedReason: undefined,
    containers: newContainers(context, place, id, origin),
    targets: [],
    drainMs: 0,
    wasHealthy: false,
    outcomeNoted: false,
    stopSentAt: undefined,
    gone: false,
    version: 1,
  };
  state.tasksMade += 1;
  cluster.tasks[id] = task;
  return task;
}

function newContainers(
  context: EngineContext,
  { scope, cluster }: Place,
  taskId: string,
  { taskDefinition, revision }: TaskOrigin,
): ContainerRecord[] {
  return (taskDefinition.containerDefinitions ?? []).map((definition) => ({
    name: definition.name ?? '',
    arn: ecsArn(scope, `container/${cluster.name}/${taskId}/${newUuid(context.random)}`),
    image: definition.image ?? '',
    imageDigest: revision?.digests[definition.name ?? ''],
    runtimeId: undefined,
    exitCode: undefined,
    reason: undefined,
    essential: definition.essential ?? true,
    hasHealthCheck: definition.healthCheck !== undefined,
    lastStatus: 'PENDING',
    startedAt: undefined,
    health: 'UNKNOWN',
  }));
}

/** Asks for a task to end. The first reason given stays. */
export function stopTask(task: TaskRecord, now: number, stopCode: StopCode, stoppedReason: string): void {
  if (task.desiredStatus === 'STOPPED') return;
  task.desiredStatus = 'STOPPED';
  task.stoppingAt = now;
  task.stopCode = stopCode;
  task.stoppedReason = stoppedReason;
  task.version += 1;
}

/**
 * Moves a task up its ladder as far as it goes now, doing at each rung what belongs to it.
 * Gives when time alone will move it on, `undefined` while it waits for its containers.
 */
export function advanceTask(
  context: EngineContext,
  place: Place,
  task: TaskRecord,
  report: PassReport,
): number | undefined {
  for (;;) {
    const step = decideTaskStep(task, context.state.now, context.timings);
    if (step.to === undefined) return step.dueAt;
    task.lastStatus = step.to;
    task.statusSince = context.state.now;
    task.version += 1;
    enter(context, place, task, step.to, report);
  }
}

function enter(
  context: EngineContext,
  place: Place,
  task: TaskRecord,
  status: TaskStatus,
  report: PassReport,
): void {
  const { now } = context.state;
  switch (status) {
    case 'PENDING':
      task.pullStartedAt = now;
      context.runtime.start(launchOf(place, task));
      return;
    case 'ACTIVATING':
      task.pullStoppedAt = now;
      return;
    case 'RUNNING':
      task.startedAt = now;
      registerTargets(context, place, task, report);
      return;
    case 'DEACTIVATING':
      deregisterTargets(context, task, report);
      if (context.drainOrder === 'together') sendStop(context, task);
      return;
    case 'STOPPING':
      sendStop(context, task);
      return;
    case 'STOPPED':
      task.stoppedAt = now;
      for (const container of task.containers) container.lastStatus = 'STOPPED';
      return;
    default:
  }
}

function sendStop(context: EngineContext, task: TaskRecord): void {
  if (task.stopSentAt !== undefined) return;
  task.stopSentAt = context.state.now;
  context.runtime.stop(task.arn);
}

/** What a runtime is told of a task. */
export function launchOf({ scope, cluster }: Place, task: TaskRecord): TaskLaunch {
  const taskDefinition = findTaskDefinition(scope, task.taskDefinitionArn) ?? {};
  return {
    taskArn: task.arn,
    taskId: task.id,
    accountId: scope.accountId,
    region: scope.region,
    clusterName: cluster.name,
    clusterArn: cluster.arn,
    ...(task.serviceName === undefined ? {} : { serviceName: task.serviceName }),
    privateIp: task.privateIp,
    taskDefinition,
    images: Object.fromEntries(task.containers.map((container) => [container.name, imageOf(container)])),
    ...(task.overrides === undefined ? {} : { overrides: task.overrides }),
  };
}

/** The reference to pull: by digest where it is known, whatever tag it was named by. */
function imageOf({ image = '', imageDigest }: ContainerRecord): string {
  if (imageDigest === undefined || image.includes('@')) return image;
  const tagAt = image.indexOf(':', image.lastIndexOf('/'));
  return `${tagAt < 0 ? image : image.slice(0, tagAt)}@${imageDigest}`;
}

function registerTargets(context: EngineContext, place: Place, task: TaskRecord, report: PassReport): void {
  const revision = revisionOf(place, task);
  for (const [index, { containerPort }] of (revision?.settings.loadBalancers ?? []).entries()) {
    const targetGroupArn = revision?.targetGroups[index];
    if (targetGroupArn === undefined || containerPort === undefined) continue;
    const target = { id: task.privateIp, port: containerPort };
    context.targetGroups.register(targetGroupArn, target);
    task.targets.push({ ...target, targetGroupArn });
    count(report.registered, targetGroupArn);
  }
}

function deregisterTargets(context: EngineContext, task: TaskRecord, report: PassReport): void {
  const { targetGroups, timings } = context;
  for (const { targetGroupArn, id, port } of task.targets) {
    const delayMs = targetGroups.exists(targetGroupArn)
      ? targetGroups.deregistrationDelayMs(targetGroupArn) * timings.drainScale
      : 0;
    task.drainMs = Math.max(task.drainMs, delayMs);
    targetGroups.deregister(targetGroupArn, { id, port });
    count(report.deregistered, targetGroupArn);
  }
  if (task.targets.length > 0 && task.deploymentId !== undefined) count(report.draining, task.deploymentId);
}

function revisionOf({ cluster }: Place, task: TaskRecord): RevisionRecord | undefined {
  const service = task.serviceName === undefined ? undefined : cluster.services[task.serviceName];
  return task.revisionArn === undefined ? undefined : service?.revisions[task.revisionArn];
}
