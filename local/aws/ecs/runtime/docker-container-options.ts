import type { ContainerDefinition, HealthCheck, TaskDefinition } from '@aws-sdk/client-ecs';
import type Docker from 'dockerode';
import { taskLabel } from './docker-owner.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** What is known about a task by the time its containers are made. */
export interface ContainerSurroundings {
  launch: TaskLaunch;
  /** Id of the container that holds the task's network. */
  networkHolder: string;
  /** Secrets of this container by the name of their environment variable. */
  secrets: Readonly<Record<string, string>>;
  /** What the runtime itself sets, by `agentEnvironment`; the metadata and credentials of a task. */
  environment: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
}

const defaultStopTimeoutSeconds = 30;
const second = 1_000_000_000;
const mebibyte = 1024 * 1024;

/**
 * Turns one container of a task definition into what Docker's "create container" takes.
 *
 * The order of environment variables is that of Amazon ECS's agent: what the runtime sets, then the task
 * definition's `environment`, then `secrets`, then overrides; the last of a name wins. Memory is a hard
 * limit (the container's own, else the task's); `cpu` is a relative weight as on ECS, without a cap, since
 * a rehearsal machine says nothing about speed. Whatever `unsupportedFields` lists is not looked at.
 */
export function containerOptions(
  container: ContainerDefinition,
  around: ContainerSurroundings,
): Docker.ContainerCreateOptions {
  const { launch } = around;
  const name = container.name ?? '';
  const override = launch.overrides?.containerOverrides?.find((one) => one.name === name);
  return {
    name: dockerName(launch, name),
    Image: launch.images[name] ?? container.image,
    Entrypoint: container.entryPoint,
    Cmd: override?.command ?? container.command,
    User: container.user,
    WorkingDir: container.workingDirectory,
    Tty: container.pseudoTerminal,
    OpenStdin: container.interactive,
    Env: environmentOf(container, around),
    Labels: { ...container.dockerLabels, ...ecsLabels(launch, name), ...around.labels },
    StopTimeout: stopTimeoutSeconds(container),
    Healthcheck: healthcheckOf(container.healthCheck),
    HostConfig: hostConfigOf(container, around),
  };
}

/** Seconds between SIGTERM and SIGKILL. */
export function stopTimeoutSeconds(container: ContainerDefinition): number {
  return container.stopTimeout ?? defaultStopTimeoutSeconds;
}

/** Name of a container on the engine: readable, and unique as the task id is. */
export function dockerName(launch: TaskLaunch, container: string): string {
  return `berth-${launch.taskId}-${container}`;
}

/** Name of the engine's volume that stands for one of a task's volumes. */
export function volumeName(launch: TaskLaunch, volume: string): string {
  return `berth-${launch.taskId}-volume-${volume}`;
}

/** The labels that Amazon ECS's agent puts on a container. */
export function ecsLabels(launch: TaskLaunch, container: string): Record<string, string> {
  return {
    'com.amazonaws.ecs.cluster': launch.clusterArn,
    'com.amazonaws.ecs.container-name': container,
    [taskLabel]: launch.taskArn,
    'com.amazonaws.ecs.task-definition-family': launch.taskDefinition.family ?? '',
    'com.amazonaws.ecs.task-definition-version': String(launch.taskDefinition.revision ?? ''),
  };
}

function environmentOf(container: ContainerDefinition, around: ContainerSurroundings): string[] {
  const override = around.launch.overrides?.containerOverrides?.find((one) => one.name === container.name);
  const values: Record<string, string> = {
    ...around.environment,
    ...pairs(container.environment),
    ...around.secrets,
    ...pairs(override?.environment),
  };
  return Object.entries(values).map(([name, value]) => `${name}=${value}`);
}

function pairs(list: readonly { name?: string; value?: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map(({ name, value }) => [name ?? '', value ?? '']));
}

function hostConfigOf(container: ContainerDefinition, around: ContainerSurroundings): Docker.HostConfig {
  const linux = container.linuxParameters;
  const override = around.launch.overrides?.containerOverrides?.find((one) => one.name === container.name);
  const memory = override?.memory ?? container.memory ?? taskMemory(around.launch.taskDefinition);
  const reservation = override?.memoryReservation ?? container.memoryReservation;
  return {
    NetworkMode: `container:${around.networkHolder}`,
    PidMode:
      around.launch.taskDefinition.pidMode === 'task' ? `container:${around.networkHolder}` : undefined,
    ReadonlyRootfs: container.readonlyRootFilesystem,
    Init: linux?.initProcessEnabled,
    CapAdd: linux?.capabilities?.add,
    CapDrop: linux?.capabilities?.drop,
    ShmSize: linux?.sharedMemorySize ? linux.sharedMemorySize * mebibyte : undefined,
    Tmpfs: tmpfsOf(container),
    Memory: memory ? memory * mebibyte : undefined,
    // Equal to the memory limit means no swap, so that a container over its limit is killed and not slowed.
    MemorySwap: memory ? memory * mebibyte : undefined,
    MemoryReservation: reservation ? reservation * mebibyte : undefined,
    CpuShares: override?.cpu ?? container.cpu ?? undefined,
    Ulimits: container.ulimits?.map(({ name, softLimit, hardLimit }) => ({
      Name: name ?? '',
      Soft: softLimit ?? 0,
      Hard: hardLimit ?? 0,
    })),
    Mounts: mountsOf(container, around.launch),
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
  };
}

function taskMemory(definition: TaskDefinition): number | undefined {
  return definition.memory ? Number(definition.memory) : undefined;
}

function tmpfsOf(container: ContainerDefinition): Record<string, string> | undefined {
  const list = container.linuxParameters?.tmpfs;
  if (!list?.length) return undefined;
  return Object.fromEntries(
    list.map((one) => [
      one.containerPath ?? '',
      [`size=${one.size}m`, ...(one.mountOptions ?? [])].join(','),
    ]),
  );
}

function mountsOf(container: ContainerDefinition, launch: TaskLaunch): Docker.MountSettings[] | undefined {
  return container.mountPoints?.map((point) => ({
    Type: 'volume',
    Source: volumeName(launch, point.sourceVolume ?? ''),
    Target: point.containerPath ?? '',
    ReadOnly: point.readOnly ?? false,
  }));
}

/** Only the task definition's check counts on ECS: an image's own HEALTHCHECK is switched off. */
function healthcheckOf(check: HealthCheck | undefined): Docker.HealthConfig {
  if (!check?.command?.length) return { Test: ['NONE'] };
  return {
    Test: check.command,
    Interval: (check.interval ?? 30) * second,
    Timeout: (check.timeout ?? 5) * second,
    Retries: check.retries ?? 3,
    StartPeriod: (check.startPeriod ?? 0) * second,
  };
}
