import type Docker from 'dockerode';
import type { MetadataView } from './docker-task-metadata.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** What the containers of a task use of what it has reserved, as CloudWatch's AWS/ECS metrics count it. */
export interface TaskUsage {
  taskArn: string;
  clusterName: string;
  /** `undefined` for a task outside services. */
  serviceName: string | undefined;
  /** 0 and up, above 100 where the machine gives more than was reserved; `undefined` without a reservation. */
  cpuPercentOfReservation: number | undefined;
  /** 0 to about 100; `undefined` without a reservation. */
  memoryPercentOfReservation: number | undefined;
}

/** One reading of a container. */
export interface ContainerUsage {
  /** When the engine read it, epoch milliseconds on the engine's clock. */
  at: number;
  /** Since its start, all processors added up. */
  cpuSeconds: number;
  /** Without the page cache, as Amazon ECS's agent counts it. */
  memoryBytes: number;
}

/** Two readings of one container; its start counts as one where there is no earlier reading. */
export interface UsageSpan {
  before: ContainerUsage;
  after: ContainerUsage;
}

const unitsOfOneProcessor = 1024;
const mebibyte = 1024 * 1024;

/** Reads a container once, in a few milliseconds; `undefined` when it is gone or not running. */
async function readContainerUsage(container: Docker.Container): Promise<ContainerUsage | undefined> {
  const stats = await container.stats({ stream: false, 'one-shot': true }).catch(() => undefined);
  const { cpu_stats: cpu, memory_stats: memory, read } = stats ?? {};
  if (!cpu?.cpu_usage?.total_usage || memory?.usage === undefined || read === undefined) return undefined;
  // Control groups of version 1 name the whole page cache, those of version 2 what of it can be given back.
  const cache = memory.stats?.cache ?? memory.stats?.inactive_file ?? 0;
  return {
    at: Date.parse(read),
    cpuSeconds: cpu.cpu_usage.total_usage / 1e9,
    memoryBytes: Math.max(0, memory.usage - cache),
  };
}

/**
 * Adds up what a task's containers used between two readings of each, relative to its reservation: the task's
 * own `cpu` (1024 units are one processor) and `memory` (MiB), overrides first, else the sums of its
 * containers'. Source: ECS guide, "Amazon ECS service utilization metrics use cases" (read 2026-11).
 */
export function usageOf(launch: TaskLaunch, spans: readonly UsageSpan[]): TaskUsage {
  const { taskArn, clusterName, serviceName } = launch;
  const { cpuUnits, memoryMiB } = reservationOf(launch);
  const processors = spans.reduce((sum, span) => sum + processorsOf(span), 0);
  const bytes = spans.reduce((sum, { after }) => sum + after.memoryBytes, 0);
  return {
    taskArn,
    clusterName,
    serviceName,
    cpuPercentOfReservation: percent(processors * unitsOfOneProcessor, cpuUnits),
    memoryPercentOfReservation: percent(bytes / mebibyte, memoryMiB),
  };
}

function processorsOf({ before, after }: UsageSpan): number {
  const seconds = (after.at - before.at) / 1000;
  return seconds > 0 ? Math.max(0, after.cpuSeconds - before.cpuSeconds) / seconds : 0;
}

function reservationOf({ taskDefinition, overrides }: TaskLaunch): { cpuUnits: number; memoryMiB: number } {
  const containers = taskDefinition.containerDefinitions ?? [];
  const sum = (of: (container: (typeof containers)[number]) => number | undefined) =>
    containers.reduce((total, container) => total + (of(container) ?? 0), 0);
  return {
    cpuUnits: Number(overrides?.cpu ?? taskDefinition.cpu ?? sum(({ cpu }) => cpu)),
    memoryMiB: Number(
      overrides?.memory ??
        taskDefinition.memory ??
        sum(({ memory, memoryReservation }) => memoryReservation ?? memory),
    ),
  };
}

function percent(used: number, reserved: number): number | undefined {
  return reserved > 0 ? (used / reserved) * 100 : undefined;
}

/** Reads the usage of tasks again and again; each reading of a processor is the mean since the one before. */
export class UsageMeter {
  readonly #docker: Docker;
  /** By the engine's container id. */
  #earlier: ReadonlyMap<string, ContainerUsage> = new Map();

  constructor(docker: Docker) {
    this.#docker = docker;
  }

  /** Reads every running container of the tasks once. A task none of whose containers could be read is left out. */
  async read(tasks: readonly MetadataView[]): Promise<TaskUsage[]> {
    const now = new Map<string, ContainerUsage>();
    const all = await Promise.all(tasks.map((task) => this.#readTask(task, now)));
    this.#earlier = now;
    return all.filter((usage) => usage !== undefined);
  }

  async #readTask(
    { launch, containers }: MetadataView,
    now: Map<string, ContainerUsage>,
  ): Promise<TaskUsage | undefined> {
    const spans: UsageSpan[] = [];
    for (const { runtimeId, startedAt, finishedAt } of containers) {
      if (runtimeId === undefined || startedAt === undefined || finishedAt !== undefined) continue;
      const after = await readContainerUsage(this.#docker.getContainer(runtimeId));
      if (after === undefined) continue;
      now.set(runtimeId, after);
      const start = { at: startedAt, cpuSeconds: 0, memoryBytes: 0 };
      spans.push({ before: this.#earlier.get(runtimeId) ?? start, after });
    }
    return spans.length > 0 ? usageOf(launch, spans) : undefined;
  }
}
