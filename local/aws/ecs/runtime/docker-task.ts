import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import type { AgentClients } from './docker-aws-clients.ts';
import { volumeName } from './docker-container-options.ts';
import { type Dependency, dependenciesOf, dependencyReason, dependentsOf } from './docker-dependencies.ts';
import { messageOf, type PulledImage } from './docker-image.ts';
import { createLogStream, LogShipper, logTarget } from './docker-logs.ts';
import { removeContainer, taskLabel } from './docker-owner.ts';
import { type PublishedPorts, pauseOptions, startPause } from './docker-pause.ts';
import { readSecrets } from './docker-secrets.ts';
import { TaskContainer } from './docker-task-container.ts';
import { StartFailure, type TaskEdge } from './docker-task-edge.ts';
import type { MetadataView } from './docker-task-metadata.ts';
import { unsupportedFields } from './docker-unsupported.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** What the preparation of a task gives, before its first container is made. */
interface Prepared {
  networkHolder: string;
  images: ReadonlyMap<string, PulledImage>;
  secrets: ReadonlyMap<string, Record<string, string>>;
}

/**
 * One task on a Docker engine: a container that holds its network, and the containers of its definition.
 * Everything that happens is reported through the edge; `stopped` is reported exactly once, last.
 */
export class DockerTask {
  readonly launch: TaskLaunch;
  readonly #edge: TaskEdge;
  readonly #clients: AgentClients;
  readonly #containers: readonly TaskContainer[];
  readonly #ending = new AbortController();
  readonly #engineIds = new Set<string>();
  readonly #volumes: string[] = [];
  readonly #stops = new Map<string, Promise<void>>();
  #beginning: Promise<void> = Promise.resolve();
  #end: Promise<void> | undefined;
  #ports: PublishedPorts = new Map();

