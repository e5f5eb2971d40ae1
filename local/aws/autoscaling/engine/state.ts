import type {
  Alarm,
  NotScaledReason,
  ScalingActivityStatusCode,
  SuspendedState,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { AlarmRule, AlarmState } from './decide-alarm.ts';

/**
 * All that the local Application Auto Scaling knows, as plain data. Times are epoch milliseconds.
 *
 * Records are kept by account and Region (`123456789012/us-east-1`), targets then by resource id
 * (`service/<cluster>/<service>`): of ECS there is one scalable dimension, the desired count.
 */
export interface AutoScalingState {
  now: number;
  /** When the policies were last looked at. */
  evaluatedAt: number;
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
  lastScaling: { direction: 'in' | 'out'; from: number; activityId: string } | undefined;
}

export interface PolicyRecord {
  name: string;
  arn: string;
  createdAt: number;
  configuration: TargetTrackingScalingPolicyConfiguration;
  /** Why it last did nothing though an alarm said so; `undefined` once it did something. */
  lastRefusal: string | undefined;
  /** The alarm that scales out, and the one that scales in unless that is disabled. */
  alarms: AlarmRecord[];
}

export interface AlarmRecord extends AlarmRule, Required<{ [Key in keyof Alarm]: string }> {
  state: AlarmState;
}

export interface ActivityRecord {
  id: string;
  resourceId: string;
  description: string;
  cause: string;
  startedAt: number;
  endedAt: number | undefined;
  status: ScalingActivityStatusCode;
  message: string | undefined;
  /** The desired count it set; it is fulfilled when so many tasks run. */
  wanted: number | undefined;
  /** Why nothing was changed; absent for an activity that changed something. */
  notScaled: NotScaledReason[] | undefined;
}
