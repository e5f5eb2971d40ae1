import { findTaskDefinition, liveTasks, type Place } from './context.ts';
import {
  decideRolling,
  type RollingDecision,
  type RollingView,
  type SchedulerTask,
} from './decide-rolling.ts';
import { EVENT, isWithheld, tell } from './service-events.ts';
import { countFailure, unhealthyReason } from './service-health.ts';
import { type WantedCount, wantedCounts } from './service-lifecycle.ts';
import { hasFailedToRun, runningCount, type ServicePass } from './service-pass.ts';
import { type DeploymentRecord, isPending, isRunning, type ServiceRecord, type TaskRecord } from './state.ts';
import { createTask, stopTask } from './task-life.ts';

/** Lets the scheduler decide for each deployment and carries its decisions out. Tells whether anything changed. */
export function schedule(pass: ServicePass): boolean {
  const { context, service } = pass;
  const primary = service.deployments[0];
  if (primary === undefined) return false;
  // What is deleted does not wait for a deployment to begin.
  if (service.status !== 'ACTIVE') return roll(pass);
  if (context.state.now < primary.startsAt) return false;
  const wanted = wantedCounts(service);
  if (wanted === undefined) return roll(pass);
  let hasChanged = false;
  for (const deployment of service.deployments) {
    if (keepCount(pass, deployment, wanted.get(deployment.id) ?? NONE)) hasChanged = true;
  }
  return hasChanged;
}

/** Carries the service from its older deployments to the newest one that is not held by hooks. */
function roll(pass: ServicePass): boolean {
  const { service, live } = pass;
  const to = service.deployments[pass.isHeld ? 1 : 0];
  if (to === undefined) return false;
  const { desiredCount, deploymentConfiguration } = service.settings;
  return decideAndApply(pass, to, live, {
    desiredCount,
    minimumHealthyPercent: deploymentConfiguration.minimumHealthyPercent ?? 100,
    maximumPercent: deploymentConfiguration.maximumPercent ?? 200,
    replacesAll: to.replacesAll,
    mayLaunch: true,
  });
}

const NONE: WantedCount = { count: 0, mayLaunch: true };

/** Keeps one deployment at a number of tasks, whatever the others have. */
function keepCount(pass: ServicePass, deployment: DeploymentRecord, wanted: WantedCount): boolean {
  const own = pass.live.filter((task) => task.deploymentId === deployment.id);
  const { count: desiredCount, mayLaunch } = wanted;
  const bounds = { minimumHealthyPercent: 100, maximumPercent: 200, replacesAll: false };
  return decideAndApply(pass, deployment, own, { desiredCount, ...bounds, mayLaunch });
}

function decideAndApply(
  pass: ServicePass,
  to: DeploymentRecord,
  tasks: readonly TaskRecord[],
  wanted: Pick<
    RollingView,
    'desiredCount' | 'minimumHealthyPercent' | 'maximumPercent' | 'replacesAll' | 'mayLaunch'
  >,
): boolean {
  const { context, service } = pass;
  const decision = decideRolling({
    ...wanted,
    mayLaunch: wanted.mayLaunch && service.status === 'ACTIVE' && to.rolloutState !== 'FAILED',
    launchNotBefore: to.launchNotBefore,
    tasks: tasks.flatMap((task) => asSchedulerTask(pass, to, task)),
    hasStopping: tasks.some((task) => task.desiredStatus === 'STOPPED'),
    now: context.state.now,
  });
  if (decision.dueAt !== undefined) pass.dues.push(decision.dueAt);
  apply(pass, to, decision);
  return decision.start + decision.stop.length + decision.stopUnhealthy.length > 0;
}

