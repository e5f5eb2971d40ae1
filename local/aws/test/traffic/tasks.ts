import { setTimeout as delay } from 'node:timers/promises';
import {
  type ContainerDefinition,
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  type ListTasksCommandInput,
  type NetworkConfiguration,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { registerTaskDefinition } from './task-definition.ts';

const POLL_MS = 50;
export const NETWORK: NetworkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-1'] } };

/** The tasks of a cluster: those of its services, and those that are run alone. */
export class Tasks {
  readonly #ecs: ECSClient;
  readonly #cluster: string;

  constructor(ecs: ECSClient, cluster: string) {
    this.#ecs = ecs;
    this.#cluster = cluster;
  }

  /** Runs one task of these containers outside services and gives its ARN. */
  async run(containerDefinitions: ContainerDefinition[]): Promise<string> {
    const taskDefinition = await registerTaskDefinition(this.#ecs, 'alone', containerDefinitions);
    const { tasks } = await this.#ecs.send(
      new RunTaskCommand({ cluster: this.#cluster, taskDefinition, networkConfiguration: NETWORK }),
    );
    return tasks?.[0]?.taskArn ?? '';
  }

  /** Runs one task and gives what is told of it when it has STOPPED. */
  async runToEnd(containerDefinitions: ContainerDefinition[]): Promise<Task> {
    return this.stopped(await this.run(containerDefinitions));
  }

  async stop(task: string): Promise<void> {
    await this.#ecs.send(new StopTaskCommand({ cluster: this.#cluster, task }));
  }

  stopped(taskArn: string): Promise<Task> {
    return this.describeUntil(taskArn, ({ lastStatus }) => lastStatus === 'STOPPED');
  }

  async describeUntil(taskArn: string, isWanted: (task: Task) => boolean): Promise<Task> {
    for (;;) {
      const [task] = await this.#describe([taskArn]);
      if (task && isWanted(task)) return task;
      await delay(POLL_MS);
    }
  }

  /** The address of a task, by which its target is known. */
  async addressOf(taskArn: string): Promise<string> {
    const [task] = await this.#describe([taskArn]);
    const details = task?.attachments?.[0]?.details ?? [];
    return details.find(({ name }) => name === 'privateIPv4Address')?.value ?? '';
  }

  /** The tasks of a service that are RUNNING and are to stay so. */
  async runningOf(serviceName: string): Promise<Task[]> {
    const tasks = await this.#list({ serviceName, desiredStatus: 'RUNNING' });
    return tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  }

  /** Waits until so many tasks of a service have STOPPED as wanted. */
  async stoppedOf(serviceName: string, count: number, isWanted = (_: Task) => true): Promise<Task[]> {
    for (;;) {
      const tasks = await this.#list({ serviceName, desiredStatus: 'STOPPED' });
      const stopped = tasks.filter((task) => task.stoppedAt && isWanted(task));
      if (stopped.length >= count) return stopped;
      await delay(POLL_MS);
    }
  }

  async #list(which: Pick<ListTasksCommandInput, 'serviceName' | 'desiredStatus'>): Promise<Task[]> {
    const { taskArns = [] } = await this.#ecs.send(
      new ListTasksCommand({ cluster: this.#cluster, ...which }),
    );
    return this.#describe(taskArns);
  }

  async #describe(tasks: string[]): Promise<Task[]> {
    if (tasks.length === 0) return [];
    return (await this.#ecs.send(new DescribeTasksCommand({ cluster: this.#cluster, tasks }))).tasks ?? [];
  }
}
