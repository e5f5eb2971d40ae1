import { randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import { agentClients } from './docker-aws-clients.ts';
import { followHealth } from './docker-health.ts';
import { inspectImage, pullImage, type RegistryAuth } from './docker-image.ts';
import { ownerLabels, removeOrphans, removeOwned, removeStrays } from './docker-owner.ts';
import type { GatewayAddress } from './docker-pause.ts';
import { DockerTask } from './docker-task.ts';
import type { TaskEdge } from './docker-task-edge.ts';
import { type CredentialsFor, type EndpointAnswer, TaskEndpoints } from './docker-task-endpoints.ts';
import { type TaskUsage, UsageMeter } from './docker-usage.ts';
import { Lanes } from './lanes.ts';
import type { TaskEvent, TaskLaunch, TaskReporter, TaskRuntime } from './task-runtime.ts';

/** What a Docker runtime is made of. */
export interface DockerRuntimeOptions {
  docker: Docker;
  clock: { now(): number };
  /** Image with Node for the container that holds a task's network; `ensureBaseImage` gives it. */
  baseImage: string;
  /** Gateway as containers reach it. */
  gateway: GatewayAddress;
  /** Private names that a task which starts now can reach, `host:port`, by tunnels of the gateway; none by default. */
  names?(): readonly string[];
  /** Gateway as this process reaches it, `http://127.0.0.1:port`. */
  endpoint: string;
  /** Issues credentials of a task role or execution role. */
  credentialsFor: CredentialsFor;
  /** Gives the login for an image's registry, or `undefined` where none is needed. */
  registryAuth(image: string, launch: TaskLaunch): Promise<RegistryAuth | undefined>;
  /** `prefer-cached` takes an image that is on the engine without asking its registry; default `always`, as Fargate. */
  imagePull?: 'always' | 'prefer-cached';
  /** Factor on the waits that only cost patience: here, for a container's first health check that passes; default 1. */
  timeScale?: number;
  /** Told once a line what did not work beside the tasks' own stories. */
  warn(line: string): void;
}

/** A task runtime on a Docker engine, with what the load balancer and the gateway ask of it. */
export interface DockerRuntime extends TaskRuntime {
  /** Where a task's port is published on this machine; `undefined` while it is not. */
  resolveTarget(privateIp: string, containerPort: number): { host: '127.0.0.1'; port: number } | undefined;
  /** Answers `/_berth/credentials/<id>` and `/_berth/metadata/<id>[/task]`; give the Authorization header along. */
  taskEndpoints(path: string, authorization?: string): Promise<EndpointAnswer>;
  /**
   * Tells what each task with a running container uses of its reservation; for the processor that is the mean
   * since the call before, or since the start of a container that is new. Never throws: a task that cannot be
   * read is left out. A few milliseconds a container.
   */
  taskUsage(): Promise<TaskUsage[]>;
}

/** Tasks that are brought up at the same time; fifty at once starve those that serve of their health checks. */
const startsAtOnce = 4;
const removalsAtOnce = 4;

/**
 * Opens a runtime on an engine, after removing what killed runs on this machine left there.
 * Throws when the engine does not answer. `dispose` removes every container and volume it made, a few at a
 * time and without waiting for their `stopTimeout`, and throws naming what would not go.
 */
export async function createDockerRuntime(options: DockerRuntimeOptions): Promise<DockerRuntime> {
  const left = await removeOrphans(options.docker);
  if (left.length) options.warn(`containers of an earlier run cannot be removed: ${left.join(', ')}`);
  const runtime = new TasksOnDocker(options, ownerLabels(randomUUID()));
  await runtime.followHealth();
  return runtime;
}

class TasksOnDocker implements DockerRuntime {
  readonly #options: DockerRuntimeOptions;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #tasks = new Map<string, DockerTask>();
  /** Images of our own registry: of no use to anybody once it is gone. */
  readonly #pulled = new Set<string>();
  readonly #edge: TaskEdge;
  readonly #disposal = new AbortController();
  readonly #endpoints: TaskEndpoints;
  readonly #usage: UsageMeter;
  #report: TaskReporter = () => undefined;

  constructor(options: DockerRuntimeOptions, labels: Readonly<Record<string, string>>) {
    this.#options = options;
    this.#labels = labels;
    this.#endpoints = new TaskEndpoints(options.credentialsFor, randomUUID);
    this.#usage = new UsageMeter(options.docker);
    this.#edge = {
      docker: options.docker,
      now: () => options.clock.now(),
      baseImage: options.baseImage,
      gateway: options.gateway,
      names: () => options.names?.() ?? [],
      labels,
      timeScale: options.timeScale ?? 1,
      endpoints: this.#endpoints,
      starts: new Lanes(startsAtOnce),
      removals: new Lanes(removalsAtOnce),
      clientsFor: (launch) => agentClients(launch, options.endpoint, options.credentialsFor),
      fetchImage: (image, launch, signal) => this.#fetchImage(image, launch, signal),
      report: (taskArn, event) => this.#pass(taskArn, event),
      warn: (line) => options.warn(line),
    };
  }

  setReporter(report: TaskReporter): void {
    this.#report = report;
  }

  start(launch: TaskLaunch): void {
    if (this.#disposal.signal.aborted) return;
    const task = new DockerTask(launch, this.#edge);
    this.#tasks.set(launch.taskArn, task);
    task.begin();
  }

  stop(taskArn: string): void {
    void this.#tasks.get(taskArn)?.end();
  }

  resolveTarget(privateIp: string, containerPort: number): { host: '127.0.0.1'; port: number } | undefined {
    for (const task of this.#tasks.values()) {
      if (task.launch.privateIp !== privateIp) continue;
      const port = task.publishedPort(containerPort);
      if (port !== undefined) return { host: '127.0.0.1', port };
    }
    return undefined;
  }

  taskEndpoints(path: string, authorization?: string): Promise<EndpointAnswer> {
    return this.#endpoints.answer(path, authorization);
  }

  taskUsage(): Promise<TaskUsage[]> {
    return this.#usage.read([...this.#tasks.values()].map((task) => task.view()));
  }

  async dispose(): Promise<void> {
    this.#disposal.abort();
    this.#report = () => undefined;
    const ends = [...this.#tasks.values()].map((task) => task.end(0));
    // Also those that were being stopped gently: each task finds its containers gone and comes to its end.
    await removeOwned(this.#options.docker, this.#labels);
    await Promise.all(ends);
    const images = [...this.#pulled].map((image) => this.#options.docker.getImage(image).remove());
    await Promise.allSettled(images);
    const stayed = await removeOwned(this.#options.docker, this.#labels);
    if (stayed.length)
      throw new Error(`The engine does not remove ${stayed.join(', ')}: remove them with "docker rm -f".`);
  }

  /** Follows the engine's health events; Docker runs the checks, so nothing is polled. */
  followHealth(): Promise<void> {
    return followHealth(this.#options.docker, this.#labels, {
      note: (id, status) => {
        for (const task of this.#tasks.values()) task.noteHealth(id, status);
      },
      warn: this.#options.warn,
      // What could not be removed while it did not answer.
      isBack: () => removeStrays(this.#options.docker, this.#labels, new Set(this.#tasks.keys())),
      signal: this.#disposal.signal,
    });
  }

  async #fetchImage(image: string, launch: TaskLaunch, signal: AbortSignal) {
    const { docker, imagePull, registryAuth } = this.#options;
    if (imagePull === 'prefer-cached') {
      const present = await inspectImage(docker, image).catch(() => undefined);
      if (present) return present;
    }
    const auth = await registryAuth(image, launch);
    if (auth) this.#pulled.add(image);
    return pullImage(docker, image, auth, signal);
  }

  #pass(taskArn: string, event: TaskEvent): void {
    if (event.kind === 'stopped') this.#tasks.delete(taskArn);
    // Whatever the listener makes of it, the task's own story goes on.
    try {
      this.#report(taskArn, event, this.#options.clock.now());
    } catch (error) {
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#options.warn(`"${event.kind}" of ${taskArn} broke: ${what}`);
    }
  }
}