function asSchedulerTask(
  { health }: ServicePass,
  primary: DeploymentRecord,
  task: TaskRecord,
): SchedulerTask[] {
  const isFailing = task.desiredStatus === 'STOPPED' && hasFailedToRun(task);
  if (task.desiredStatus === 'STOPPED' && !isFailing) return [];
  return [
    {
      id: task.id,
      isPrimary: task.deploymentId === primary.id,
      isRunning: isRunning(task),
      health: health.byTaskId.get(task.id)?.verdict ?? 'waiting',
      isFailing,
    },
  ];
}

function apply(pass: ServicePass, primary: DeploymentRecord, decision: RollingDecision): void {
  const { context, place, service, report } = pass;
  const { now } = context.state;
  for (const id of decision.stopUnhealthy) stopUnhealthy(pass, id);
  for (const id of decision.stop) {
    const task = place.cluster.tasks[id];
    if (task === undefined) continue;
    if (isPending(task)) report.stoppedPending += 1;
    else report.stoppedRunning.push(id);
    stopTask(
      task,
      now,
      'ServiceSchedulerInitiated',
      `Scaling activity initiated by (deployment ${service.deployments[0]?.id})`,
    );
  }
  for (let n = 0; n < decision.start; n++) report.started.push(launch(pass, primary));
  if (decision.isStuck) tellStuck(pass, primary);
  else primary.toldStuckAt = undefined;
}

function tellStuck({ context, service, dues }: ServicePass, primary: DeploymentRecord): void {
  const { state, timings, random } = context;
  if (!isWithheld(primary.toldStuckAt, state.now, timings)) {
    primary.toldStuckAt = state.now;
    tell(service, state.now, random, EVENT.stuck());
  }
  dues.push((primary.toldStuckAt ?? state.now) + timings.repeatEventMs);
}

function launch({ context, place, service }: ServicePass, primary: DeploymentRecord): string {
  const revision = service.revisions[primary.revisionArn];
  const taskDefinition = revision && findTaskDefinition(place.scope, revision.taskDefinitionArn);
  if (revision === undefined || taskDefinition === undefined) {
    throw new Error(`Service revision ${primary.revisionArn} has no task definition.`);
  }
  const task = createTask(context, place, {
    taskDefinition,
    group: `service:${service.name}`,
    startedBy: primary.id,
    serviceName: service.name,
    deploymentId: primary.id,
    revision,
    backOffLevel: primary.backOffLevel,
    launchType: revision.launchType,
    subnetId: revision.settings.networkConfiguration?.awsvpcConfiguration?.subnets?.[0],
  });
  service.liveTaskIds.push(task.id);
  propagateTags(place, service, task);
  return task.id;
}

function propagateTags({ scope }: Place, service: ServiceRecord, task: TaskRecord): void {
  const from = { NONE: '', SERVICE: service.arn, TASK_DEFINITION: task.taskDefinitionArn };
  const tags = scope.tags[from[service.settings.propagateTags]];
  if (tags !== undefined) scope.tags[task.arn] = [...tags];
}

function stopUnhealthy({ context, place, service, health }: ServicePass, id: string): void {
  const { now } = context.state;
  const task = place.cluster.tasks[id];
  const judged = health.byTaskId.get(id);
  if (task === undefined || judged?.verdict !== 'unhealthy') return;
  const { cause } = judged;
  stopTask(task, now, 'ServiceSchedulerInitiated', unhealthyReason(cause));
  if (cause.kind === 'container') tell(service, now, context.random, EVENT.unhealthyContainer(id));
  else {
    const group = cause.target.targetGroupArn.split('/')[1] ?? cause.target.targetGroupArn;
    const reason = cause.health.description ?? cause.health.reason ?? 'Health checks failed';
    tell(service, now, context.random, EVENT.unhealthyTarget(id, cause.target.port, group, reason));
  }
  const deployment = service.deployments.find((candidate) => candidate.id === task.deploymentId);
  if (deployment === undefined) return;
  countFailure(
    deployment,
    'failed-health-checks',
    runningCount(liveTasks(place.cluster, service), deployment),
  );
}
