import type { ECSClient } from '@aws-sdk/client-ecs';
import type { LogsClient } from '../aws-clients.ts';
import type { DeploymentReading } from '../decide/deployment-reading.ts';
import { assembleCause, type FailureCause } from '../decide/failure-cause.ts';
import { selectStopCause } from '../decide/stop-reason.ts';
import { readLogLines } from './log-lines.ts';
import { readServices } from './service.ts';
import { readStoppedTasks } from './stopped-tasks.ts';
import { tryTaskDefinition } from './task-definition.ts';

/** The service deployment whose failure is to be explained. */
interface Failed {
  cluster: string;
  serviceName: string;
  taskDefinitionArn: string;
}

/**
 * Reads why a service deployment fails: its stopped tasks, the service's events, the last `logLines` lines of
 * the container to blame. At most five calls; `calls` counts them.
 */
export async function readFailureCause(
  { ecs, logs }: { ecs: ECSClient; logs: LogsClient },
  { cluster, serviceName, taskDefinitionArn }: Failed,
  deployment: DeploymentReading,
  logLines: number,
): Promise<{ cause: FailureCause; calls: number }> {
  const createdFrom = deployment.createdAt ?? 0;
  const [tasks, [service]] = await Promise.all([
    readStoppedTasks(ecs, { cluster, serviceName, taskDefinitionArn, createdFrom }),
    readServices(ecs, cluster, [serviceName]),
  ]);
  const stop = selectStopCause(tasks);
  const cause = assembleCause(deployment, stop, service);
  if (!stop) return { cause, calls: 3 };
  const registered = stop.container ? await tryTaskDefinition(ecs, taskDefinitionArn) : undefined;
  const { lines, place, note } = await readLogLines(logs, stop, registered?.document, logLines);
  return { cause: { ...cause, logLines: lines, logPlace: place, logNote: note }, calls: 5 };
}
