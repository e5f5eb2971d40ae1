import type { Container, Task, TaskDefinition } from '@aws-sdk/client-ecs';
import { findTaskDefinition, type Place } from '../engine/context.ts';
import { taskHealthStatus } from '../engine/decide-task-health.ts';
import type { ContainerRecord, TaskRecord } from '../engine/state.ts';
import { asDate } from './entry.ts';

/** A task as DescribeTasks shows it, without tags. */
export function taskView({ scope, cluster }: Place, task: TaskRecord): Task {
  const definition = findTaskDefinition(scope, task.taskDefinitionArn) ?? {};
  const isFargate = task.launchType === 'FARGATE';
  return {
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinitionArn,
    clusterArn: cluster.arn,
    availabilityZone: `${scope.region}a`,
    connectivity: 'CONNECTED',
    containers: task.containers.map((container) => containerView(task, container, definition)),
    cpu: definition.cpu,
    memory: definition.memory,
    createdAt: asDate(task.createdAt),
    desiredStatus: task.desiredStatus,
    lastStatus: task.lastStatus,
    healthStatus: taskHealthStatus(task),
    group: task.group,
    startedBy: task.startedBy,
    launchType: task.launchType,
    ...(isFargate ? { platformVersion: '1.4.0', platformFamily: 'Linux' } : {}),
    attributes: [],
    attachments: definition.networkMode === 'awsvpc' ? [attachment(task)] : [],
    overrides: task.overrides ?? { containerOverrides: task.containers.map(({ name }) => ({ name })) },
    pullStartedAt: asDate(task.pullStartedAt),
    pullStoppedAt: asDate(task.pullStoppedAt),
    startedAt: asDate(task.startedAt),
    stoppingAt: asDate(task.stoppingAt),
    executionStoppedAt: asDate(task.executionStoppedAt),
    stoppedAt: asDate(task.stoppedAt),
    stopCode: task.stopCode,
    stoppedReason: task.stoppedReason,
    enableExecuteCommand: false,
    version: task.version,
  };
}

function containerView(task: TaskRecord, container: ContainerRecord, definition: TaskDefinition): Container {
  const made = definition.containerDefinitions?.find(({ name }) => name === container.name);
  return {
    containerArn: container.arn,
    taskArn: task.arn,
    name: container.name,
    image: container.image,
    imageDigest: container.imageDigest,
    runtimeId: container.runtimeId,
    lastStatus: container.lastStatus,
    exitCode: container.exitCode,
    reason: container.reason,
    healthStatus: container.health,
    networkBindings: [],
    networkInterfaces: [{ attachmentId: task.interfaceId, privateIpv4Address: task.privateIp }],
    cpu: String(made?.cpu ?? 0),
    ...(made?.memory === undefined ? {} : { memory: String(made.memory) }),
    ...(made?.memoryReservation === undefined ? {} : { memoryReservation: String(made.memoryReservation) }),
  };
}

function attachment(task: TaskRecord) {
  const isGone = task.lastStatus === 'STOPPED';
  return {
    id: task.interfaceId,
    type: 'ElasticNetworkInterface',
    status: isGone ? 'DELETED' : task.lastStatus === 'PROVISIONING' ? 'ATTACHING' : 'ATTACHED',
    details: [
      { name: 'subnetId', value: task.subnetId },
      { name: 'networkInterfaceId', value: task.interfaceId },
      { name: 'privateIPv4Address', value: task.privateIp },
    ],
  };
}
