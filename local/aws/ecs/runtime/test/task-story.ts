import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import type { TaskEvent, TaskLaunch, TaskRuntime } from '../task-runtime.ts';

let launched = 0;

/** A launch of one task of a made-up service; each has its own id and address. */
export function launchOf(
  containers: readonly ContainerDefinition[],
  images: string,
  definition: Partial<TaskDefinition> = {},
): TaskLaunch {
  launched += 1;
  const taskId = `${process.pid.toString(16)}${launched.toString(16).padStart(4, '0')}`.padStart(32, '0');
  const clusterArn = 'arn:aws:ecs:us-east-1:123456789012:cluster/test';
  return {
    taskArn: `arn:aws:ecs:us-east-1:123456789012:task/test/${taskId}`,
    taskId,
    accountId: '123456789012',
    region: 'us-east-1',
    clusterName: 'test',
    clusterArn,
    privateIp: `10.0.1.${launched}`,
    images: Object.fromEntries(containers.map(({ name = '' }) => [name, images])),
    taskDefinition: { family: 'story', revision: 1, containerDefinitions: [...containers], ...definition },
  };
}

/** Everything a runtime reports, and a way to wait for one event of a task. */
export class TaskStory {
  readonly events: { taskArn: string; event: TaskEvent }[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(runtime: TaskRuntime) {
    runtime.setReporter((taskArn, event) => {
      this.events.push({ taskArn, event });
      for (const look of this.#waiting) look();
    });
  }

  /** Short lines in order: `started app`, `health app HEALTHY`, `exited app 0`, `start-failed …`, `stopped`. */
  of(launch: TaskLaunch): string[] {
    return this.events.filter((one) => one.taskArn === launch.taskArn).map(({ event }) => lineOf(event));
  }

  /** Resolves once a line of this task matches; what jest's own time limit ends, never comes. */
  until(launch: TaskLaunch, pattern: RegExp): Promise<string> {
    return new Promise((done) => {
      const look = () => {
        const line = this.of(launch).find((one) => pattern.test(one));
        if (line === undefined) return;
        this.#waiting.delete(look);
        done(line);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

function lineOf(event: TaskEvent): string {
  switch (event.kind) {
    case 'container-started':
      return `started ${event.container}`;
    case 'container-health':
      return `health ${event.container} ${event.status}`;
    case 'container-exited':
      return `exited ${event.container} ${event.exitCode}${event.reason ? ` ${event.reason}` : ''}`;
    case 'start-failed':
      return `start-failed ${event.container ?? 'task'}: ${event.reason}`;
    case 'interrupted':
      return `interrupted ${event.stopCode}: ${event.reason}`;
    case 'stopped':
      return 'stopped';
  }
}
