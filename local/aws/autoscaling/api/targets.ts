import type { RegisterScalableTargetRequest, ScalableTarget } from '@aws-sdk/client-application-auto-scaling';
import { newUuid } from '../../ecs/engine/identifiers.ts';
import type { ScalingScope, TargetRecord } from '../engine/state.ts';
import { assertValid, invalid, mustBeWithin } from './constraints.ts';
import {
  type AutoScalingApi,
  type AutoScalingHandlers,
  assertResourceForDimension,
  assertTargetNames,
  ECS_DIMENSION,
  enter,
  requireTarget,
  serviceOf,
} from './entry.ts';
import { page, pageSizeRule } from './pages.ts';
import { removeAlarms } from './policies.ts';
import { assertTags } from './tags.ts';

type TargetOperations = 'RegisterScalableTarget' | 'DescribeScalableTargets' | 'DeregisterScalableTarget';

const MOST_PER_PAGE = 50;
/** What AWS can hold. */
const CAPACITY = { least: 0, most: 2 ** 31 - 1 };

/** RegisterScalableTarget, DescribeScalableTargets, DeregisterScalableTarget. */
export function targetHandlers(api: AutoScalingApi): Pick<AutoScalingHandlers, TargetOperations> {
  return {
    RegisterScalableTarget(input, context) {
      const scope = enter(api, context);
      assertTargetNames(input);
      const { ResourceId: resourceId = '' } = input;
      const service = serviceOf(scope, resourceId);
      assertValid([
        mustBeWithin('MinCapacity', input.MinCapacity, CAPACITY),
        mustBeWithin('MaxCapacity', input.MaxCapacity, CAPACITY),
      ]);
      if (!api.scaler.counts().read(service)) throw invalid(`ECS service doesn't exist: ${resourceId}`);
      const existing = scope.targets[resourceId];
      const target = mergeTarget(existing ?? newTarget(api, scope, input), input);
      if (target.minCapacity > target.maxCapacity)
        throw invalid('Maximum capacity cannot be less than minimum capacity');
      scope.targets[resourceId] = target;
      api.scaler.applyBounds(scope, target);
      return { ScalableTargetARN: target.arn };
    },

    DescribeScalableTargets(input, context) {
      const scope = enter(api, context);
      assertTargetNames(input, [pageSizeRule(input, MOST_PER_PAGE)]);
      const { ResourceIds: wanted = [] } = input;
      assertResourceForDimension(input.ScalableDimension, wanted.length > 0);
      const targets = Object.values(scope.targets).filter(
        ({ resourceId }) => wanted.length === 0 || wanted.includes(resourceId),
      );
      const { items, ...next } = page(targets, ({ resourceId }) => resourceId, input, MOST_PER_PAGE);
      return { ScalableTargets: items.map(targetView), ...next };
    },

    DeregisterScalableTarget(input, context) {
      const scope = enter(api, context);
      assertTargetNames(input);
      const target = requireTarget(scope, input, 'found');
      delete scope.targets[target.resourceId];
      removeAlarms(
        api,
        scope,
        target.policies.flatMap(({ alarms }) => alarms),
      );
      return {};
    },
  };
}

/** A new target has both bounds; a target that is registered again keeps what the call leaves out. */
function newTarget(
  { scaler, random }: AutoScalingApi,
  { accountId, region }: ScalingScope,
  { ResourceId: resourceId = '', MinCapacity, MaxCapacity }: RegisterScalableTargetRequest,
): TargetRecord {
  if (MinCapacity === undefined)
    throw invalid('Minimum capacity must be specified for a new scalable target');
  if (MaxCapacity === undefined)
    throw invalid('Maximum capacity must be specified for a new scalable target');
  const id = newUuid(random).replaceAll('-', '');
  return {
    resourceId,
    arn: `arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/${id}`,
    createdAt: scaler.state.now,
    // ECS has a service-linked role for it; a role that a call names is not used, as on AWS.
    roleArn:
      `arn:aws:iam::${accountId}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/` +
      'AWSServiceRoleForApplicationAutoScaling_ECSService',
    minCapacity: MinCapacity,
    maxCapacity: MaxCapacity,
    suspended: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
    },
    tags: {},
    policies: [],
    lastScaling: undefined,
  };
}

function mergeTarget(target: TargetRecord, input: RegisterScalableTargetRequest): TargetRecord {
  const { MinCapacity, MaxCapacity, SuspendedState = {}, Tags } = input;
  const { suspended } = target;
  const tags = { ...target.tags, ...Tags };
  assertTags(tags);
  return {
    ...target,
    minCapacity: MinCapacity ?? target.minCapacity,
    maxCapacity: MaxCapacity ?? target.maxCapacity,
    suspended: {
      DynamicScalingInSuspended:
        SuspendedState.DynamicScalingInSuspended ?? suspended.DynamicScalingInSuspended,
      DynamicScalingOutSuspended:
        SuspendedState.DynamicScalingOutSuspended ?? suspended.DynamicScalingOutSuspended,
      ScheduledScalingSuspended:
        SuspendedState.ScheduledScalingSuspended ?? suspended.ScheduledScalingSuspended,
    },
    tags,
  };
}

function targetView(target: TargetRecord): ScalableTarget {
  return {
    ServiceNamespace: 'ecs',
    ResourceId: target.resourceId,
    ScalableDimension: ECS_DIMENSION,
    MinCapacity: target.minCapacity,
    MaxCapacity: target.maxCapacity,
    RoleARN: target.roleArn,
    CreationTime: new Date(target.createdAt),
    SuspendedState: target.suspended,
    ScalableTargetARN: target.arn,
  };
}
