import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { dockerName, ecsLabels } from './docker-container-options.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** One container's state as its task's metadata shows it. Times are epoch milliseconds. */
export interface ContainerView {
  definition: ContainerDefinition;
  runtimeId?: string;
  imageId?: string;
  startedAt?: number;
  finishedAt?: number;
  exitCode?: number;
  health?: string;
}

export interface MetadataView {
  launch: TaskLaunch;
  stopping: boolean;
  containers: readonly ContainerView[];
}

/** The document at `${ECS_CONTAINER_METADATA_URI_V4}`. Source: task metadata endpoint version 4, Fargate (read 2026-11). */
export function containerMetadata(view: MetadataView, name: string): Record<string, unknown> {
  const container = view.containers.find((one) => one.definition.name === name);
  return container ? describeContainer(view, container) : {};
}

/** The document at `${ECS_CONTAINER_METADATA_URI_V4}/task`. */
export function taskMetadata(view: MetadataView): Record<string, unknown> {
  const { launch } = view;
  return {
    Cluster: launch.clusterArn,
    TaskARN: launch.taskArn,
    Family: launch.taskDefinition.family,
    Revision: String(launch.taskDefinition.revision),
    ...(launch.serviceName ? { ServiceName: launch.serviceName } : {}),
    DesiredStatus: view.stopping ? 'STOPPED' : 'RUNNING',
    KnownStatus: view.containers.every((one) => one.startedAt !== undefined) ? 'RUNNING' : 'PENDING',
    ...limits(launch.taskDefinition.cpu, launch.taskDefinition.memory),
    Containers: view.containers.map((container) => describeContainer(view, container)),
    LaunchType: 'FARGATE',
  };
}

function describeContainer(view: MetadataView, container: ContainerView): Record<string, unknown> {
  const { launch } = view;
  const { definition } = container;
  const name = definition.name ?? '';
  return {
    DockerId: container.runtimeId,
    Name: name,
    DockerName: dockerName(launch, name),
    Image: definition.image,
    ImageID: container.imageId,
    Labels: { ...definition.dockerLabels, ...ecsLabels(launch, name) },
    DesiredStatus: view.stopping ? 'STOPPED' : 'RUNNING',
    KnownStatus: knownStatus(container),
    ...limits(definition.cpu, definition.memory),
    ...(container.startedAt ? { StartedAt: new Date(container.startedAt).toISOString() } : {}),
    ...(container.finishedAt ? { FinishedAt: new Date(container.finishedAt).toISOString() } : {}),
    ...(container.exitCode === undefined ? {} : { ExitCode: container.exitCode }),
    ...(container.health ? { Health: { status: container.health } } : {}),
    Type: 'NORMAL',
    LogDriver: definition.logConfiguration?.logDriver,
    LogOptions: definition.logConfiguration?.options,
    ContainerARN: `${launch.taskArn.replace(':task/', ':container/')}/${container.runtimeId ?? ''}`,
    Networks: [{ NetworkMode: 'awsvpc', IPv4Addresses: [launch.privateIp] }],
  };
}

function knownStatus(container: ContainerView): string {
  if (container.finishedAt !== undefined) return 'STOPPED';
  return container.startedAt === undefined ? 'PENDING' : 'RUNNING';
}

function limits(
  cpu: number | string | undefined,
  memory: number | string | undefined,
): Record<string, unknown> {
  const asked = { ...(cpu ? { CPU: Number(cpu) } : {}), ...(memory ? { Memory: Number(memory) } : {}) };
  return Object.keys(asked).length ? { Limits: asked } : {};
}
