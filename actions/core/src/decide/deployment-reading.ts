import type { ServiceSettings } from './service-settings.ts';

/** Task counts of one service revision inside a service deployment. */
export interface RevisionCounts {
  serviceRevisionArn: string;
  requested: number;
  running: number;
  pending: number;
  /** Percent of the production traffic that it shall have; only where traffic is shifted. */
  weight?: number;
  /** Percent of the test traffic. */
  testWeight?: number;
}

/** A lifecycle hook as the service deployment shows it. */
export interface HookReading {
  hookId: string;
  /** `AWAITING_ACTION`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `TIMED_OUT`, or a word newer than this code. */
  status: string;
  /** `PAUSE` or `AWS_LAMBDA`. */
  targetType: string;
  targetArn?: string;
  /** Epoch milliseconds. */
  expiresAt?: number;
  timeoutAction?: string;
}

/**
 * One reading of one service deployment, as plain data.
 *
 * Times are epoch milliseconds. `status` is ECS's own word, kept as a string so that a word this code does
 * not know survives. `breaker` and `alarms` are absent where ECS gives none.
 * Source: ECS API, DescribeServiceDeployments (read 2026-11).
 */
export interface DeploymentReading {
  serviceDeploymentArn: string;
  status: string;
  statusReason?: string;
  lifecycleStage?: string;
  createdAt?: number;
  startedAt?: number;
  finishedAt?: number;
  stoppedAt?: number;
  updatedAt?: number;
  target?: RevisionCounts;
  sources: RevisionCounts[];
  rollback?: { reason?: string; serviceRevisionArn?: string; startedAt?: number };
  breaker?: { status: string; failureCount: number; threshold: number };
  alarms?: { status: string; triggeredAlarmNames: string[] };
  hooks: HookReading[];
}

/** One line of a service's deployment history. Times are epoch milliseconds. */
export interface DeploymentHistoryEntry {
  serviceDeploymentArn: string;
  status: string;
  createdAt: number;
  finishedAt?: number;
  targetServiceRevisionArn?: string;
}

/** The state of a service that a verdict or a plan depends on. */
export interface ServiceReading {
  serviceArn: string;
  clusterArn: string;
  serviceName: string;
  /** `ACTIVE`, `DRAINING` or `INACTIVE`. */
  status: string;
  /** `ECS`, `CODE_DEPLOY` or `EXTERNAL`. */
  controller: string;
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  /** Full ARN. */
  taskDefinitionArn: string;
  /** Id (`ecs-svc/…`) of the primary deployment; absent on a service that has none. */
  primaryDeploymentId?: string;
  currentServiceRevisionArns: string[];
  /** Of all its load balancers, alternates of a traffic shift included. */
  targetGroupArns?: string[];
  /** True with early success criteria: a deployment succeeds before all of its tasks run. */
  endsEarly?: boolean;
  minimumHealthyPercent?: number;
  maximumPercent?: number;
  settings?: ServiceSettings;
  /** Newest first. */
  events: { id: string; createdAt: number; message: string }[];
}

const ONGOING = new Set([
  'PENDING',
  'IN_PROGRESS',
  'STOP_REQUESTED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
]);

/** Tells whether a service deployment with this status has not ended. An unknown word counts as ended. */
export function isOngoing(status: string): boolean {
  return ONGOING.has(status);
}

/** Tells whether ECS is on its way back already, so that nobody has to ask for it again. */
export function isRollingBack(status: string): boolean {
  return status === 'ROLLBACK_REQUESTED' || status === 'ROLLBACK_IN_PROGRESS';
}

/** ECS is eventually consistent: a reading may be older than the one before it, and is then dropped. */
export function isOlderReading(reading: DeploymentReading, last: DeploymentReading): boolean {
  return (reading.updatedAt ?? 0) < (last.updatedAt ?? 0);
}
