import type { ECSClient } from '@aws-sdk/client-ecs';
import type { CloudwatchClient, Elbv2Client, LogsClient } from '../aws-clients.ts';
import { readAlarms } from '../cloudwatch/alarm-states.ts';
import { renderAlarm } from '../decide/alarm-reading.ts';
import type { DeploymentReading, ServiceReading } from '../decide/deployment-reading.ts';
import { assembleCause, type FailureCause } from '../decide/failure-cause.ts';
import { selectStopCause } from '../decide/stop-reason.ts';
import { readTargetStates } from '../elb/target-states.ts';
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

/** What a cause is read with; without the last two, what they would add is left out. */
export interface CauseClients {
  ecs: ECSClient;
  logs: LogsClient;
  elb?: Elbv2Client;
  cloudwatch?: CloudwatchClient;
}

/**
 * Reads why a service deployment fails: its stopped tasks, the service's events, the last `logLines` lines of
 * the container to blame; where the load balancer or an alarm decided it, their words. At most five calls to ECS and
 * CloudWatch Logs; `calls` counts them.
 */
export async function readFailureCause(
  clients: CauseClients,
  { cluster, serviceName, taskDefinitionArn }: Failed,
  deployment: DeploymentReading,
  logLines: number,
): Promise<{ cause: FailureCause; calls: number }> {
  const { ecs, logs } = clients;
  const createdFrom = deployment.createdAt ?? 0;
  const [tasks, [service]] = await Promise.all([
    readStoppedTasks(ecs, { cluster, serviceName, taskDefinitionArn, createdFrom }),
    readServices(ecs, cluster, [serviceName]),
  ]);
  const stop = selectStopCause(tasks);
  const cause = await withTheirWords(assembleCause(deployment, stop, service), service, clients);
  if (!stop) return { cause, calls: 3 };
  const registered = stop.container ? await tryTaskDefinition(ecs, taskDefinitionArn) : undefined;
  const { lines, place, note } = await readLogLines(logs, stop, registered?.document, logLines);
  return { cause: { ...cause, logLines: lines, logPlace: place, logNote: note }, calls: 5 };
}

/** Adds what the load balancer and CloudWatch say. An extra: a refusal only leaves it out. */
async function withTheirWords(
  cause: FailureCause,
  service: ServiceReading | undefined,
  { elb, cloudwatch }: CauseClients,
): Promise<FailureCause> {
  const isAboutTargets = cause.stop === undefined || cause.stop.kind === 'health-check-elb';
  const groups = isAboutTargets && !cause.targetHealth ? (service?.targetGroupArns ?? []) : [];
  const [targetHealth, alarms] = await Promise.all([
    elb && groups.length > 0 ? readUnhealthy(elb, groups).catch(() => undefined) : undefined,
    cloudwatch && cause.alarmNames.length > 0 ? readAlarms(cloudwatch, cause.alarmNames).catch(() => []) : [],
  ]);
  return {
    ...cause,
    ...(targetHealth === undefined ? {} : { targetHealth }),
    ...(alarms.length > 0 ? { alarmReasons: alarms.map(renderAlarm) } : {}),
  };
}

async function readUnhealthy(elb: Elbv2Client, groups: readonly string[]): Promise<string | undefined> {
  const targets = await readTargetStates(elb, groups);
  return targets.find(({ state }) => state === 'unhealthy')?.why;
}
