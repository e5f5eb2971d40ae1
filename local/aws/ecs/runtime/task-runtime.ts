import type { TaskDefinition, TaskOverride } from '@aws-sdk/client-ecs';

/** Everything a runtime needs to start one task. The engine has decided; the runtime only carries it out. */
export interface TaskLaunch {
  taskArn: string;
  /** 32 hex digits, the last part of the ARN. */
  taskId: string;
  accountId: string;
  region: string;
  clusterName: string;
  clusterArn: string;
  serviceName?: string;
  /** The address the ECS API shows for the task, e.g. `10.0.1.7`; also the id of its target in a target group. */
  privateIp: string;
  taskDefinition: TaskDefinition;
  /** Container name to image reference to pull, by digest where the digest is known. */
  images: Record<string, string>;
  overrides?: TaskOverride;
}

/** What a runtime has seen happen to a task. `reason` is in AWS's wording, as DescribeTasks shows it. */
export type TaskEvent =
  | { kind: 'container-started'; container: string; runtimeId: string; imageDigest?: string }
  | { kind: 'container-health'; container: string; status: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' }
  /**
   * `reason` for instance `OutOfMemoryError: Container killed due to memory usage`. Without an exit code nobody
   * could tell how it ended.
   */
  | { kind: 'container-exited'; container: string; exitCode: number | undefined; reason?: string }
  /** `reason` for instance `CannotPullContainerError: …`, `ResourceInitializationError: …`. */
  | { kind: 'start-failed'; container?: string; reason: string }
  /** AWS takes the task's place away, which nothing here does by itself. */
  | { kind: 'interrupted'; stopCode: InterruptionCode; reason: string }
  /** Every container of the task, and what held its network, is gone. */
  | { kind: 'stopped' };

/** Why AWS ends a task that did nothing wrong (API `TaskStopCode`). */
export type InterruptionCode = 'SpotInterruption' | 'TerminationNotice' | 'InfrastructureHealth';

/** Receives what happened to a task; `at` is epoch milliseconds on the engine's clock. */
export type TaskReporter = (taskArn: string, event: TaskEvent, at: number) => void;

/** How far a task had come. Times are epoch milliseconds. */
export interface TaskStanding {
  launchedAt: number | undefined;
  /** When it became RUNNING. */
  startedAt: number | undefined;
  /** When it was told to end; an adopted task goes on ending. */
  stopSentAt: number | undefined;
  containers: readonly {
    name: string;
    lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
    startedAt: number | undefined;
  }[];
}

/**
 * Starts and stops tasks for the engine: real containers, or a script in virtual time.
 *
 * `start` and `stop` return at once and never throw for a task's own fault: what comes of them is reported.
 * After `stop`, and after the first exit of an essential container followed by `stop`, exactly one
 * `stopped` event ends the task's story.
 */
export interface TaskRuntime {
  start(launch: TaskLaunch): void;
  /** SIGTERM, wait each container's `stopTimeout`, SIGKILL; then `stopped`. Unknown tasks are ignored. */
  stop(taskArn: string): void;
  setReporter(report: TaskReporter): void;
  /** Takes over a task that was launched before, of a state that is loaded. A runtime may lack it. */
  adopt?(launch: TaskLaunch, standing: TaskStanding): void;
  dispose(): Promise<void>;
}
