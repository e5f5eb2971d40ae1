import type {
  Alarm,
  NotScaledReason,
  ScalingActivityStatusCode,
  SuspendedState,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';

/**
 * All that the local Application Auto Scaling knows, as plain data. Times are epoch milliseconds.
 *
 * Records are kept by account and Region (`123456789012/us-east-1`), targets then by resource id
 * (`service/<cluster>/<service>`): of ECS there is one scalable dimension, the desired count.
 */
export interface AutoScalingState {
  now: number;
  scopes: Record<string, ScalingScope>;
}

/** One account in one Region. */
export interface ScalingScope {
  accountId: string;
  region: string;
  targets: Record<string, TargetRecord>;
  /** Newest first, of all targets, also of those that are gone. */
  activities: ActivityRecord[];
}

export interface TargetRecord {
  resourceId: string;
  /** `arn:aws:application-autoscaling:<region>:<account>:scalable-target/<id>` */
  arn: string;
  createdAt: number;
  roleArn: string;
  minCapacity: number;
  maxCapacity: number;
  suspended: Required<{ [Key in keyof SuspendedState]: boolean }>;
  tags: Record<string, string>;
  /** In the order they were made. */
  policies: PolicyRecord[];
  /** The last scaling by a policy, which cooldowns count from. */
  lastScaling: { direction: 'in' | 'out'; at: number; to: number; policyName: string } | undefined;
}

export interface PolicyRecord {
  name: string;
  arn: string;
  createdAt: number;
  configuration: TargetTrackingScalingPolicyConfiguration;
  /** The alarm that scales out, and the one that scales in unless that is disabled. */
  alarms: AlarmRecord[];
}

export interface AlarmRecord extends Required<{ [Key in keyof Alarm]: string }> {
  direction: 'in' | 'out';
  /** The metric has to be above it (out) or below it (in). */
  threshold: number;
  /** How many minutes in a row. */
  evaluationPeriods: number;
  state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Since when `state` holds. */
  since: number;
}

export interface ActivityRecord {
  id: string;
  resourceId: string;
  description: string;
  cause: string;
  startedAt: number;
  endedAt: number | undefined;
  status: ScalingActivityStatusCode;
  message: string;
  /** The desired count it set; it is fulfilled when so many tasks run. */
  wanted: number | undefined;
  /** Why nothing was changed; absent for an activity that changed something. */
  notScaled: NotScaledReason[] | undefined;
}
