import type { ScalingActivity } from '@aws-sdk/client-application-auto-scaling';
import type { ActivityRecord } from '../engine/state.ts';
import {
  type AutoScalingApi,
  type AutoScalingHandlers,
  assertResourceForDimension,
  assertTargetNames,
  ECS_DIMENSION,
  enter,
} from './entry.ts';
import { page, pageSizeRule } from './pages.ts';

const MOST_PER_PAGE = 50;

/** DescribeScalingActivities: newest first, of the last six weeks. */
export function activityHandlers(
  api: AutoScalingApi,
): Pick<AutoScalingHandlers, 'DescribeScalingActivities'> {
  return {
    DescribeScalingActivities(input, context) {
      const { activities } = enter(api, context);
      assertTargetNames(input, [pageSizeRule(input, MOST_PER_PAGE)]);
      const { ResourceId: wanted, IncludeNotScaledActivities: withNotScaled = false } = input;
      assertResourceForDimension(input.ScalableDimension, wanted !== undefined);
      const shown = activities.filter(
        ({ resourceId, notScaled }) =>
          (wanted === undefined || resourceId === wanted) && (withNotScaled || notScaled === undefined),
      );
      const { items, ...next } = page(shown, ({ id }) => id, input, MOST_PER_PAGE);
      return { ScalingActivities: items.map(activityView), ...next };
    },
  };
}

function activityView(activity: ActivityRecord): ScalingActivity {
  return {
    ActivityId: activity.id,
    ServiceNamespace: 'ecs',
    ResourceId: activity.resourceId,
    ScalableDimension: ECS_DIMENSION,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: new Date(activity.startedAt),
    ...(activity.endedAt === undefined ? {} : { EndTime: new Date(activity.endedAt) }),
    StatusCode: activity.status,
    ...(activity.message === undefined ? {} : { StatusMessage: activity.message }),
    ...(activity.notScaled && { NotScaledReasons: activity.notScaled }),
  };
}
