import type { ContainerRecord, TaskRecord } from '../../engine/state.ts';

/** A container that has not started yet, with what a test wants otherwise. */
export function containerRecord(wanted: Partial<ContainerRecord> = {}): ContainerRecord {
  return {
    name: 'web',
    arn: 'arn:aws:ecs:us-east-1:123456789012:container/shop/1/1',
    image: 'web:1',
    essential: true,
    hasHealthCheck: false,
    lastStatus: 'PENDING',
    startedAt: undefined,
    health: 'UNKNOWN',
    ...wanted,
  };
}

/** A task since epoch 0 with one container, with what a test wants otherwise. */
export function taskRecord(wanted: Partial<TaskRecord> = {}): TaskRecord {
  return {
    id: '1',
    arn: 'arn:aws:ecs:us-east-1:123456789012:task/shop/1',
    taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
    group: 'service:web',
    startedBy: 'ecs-svc/1',
    serviceName: 'web',
    deploymentId: 'ecs-svc/1',
    revisionArn: undefined,
    backOffLevel: 0,
    launchType: 'FARGATE',
    privateIp: '10.0.0.4',
    interfaceId: 'eni-1',
    subnetId: 'subnet-1',
    overrides: undefined,
    lastStatus: 'PROVISIONING',
    statusSince: 0,
    desiredStatus: 'RUNNING',
    createdAt: 0,
    pullStartedAt: undefined,
    pullStoppedAt: undefined,
    startedAt: undefined,
    stoppingAt: undefined,
    executionStoppedAt: undefined,
    stoppedAt: undefined,
    stopCode: undefined,
    stoppedReason: undefined,
    containers: [containerRecord()],
    targets: [],
    drainMs: 0,
    wasHealthy: false,
    outcomeNoted: false,
    stopSentAt: undefined,
    gone: false,
    version: 1,
    ...wanted,
  };
}
