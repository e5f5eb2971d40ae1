import { PassThrough, type Readable } from 'node:stream';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type Docker from 'dockerode';
import {
  type ContainerSurroundings,
  containerOptions,
  stopTimeoutSeconds,
} from './docker-container-options.ts';
import { startFailureReason } from './docker-errors.ts';
import { type ContainerExit, waitForExit } from './docker-exit.ts';
import { messageOf, type PulledImage } from './docker-image.ts';
import type { LogShipper } from './docker-logs.ts';
import { passesWhileStarting } from './docker-start-checks.ts';
import { StartFailure, type TaskEdge } from './docker-task-edge.ts';
import type { ContainerView } from './docker-task-metadata.ts';

/** How long the last lines of an ended container may take to arrive. */
const lastLinesMs = 5_000;

/** One container of a task, from its creation to its exit. */
export class TaskContainer {
  readonly definition: ContainerDefinition;
  readonly name: string;
  readonly started = Promise.withResolvers<void>();
  readonly healthy = Promise.withResolvers<void>();
  readonly exited = Promise.withResolvers<number | undefined>();
  logs: LogShipper | undefined;
  readonly #edge: TaskEdge;
  readonly #taskArn: string;
  readonly #state: Omit<ContainerView, 'definition'> = {};
  #docker: Docker.Container | undefined;
  #watching: Promise<void> | undefined;

  constructor(definition: ContainerDefinition, taskArn: string, edge: TaskEdge) {
    this.definition = definition;
    this.name = definition.name ?? '';
    this.#taskArn = taskArn;
    this.#edge = edge;
  }

  get view(): ContainerView {
    return { definition: this.definition, ...this.#state };
  }

  /** Creates and starts it; throws a StartFailure with the reason ECS shows. */
  async start(around: ContainerSurroundings, image: PulledImage | undefined): Promise<void> {
    const options = containerOptions(this.definition, around);
    this.#state.imageId = image?.id;
    const docker = await this.#edge.docker
      .createContainer(options)
      .catch((error) => this.#refuse('create', error));
    this.#docker = docker;
    this.#state.runtimeId = docker.id;
    await this.#refuseCheckWithoutShell(docker);
    if (this.logs) await this.#attach(docker, this.logs);
    await docker.start().catch((error) => this.#refuse('start', error));
    this.#state.startedAt = this.#edge.now();
    this.#report({
      kind: 'container-started',
      runtimeId: docker.id,
      ...(image?.digest ? { imageDigest: image.digest } : {}),
    });
    this.started.resolve();
    this.#watching = this.#watch(docker);
    void this.#askWhileStarting(docker);
  }

  /** Takes a health status of Docker's (`healthy`, `unhealthy`, `starting`) over. */
  noteHealth(status: string): void {
    if (this.#state.finishedAt !== undefined) return;
    const health = ({ healthy: 'HEALTHY', unhealthy: 'UNHEALTHY' } as const)[status] ?? 'UNKNOWN';
    if (health === this.#state.health) return;
    this.#state.health = health;
    if (health === 'HEALTHY') this.healthy.resolve();
    this.#report({ kind: 'container-health', status: health });
  }

  /** SIGTERM, the container's `stopTimeout`, SIGKILL; returns when it has ended and its last lines are sent. */
  async stop(graceSeconds = stopTimeoutSeconds(this.definition)): Promise<void> {
    if (!this.#docker || !this.#watching) return;
    await this.#docker.stop({ t: graceSeconds }).catch((error: { statusCode?: number; message: string }) => {
      const isOver = error.statusCode === 304 || error.statusCode === 404;
      if (!isOver) this.#edge.warn(`CannotStopContainerError: ${this.name}: ${messageOf(error)}`);
    });
    await this.#watching;
  }

  async #watch(docker: Docker.Container): Promise<void> {
    const { exitCode, reason } = await waitForExit(this.#edge.docker, docker.id);
    this.#state.finishedAt = this.#edge.now();
    if (exitCode !== undefined) this.#state.exitCode = exitCode;
    this.#report({ kind: 'container-exited', exitCode, ...(reason ? { reason } : {}) });
    this.exited.resolve(exitCode);
    await this.logs?.finish(lastLinesMs);
  }

  async #askWhileStarting(docker: Docker.Container): Promise<void> {
    const { healthCheck } = this.definition;
    if (!healthCheck) return;
    const { now, timeScale } = this.#edge;
    const isOver = () => this.#state.finishedAt !== undefined || this.#state.health !== undefined;
    if (await passesWhileStarting(docker, healthCheck, { now, timeScale, isOver }))
      this.noteHealth('healthy');
  }

  async #attach(docker: Docker.Container, logs: LogShipper): Promise<void> {
    const raw = (await docker.attach({ stream: true, stdout: true, stderr: true })) as unknown as Readable;
    raw.once('error', (error) => void this.#attachAgain(docker, logs, error));
    if (this.definition.pseudoTerminal) return logs.follow(raw);
    const outputs = [new PassThrough(), new PassThrough()] as const;
    this.#edge.docker.modem.demuxStream(raw, ...outputs);
    for (const output of outputs) {
      logs.follow(output);
      raw.once('end', () => output.end());
      raw.once('error', () => output.end());
    }
  }

  /** After the connection to the engine broke; without an engine there is nothing to follow. */
  async #attachAgain(docker: Docker.Container, logs: LogShipper, error: Error): Promise<void> {
    if (this.#state.finishedAt !== undefined) return;
    this.#edge.warn(`container ${this.name}: log lines may be lost: ${messageOf(error)}`);
    await this.#attach(docker, logs).catch(() => undefined);
  }

  /** Docker would report such a container unhealthy for ever, with the reason hidden in its inspection. */
  async #refuseCheckWithoutShell(docker: Docker.Container): Promise<void> {
    if (this.definition.healthCheck?.command?.[0] !== 'CMD-SHELL') return;
    await docker.infoArchive({ path: '/bin/sh' }).catch(() => {
      throw new StartFailure(
        `CannotCreateContainerError: the health check of container ${this.name} is CMD-SHELL, but its image has no /bin/sh: write ["CMD", "program", "argument"]`,
        this.name,
      );
    });
  }

  #refuse(step: 'create' | 'start', error: unknown): never {
    throw new StartFailure(
      startFailureReason(step, this.definition.image ?? '', messageOf(error)),
      this.name,
    );
  }

  #report(event: ContainerEventBody): void {
    this.#edge.report(this.#taskArn, { ...event, container: this.name });
  }
}

type ContainerEventBody =
  | { kind: 'container-started'; runtimeId: string; imageDigest?: string }
  | { kind: 'container-health'; status: 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' }
  | ({ kind: 'container-exited' } & ContainerExit);
