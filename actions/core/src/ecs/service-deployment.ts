import {
  type DeploymentLifecycleHookDetail,
  DescribeServiceDeploymentsCommand,
  type ECSClient,
  ListServiceDeploymentsCommand,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  type ServiceRevisionSummary,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import {
  type DeploymentHistoryEntry,
  type DeploymentReading,
  type HookReading,
  isOngoing,
  isRollingBack,
  type RevisionCounts,
} from '../decide/deployment-reading.ts';
import { isAwsFailure } from '../errors.ts';
import { readInBatches, readPages } from './batches.ts';
import { serviceNotFound, withNearClusters } from './near-names.ts';
import { AmbiguousWrite, sendOnce } from './send-once.ts';

/** How many ARNs one DescribeServiceDeployments call takes. */
export const DEPLOYMENTS_A_CALL = 20;

/** Reads service deployments by ARN, one call for each twenty. An ARN that ECS does not know is left out. */
export async function readServiceDeployments(
  ecs: ECSClient,
  arns: readonly string[],
): Promise<Map<string, DeploymentReading>> {
  const deployments = await readInBatches(arns, DEPLOYMENTS_A_CALL, async (batch) => {
    const answer = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: batch }));
    return answer.serviceDeployments ?? [];
  });
  return new Map(
    deployments.map((deployment) => [deployment.serviceDeploymentArn ?? '', toReading(deployment)]),
  );
}

/**
 * Lists a service's deployments, newest first; one call for each hundred. ECS keeps 90 days of them.
 * `limit` stops after about so many; `createdAfter` (epoch milliseconds, inclusive) leaves out older ones.
 */
export async function listServiceDeployments(
  ecs: ECSClient,
  where: { cluster: string; serviceName: string },
  only: { limit?: number; createdAfter?: number } = {},
): Promise<DeploymentHistoryEntry[]> {
  const { cluster, serviceName } = where;
  const createdAt = only.createdAfter === undefined ? undefined : { after: new Date(only.createdAfter) };
  const readPage = async (nextToken: string | undefined) => {
    const input = { cluster, service: serviceName, createdAt, nextToken, maxResults: 100 };
    const page = await ecs.send(new ListServiceDeploymentsCommand(input)).catch(async (error: unknown) => {
      if (isAwsFailure(error, 'ServiceNotFoundException'))
        throw await serviceNotFound(ecs, cluster, serviceName);
      throw await withNearClusters(error, ecs, cluster);
    });
    return { items: page.serviceDeployments ?? [], nextToken: page.nextToken };
  };
  const briefs = await readPages(readPage, only.limit);
  return briefs.map(toHistoryEntry).sort((a, b) => b.createdAt - a.createdAt);
}

/**
 * Asks ECS to stop a service deployment and go back to where it came from. Safe to call again, also while it
 * rolls back already. `ended` says that there was nothing left to stop.
 */
export async function stopServiceDeployment(
  ecs: ECSClient,
  serviceDeploymentArn: string,
): Promise<'asked' | 'ended'> {
  try {
    await sendOnce(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }), (c) =>
      ecs.send(c),
    );
    return 'asked';
  } catch (error) {
    if (!(error instanceof AmbiguousWrite) && !isAwsFailure(error, 'ConflictException')) throw error;
    // The answer was lost, or the deployment moved meanwhile: what it does now tells which.
    const status = (await readServiceDeployments(ecs, [serviceDeploymentArn])).get(
      serviceDeploymentArn,
    )?.status;
    if (status === undefined || !isOngoing(status)) return 'ended';
    if (isRollingBack(status) || status === 'STOP_REQUESTED') return 'asked';
    await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));
    return 'asked';
  }
}

function toReading(deployment: ServiceDeployment): DeploymentReading {
  const { rollback, deploymentCircuitBreaker: breaker, alarms } = deployment;
  return {
    serviceDeploymentArn: deployment.serviceDeploymentArn ?? '',
    status: deployment.status ?? '',
    statusReason: deployment.statusReason,
    lifecycleStage: deployment.lifecycleStage,
    ...timesOf(deployment),
    target: deployment.targetServiceRevision && toCounts(deployment.targetServiceRevision),
    sources: (deployment.sourceServiceRevisions ?? []).map(toCounts),
    rollback: rollback && {
      reason: rollback.reason,
      serviceRevisionArn: rollback.serviceRevisionArn,
      startedAt: rollback.startedAt?.getTime(),
    },
    breaker: breaker && {
      status: breaker.status ?? '',
      failureCount: breaker.failureCount ?? 0,
      threshold: breaker.threshold ?? 0,
    },
    alarms: alarms && { status: alarms.status ?? '', triggeredAlarmNames: alarms.triggeredAlarmNames ?? [] },
    hooks: (deployment.lifecycleHookDetails ?? []).map(toHook),
  };
}

function timesOf({ createdAt, startedAt, finishedAt, stoppedAt, updatedAt }: ServiceDeployment) {
  return {
    createdAt: createdAt?.getTime(),
    startedAt: startedAt?.getTime(),
    finishedAt: finishedAt?.getTime(),
    stoppedAt: stoppedAt?.getTime(),
    updatedAt: updatedAt?.getTime(),
  };
}

function toCounts(summary: ServiceRevisionSummary): RevisionCounts {
  const { requestedProductionTrafficWeight: production, requestedTestTrafficWeight: test } = summary;
  return {
    serviceRevisionArn: summary.arn ?? '',
    requested: summary.requestedTaskCount ?? 0,
    running: summary.runningTaskCount ?? 0,
    pending: summary.pendingTaskCount ?? 0,
    ...(production === undefined ? {} : { weight: production }),
    ...(test === undefined ? {} : { testWeight: test }),
  };
}

function toHook(hook: DeploymentLifecycleHookDetail): HookReading {
  return {
    hookId: hook.hookId ?? '',
    status: hook.status ?? '',
    targetType: hook.targetType ?? 'AWS_LAMBDA',
    targetArn: hook.targetArn,
    expiresAt: hook.expiresAt?.getTime(),
    timeoutAction: hook.timeoutAction,
  };
}

function toHistoryEntry(brief: ServiceDeploymentBrief): DeploymentHistoryEntry {
  return {
    serviceDeploymentArn: brief.serviceDeploymentArn ?? '',
    status: brief.status ?? '',
    createdAt: brief.createdAt?.getTime() ?? 0,
    finishedAt: brief.finishedAt?.getTime(),
    targetServiceRevisionArn: brief.targetServiceRevisionArn,
  };
}