  constructor(launch: TaskLaunch, edge: TaskEdge) {
    this.launch = launch;
    this.#edge = edge;
    this.#clients = edge.clientsFor(launch);
    this.#containers = (launch.taskDefinition.containerDefinitions ?? []).map(
      (definition) => new TaskContainer(definition, launch.taskArn, edge),
    );
  }

  /** Port on 127.0.0.1 that leads to a TCP port of the task, once the task has a network. */
  publishedPort(containerPort: number): number | undefined {
    return this.#ports.get(`${containerPort}/tcp`);
  }

  /** Brings the task up; what comes of it is reported. A task that cannot start is taken down again. */
  begin(): void {
    this.#beginning = this.#bringUp().catch((error) => this.#fail(error));
  }

  /**
   * Takes the task down: its containers in reverse order of dependence, then everything it made.
   * `graceSeconds` replaces the containers' own `stopTimeout`; 0 kills at once. A second call waits for the first.
   */
  end(graceSeconds?: number): Promise<void> {
    this.#ending.abort();
    this.#end ??= this.#beginning.then(() => this.#takeDown(graceSeconds));
    return this.#end;
  }

  /** Passes a health status on; `id` is the engine's id of a container. */
  noteHealth(id: string, status: string): void {
    this.#containers.find((one) => one.view.runtimeId === id)?.noteHealth(status);
  }

  view(): MetadataView {
    const containers = this.#containers.map((one) => one.view);
    return { launch: this.launch, stopping: this.#ending.signal.aborted, containers };
  }

  async #bringUp(): Promise<void> {
    const unsupported = unsupportedFields(this.launch.taskDefinition);
    if (unsupported.length) {
      throw new StartFailure(
        `ResourceInitializationError: the local AWS does not support ${unsupported.join('; ')}`,
      );
    }
    const [images, secrets] = await allOrFirstFault([
      this.#fetchImages(),
      this.#readSecrets(),
      this.#openLogs(),
      this.#makeVolumes(),
    ]);
    const starts = await this.#edge.starts.run(() => this.#startFirst(images, secrets), this.#ending.signal);
    // The first fault has been told at once and has ended the waiting of the others for it.
    await Promise.all(starts);
  }

  /** Makes the network and has all containers started; gives their starts once those that wait for nobody are up. */
  async #startFirst(images: Prepared['images'], secrets: Prepared['secrets']): Promise<Promise<void>[]> {
    const networkHolder = await this.#holdNetwork();
    this.#ending.signal.throwIfAborted();
    const prepared = { networkHolder, images, secrets };
    const starts = this.#containers.map((one) =>
      this.#startContainer(one, prepared).catch((error) => this.#fail(error)),
    );
    await Promise.all(starts.filter((_, index) => !this.#containers[index]?.definition.dependsOn?.length));
    return starts;
  }

  #fail(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const { message: reason } = error as Error;
    const container = error instanceof StartFailure ? error.container : undefined;
    this.#edge.report(this.launch.taskArn, {
      kind: 'start-failed',
      reason,
      ...(container ? { container } : {}),
    });
    void this.end();
  }

  async #holdNetwork(): Promise<string> {
    const { docker, baseImage: image, gateway, labels } = this.#edge;
    try {
      const around = { image, gateway, names: this.#edge.names(), labels };
      const pause = await docker.createContainer(pauseOptions(this.launch, around));
      this.#engineIds.add(pause.id);
      this.#ports = await startPause(pause);
      return pause.id;
    } catch (error) {
      throw new StartFailure(
        `ResourceInitializationError: unable to make the network of the task: ${messageOf(error)}`,
      );
    }
  }

  async #fetchImages(): Promise<ReadonlyMap<string, PulledImage>> {
    const references = new Set(this.#containers.map((one) => this.#imageOf(one)));
    const fetched = [...references].map(async (reference) => {
      const image = await this.#edge.fetchImage(reference, this.launch, this.#ending.signal);
      return [reference, image] as const;
    });
    return new Map(await allOrFirstFault(fetched));
  }

  async #readSecrets(): Promise<ReadonlyMap<string, Record<string, string>>> {
    const read = this.#containers.map(async ({ name, definition }) => {
      return [name, await readSecrets(definition.secrets ?? [], this.launch.region, this.#clients)] as const;
    });
    return new Map(await allOrFirstFault(read));
  }

  async #openLogs(): Promise<void> {
    const opened = this.#containers.map(async (one) => {
      if (!one.definition.logConfiguration) return;
      const target = logTarget(one.definition.logConfiguration, one.name, this.launch);
      const client = this.#clients.logs(target.region);
      await createLogStream(client, target);
      one.logs = new LogShipper(client, target, this.#edge);
    });
    await allOrFirstFault(opened);
  }

  async #makeVolumes(): Promise<void> {
    const made = (this.launch.taskDefinition.volumes ?? []).map(async ({ name }) => {
      const Name = volumeName(this.launch, name ?? '');
      await this.#edge.docker.createVolume({
        Name,
        Labels: { ...this.#edge.labels, [taskLabel]: this.launch.taskArn },
      });
      this.#volumes.push(Name);
    });
    await allOrFirstFault(made);
  }

  async #startContainer(container: TaskContainer, prepared: Prepared): Promise<void> {
    await this.#awaitDependencies(container);
    this.#ending.signal.throwIfAborted();
    const { networkHolder, images, secrets } = prepared;
    const around = {
      launch: this.launch,
      networkHolder,
      secrets: secrets.get(container.name) ?? {},
      environment: this.#edge.endpoints.open(this, container.name),
      labels: this.#edge.labels,
    };
    await container.start(around, images.get(this.#imageOf(container)));
  }

  async #awaitDependencies(container: TaskContainer): Promise<void> {
    const waits = dependenciesOf(container.definition, this.#definitions).map((dependency) =>
      this.#awaitDependency(container.name, dependency),
    );
    await Promise.all(waits);
  }

  async #awaitDependency(target: string, dependency: Dependency): Promise<void> {
    const awaited = this.#containers.find((one) => one.name === dependency.container);
    if (!awaited) throw new StartFailure(dependencyReason(target, dependency, 'failed'), target);
    const states = {
      START: awaited.started.promise,
      HEALTHY: awaited.healthy.promise,
      COMPLETE: awaited.exited.promise,
      SUCCESS: awaited.exited.promise,
    };
    const reached = await reachedInTime(
      states[dependency.condition],
      dependency.timeoutMs,
      this.#ending.signal,
    );
    if (reached === 'timed-out')
      throw new StartFailure(dependencyReason(target, dependency, 'timed-out'), target);
    if (dependency.condition === 'SUCCESS' && (await awaited.exited.promise) !== 0) {
      throw new StartFailure(dependencyReason(target, dependency, 'failed'), target);
    }
  }

  async #takeDown(graceSeconds: number | undefined): Promise<void> {
    await Promise.all(this.#containers.map((one) => this.#stopContainer(one, graceSeconds)));
    for (const { view } of this.#containers) if (view.runtimeId) this.#engineIds.add(view.runtimeId);
    const { docker } = this.#edge;
    const removed = [...this.#engineIds].map((id) =>
      this.#edge.removals.run(() => removeContainer(docker, id)),
    );
    for (const one of await Promise.allSettled(removed)) this.#warnOf(one);
    const volumes = this.#volumes.map((name) => docker.getVolume(name).remove());
    for (const one of await Promise.allSettled(volumes)) this.#warnOf(one);
    this.#edge.endpoints.close(this.launch);
    this.#clients.destroy();
    this.#ports = new Map();
    this.#edge.report(this.launch.taskArn, { kind: 'stopped' });
  }

  /** A container is stopped after all that depend on it have ended. */
  #stopContainer(container: TaskContainer, graceSeconds: number | undefined): Promise<void> {
    const known = this.#stops.get(container.name);
    if (known) return known;
    const dependents = dependentsOf(container.name, this.#definitions);
    const earlier = this.#containers.filter((one) => dependents.includes(one.name));
    const stop = Promise.all(earlier.map((one) => this.#stopContainer(one, graceSeconds))).then(() =>
      container.stop(graceSeconds),
    );
    this.#stops.set(container.name, stop);
    return stop;
  }

  #warnOf(result: PromiseSettledResult<unknown>): void {
    if (result.status === 'rejected')
      this.#edge.warn(`task ${this.launch.taskId}: ${messageOf(result.reason)}`);
  }

  #imageOf(container: TaskContainer): string {
    return this.launch.images[container.name] ?? container.definition.image ?? '';
  }

  get #definitions(): ContainerDefinition[] {
    return this.#containers.map((one) => one.definition);
  }
}

/** Waits for all, so that nothing is still being made when a fault is dealt with; then throws the first fault. */
async function allOrFirstFault<T extends readonly unknown[] | []>(
  work: T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function reachedInTime(
  state: Promise<unknown>,
  timeoutMs: number | undefined,
  signal: AbortSignal,
): Promise<'reached' | 'timed-out'> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const ended = new Promise<never>((_, fail) =>
    either.addEventListener('abort', () => fail(either.reason), { once: true }),
  );
  const late =
    timeoutMs === undefined ? [] : [delay(timeoutMs, 'timed-out' as const, { signal: either, ref: false })];
  try {
    return await Promise.race([state.then(() => 'reached' as const), ended, ...late]);
  } finally {
    over.abort();
  }
}
