import type { Deployment, Service, ServiceRevision, ServiceRevisionSummary } from '@aws-sdk/client-ecs';
import { findTaskDefinition, liveTasks, type Place } from '../engine/context.ts';
import { hasEnded } from '../engine/deployments.ts';
import {
  type DeploymentRecord,
  isPending,
  isRunning,
  type RevisionRecord,
  type ServiceRecord,
  type TaskRecord,
} from '../engine/state.ts';
import { asDate } from './entry.ts';

/** Tasks as the API counts them. */
export interface Counts {
  running: number;
  pending: number;
}

/** RUNNING and pending tasks of those that `isMeant`. */
function countTasks(tasks: readonly TaskRecord[], isMeant: (task: TaskRecord) => boolean): Counts {
  const counts = { running: 0, pending: 0 };
  for (const task of tasks) {
    if (!isMeant(task)) continue;
    if (isRunning(task)) counts.running += 1;
    else if (isPending(task)) counts.pending += 1;
  }
  return counts;
}

/** A service as DescribeServices shows it, without tags. */
export function serviceView(place: Place, service: ServiceRecord): Service {
  const tasks = liveTasks(place.cluster, service);
  const counts = countTasks(tasks, () => true);
  const primary = service.deployments[0];
  const revision = primary && service.revisions[primary.revisionArn];
  const current = service.serviceDeployments[0];
  const { desiredCount, ...settings } = service.settings;
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: place.cluster.arn,
    status: service.status,
    desiredCount,
    runningCount: counts.running,
    pendingCount: counts.pending,
    ...(revision === undefined ? {} : revisionFields(revision)),
    ...settings,
    deployments: service.deployments.map((deployment) => deploymentView(service, deployment, tasks)),
    events: service.events.map(({ id, at, message }) => ({ id, createdAt: asDate(at), message })),
    createdAt: asDate(service.createdAt),
    createdBy: service.createdBy,
    deploymentController: { type: 'ECS' },
    ...(current === undefined || hasEnded(current) ? {} : { currentServiceDeployment: current.arn }),
    currentServiceRevisions: revisionSummaries(service, tasks),
  };
}

function revisionFields(revision: RevisionRecord): Partial<Service> {
  const {
    loadBalancers = [],
    serviceRegistries = [],
    networkConfiguration,
    platformVersion,
  } = revision.settings;
  const { capacityProviderStrategy } = revision.settings;
  return {
    taskDefinition: revision.taskDefinitionArn,
    loadBalancers,
    serviceRegistries,
    networkConfiguration,
    platformVersion,
    capacityProviderStrategy,
    launchType: revision.launchType,
    ...(revision.launchType === 'FARGATE' ? { platformFamily: 'Linux' } : {}),
  };
}

function deploymentView(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  tasks: readonly TaskRecord[],
): Deployment {
  const counts = countTasks(tasks, (task) => task.deploymentId === deployment.id);
  const isPrimary = deployment.status === 'PRIMARY';
  const revision = service.revisions[deployment.revisionArn];
  const { loadBalancers: _, serviceRegistries: __, ...settings } = revision?.settings ?? {};
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: revision?.taskDefinitionArn,
    desiredCount: isPrimary ? service.settings.desiredCount : counts.running + counts.pending,
    runningCount: counts.running,
    pendingCount: counts.pending,
    failedTasks: deployment.failedTasks,
    createdAt: asDate(deployment.createdAt),
    updatedAt: asDate(deployment.updatedAt),
    launchType: revision?.launchType,
    ...settings,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}

function revisionSummaries(service: ServiceRecord, tasks: readonly TaskRecord[]): ServiceRevisionSummary[] {
  const arns = new Set(service.deployments.map(({ revisionArn }) => revisionArn));
  return [...arns].map((arn) => revisionSummary(service, arn, tasks));
}

/** Counts of one service revision: requested is the desired count for the one being gone to. */
export function revisionSummary(
  service: ServiceRecord,
  arn: string,
  tasks: readonly TaskRecord[],
): ServiceRevisionSummary {
  const { running, pending } = countTasks(tasks, (task) => task.revisionArn === arn);
  const isWanted = service.deployments[0]?.revisionArn === arn;
  return {
    arn,
    requestedTaskCount: isWanted ? service.settings.desiredCount : running + pending,
    runningTaskCount: running,
    pendingTaskCount: pending,
  };
}

/** A revision as DescribeServiceRevisions shows it. */
export function revisionView(
  place: Place,
  service: ServiceRecord,
  revision: RevisionRecord,
): ServiceRevision {
  const definition = findTaskDefinition(place.scope, revision.taskDefinitionArn);
  const loadBalancers = revision.settings.loadBalancers ?? [];
  return {
    serviceRevisionArn: revision.arn,
    serviceArn: service.arn,
    clusterArn: place.cluster.arn,
    taskDefinition: revision.taskDefinitionArn,
    launchType: revision.launchType,
    ...(revision.launchType === 'FARGATE' ? { platformFamily: 'Linux' } : {}),
    ...revision.settings,
    containerImages: (definition?.containerDefinitions ?? []).map(({ name = '', image }) => ({
      containerName: name,
      image,
      ...(revision.digests[name] === undefined ? {} : { imageDigest: revision.digests[name] }),
    })),
    guardDutyEnabled: false,
    createdAt: asDate(revision.createdAt),
    ...(loadBalancers.length === 0
      ? {}
      : {
          resolvedConfiguration: {
            loadBalancers: loadBalancers.map(({ advancedConfiguration }, index) => ({
              targetGroupArn: revision.targetGroups[index],
              ...(advancedConfiguration === undefined
                ? {}
                : { productionListenerRule: advancedConfiguration.productionListenerRule }),
            })),
          },
        }),
  };
}
