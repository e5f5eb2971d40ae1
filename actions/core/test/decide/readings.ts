import type { DeploymentReading, ServiceReading } from '../../src/decide/deployment-reading.ts';
import type { VerdictReading } from '../../src/decide/verdict.ts';

/** Noon of a day; the deployments of these tests were created then. */
export const T0 = Date.UTC(2026, 10, 21, 12);

const SERVICE_ARN = 'arn:aws:ecs:us-east-1:123456789012:service/shop/email-api';
export const revisionArn = (n: number) =>
  `arn:aws:ecs:us-east-1:123456789012:service-revision/shop/email-api/${n}`;
export const deploymentArn = (id: string) =>
  `arn:aws:ecs:us-east-1:123456789012:service-deployment/shop/email-api/${id}`;
export const taskDefinitionArn = (n: number) =>
  `arn:aws:ecs:us-east-1:123456789012:task-definition/email-api:${n}`;

/** A two-task service deployment under way, changed by `change`. */
export function deploymentReading(change: Partial<DeploymentReading> = {}): DeploymentReading {
  return {
    serviceDeploymentArn: deploymentArn('ours'),
    status: 'IN_PROGRESS',
    createdAt: T0,
    updatedAt: T0 + 60_000,
    target: { serviceRevisionArn: revisionArn(2), requested: 2, running: 2, pending: 0 },
    sources: [{ serviceRevisionArn: revisionArn(1), requested: 2, running: 2, pending: 0 }],
    breaker: { status: 'MONITORING', failureCount: 0, threshold: 3 },
    hooks: [],
    ...change,
  };
}

export function serviceReading(change: Partial<ServiceReading> = {}): ServiceReading {
  return {
    serviceArn: SERVICE_ARN,
    clusterArn: 'arn:aws:ecs:us-east-1:123456789012:cluster/shop',
    serviceName: 'email-api',
    status: 'ACTIVE',
    controller: 'ECS',
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    taskDefinitionArn: taskDefinitionArn(2),
    currentServiceRevisionArns: [revisionArn(2)],
    events: [],
    ...change,
  };
}

/** All that a verdict depends on, from a change of the deployment and of the rest. */
export function verdictReading(
  deployment: Partial<DeploymentReading> | undefined,
  rest: Partial<VerdictReading> = {},
): VerdictReading {
  return {
    deployment: deployment && deploymentReading(deployment),
    missedReadings: deployment ? 0 : 1,
    newer: [],
    waitUntil: 'done',
    ...rest,
  };
}
