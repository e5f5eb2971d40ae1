import type { NotScaledReason } from '@aws-sdk/client-application-auto-scaling';
import type { ServiceCounts } from '../service-counts.ts';
import { serviceNameOf } from './service-name.ts';
import type { ActivityRecord, ScalingScope } from './state.ts';

/** AWS keeps activities for six weeks. */
const KEPT_MS = 42 * 24 * 3600 * 1000;

type Begun = { id: string; resourceId: string; cause: string; at: number };

/** What an alarm makes a policy do, as activities tell it. */
export const causeOf = (alarm: string, policyName: string): string =>
  `monitor alarm ${alarm} in state ALARM triggered policy ${policyName}`;

/**
 * Writes down that a desired count was set; what was under way for the service is overridden.
 * Source: DescribeScalingActivities' texts as in the AWS CLI's examples (read 2026-11).
 */
export function beginActivity(scope: ScalingScope, begun: Begun, wanted: number): void {
  for (const activity of scope.activities) {
    if (activity.resourceId === begun.resourceId && activity.status === 'InProgress')
      end(activity, 'Overridden', begun.at);
  }
  scope.activities.unshift({
    ...recordOf(begun),
    description: `Setting desired count to ${wanted}.`,
    status: 'InProgress',
    message: `Successfully set desired count to ${wanted}. Waiting for change to be fulfilled by ecs.`,
    wanted,
  });
}

/** Writes down that an alarm asked for a change and nothing was changed. */
export function noteNotScaled(scope: ScalingScope, begun: Begun, reasons: NotScaledReason[]): void {
  scope.activities.unshift({
    ...recordOf(begun),
    description: 'Attempting to scale due to alarm triggered',
    status: 'Failed',
    notScaled: reasons,
  });
}

function recordOf({ at, ...begun }: Begun): Omit<ActivityRecord, 'description' | 'status'> {
  return {
    ...begun,
    startedAt: at,
    endedAt: undefined,
    message: undefined,
    wanted: undefined,
    notScaled: undefined,
  };
}

function end(activity: ActivityRecord, status: 'Successful' | 'Overridden', at: number): void {
  activity.status = status;
  activity.endedAt = at;
  if (status === 'Successful')
    activity.message = `Successfully set desired count to ${activity.wanted}. Change successfully fulfilled by ecs.`;
}

/** Ends what has been fulfilled or overtaken by somebody else's change, and forgets what is too old. */
export function settleActivities(scope: ScalingScope, counts: ServiceCounts, now: number): void {
  for (const activity of scope.activities) {
    if (activity.status !== 'InProgress') continue;
    const { wanted } = activity;
    const count = counts.read(serviceNameOf(scope, activity.resourceId));
    if (!count || count.desiredCount !== wanted) end(activity, 'Overridden', now);
    else if (count.runningCount === wanted) end(activity, 'Successful', now);
  }
  if ((scope.activities.at(-1)?.startedAt ?? now) <= now - KEPT_MS)
    scope.activities = scope.activities.filter(({ startedAt }) => startedAt > now - KEPT_MS);
}
