import type Docker from 'dockerode';
import type { AgentClients } from './docker-aws-clients.ts';
import type { PulledImage } from './docker-image.ts';
import type { GatewayAddress } from './docker-pause.ts';
import type { TaskEndpoints } from './docker-task-endpoints.ts';
import type { Lanes } from './lanes.ts';
import type { TaskEvent, TaskLaunch } from './task-runtime.ts';

/** What one task needs of the world around it; the same for all tasks of a runtime. */
export interface TaskEdge {
  docker: Docker;
  now(): number;
  baseImage: string;
  gateway: GatewayAddress;
  /** Private names that a task which starts now can reach, `host:port`. */
  names(): readonly string[];
  labels: Readonly<Record<string, string>>;
  /** Factor on the waits that only cost patience; 1 as on AWS. */
  timeScale: number;
  endpoints: TaskEndpoints;
  /** A few tasks are brought up at a time, so that those which serve keep the processors they need. */
  starts: Lanes;
  removals: Lanes;
  clientsFor(launch: TaskLaunch): AgentClients;
  /** Brings an image to the engine; throws with AWS's reason. */
  fetchImage(image: string, launch: TaskLaunch, signal: AbortSignal): Promise<PulledImage>;
  report(taskArn: string, event: TaskEvent): void;
  warn(line: string): void;
}

/** Why a task cannot start; the message is the reason ECS shows. */
export class StartFailure extends Error {
  readonly container: string | undefined;
  constructor(reason: string, container?: string) {
    super(reason);
    this.name = 'StartFailure';
    this.container = container;
  }
}
