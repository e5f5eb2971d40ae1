import { isList, isObject, type ObjectValue } from '../../protocol/value.ts';
import type { At, Known, Rows } from '../row.ts';
import { fromSdk, type Naming, toSdk } from '../sdk-names.ts';
import { first, plain, present, type Shape, shape, shapes, text } from '../shape.ts';
import { allTags } from '../tags.ts';

const pascal: Naming = { style: 'pascal' };
const configurations = ['step_scaling_policy_configuration', 'target_tracking_scaling_policy_configuration'];

/** What scales a service: its bounds, policies and schedules. */
export const scalingRows: Rows = {
  aws_appautoscaling_target: {
    service: 'autoscaling',
    create: [
      {
        command: 'RegisterScalableTarget',
        input: (value) => ({ ...targetInput(value), Tags: allTags(value) }),
        result: ({ ScalableTargetARN }, { resource_id: id }) => ({
          id: id ?? null,
          arn: plain(ScalableTargetARN),
        }),
      },
    ],
    read: [
      {
        command: 'DescribeScalableTargets',
        input: (value) => ({ ServiceNamespace: value.service_namespace, ResourceIds: [value.id] }),
        state: ({ ScalableTargets }, value, { block }) => {
          const found = shapes(ScalableTargets).find(
            ({ ScalableDimension }) => ScalableDimension === value.scalable_dimension,
          );
          if (found === undefined) return null;
          const names = [
            'max_capacity',
            'min_capacity',
            'resource_id',
            'scalable_dimension',
            'service_namespace',
            'suspended_state',
          ];
          return {
            ...fromSdk(block, found, pascal, names),
            role_arn: plain(found.RoleARN),
            arn: plain(found.ScalableTargetARN) ?? value.arn ?? null,
          };
        },
      },
    ],
    update: [{ command: 'RegisterScalableTarget', input: targetInput }],
    delete: [{ command: 'DeregisterScalableTarget', input: keyOf }],
    import: (id) => {
      const [namespace = '', ...rest] = id.split('/');
      return {
        service_namespace: namespace,
        scalable_dimension: rest.at(-1) ?? '',
        resource_id: rest.slice(0, -1).join('/'),
        id: rest.slice(0, -1).join('/'),
      };
    },
  },
  aws_appautoscaling_policy: {
    service: 'autoscaling',
    create: [
      { ...putPolicy(), result: ({ PolicyARN }, { name }) => ({ id: name ?? null, arn: plain(PolicyARN) }) },
    ],
    read: [
      {
        command: 'DescribeScalingPolicies',
        input: (value) => ({
          ServiceNamespace: value.service_namespace,
          ResourceId: value.resource_id,
          PolicyNames: [value.name],
        }),
        state: ({ ScalingPolicies }, _, at) => {
          const found = first(ScalingPolicies);
          return found === undefined ? null : policyState(found, at);
        },
      },
    ],
    update: [putPolicy()],
    delete: [
      { command: 'DeleteScalingPolicy', input: (value) => ({ ...keyOf(value), PolicyName: value.name }) },
    ],
  },
  aws_appautoscaling_scheduled_action: {
    service: 'autoscaling',
    create: [
      {
        ...putAction(),
        result: (_, value) => ({
          id: [value.name, value.service_namespace, value.resource_id].map(text).join('-'),
        }),
      },
    ],
    read: [
      {
        command: 'DescribeScheduledActions',
        input: (value) => ({
          ServiceNamespace: value.service_namespace,
          ResourceId: value.resource_id,
          ScheduledActionNames: [value.name],
        }),
        state: ({ ScheduledActions }) => {
          const found = first(ScheduledActions);
          if (found === undefined) return null;
          const { MinCapacity, MaxCapacity } = shape(found.ScalableTargetAction);
          return {
            arn: plain(found.ScheduledActionARN),
            schedule: plain(found.Schedule),
            scalable_target_action: [
              { max_capacity: textOf(MaxCapacity), min_capacity: textOf(MinCapacity) },
            ],
          };
        },
      },
    ],
    update: [putAction()],
    delete: [
      {
        command: 'DeleteScheduledAction',
        input: (value) => ({ ...keyOf(value), ScheduledActionName: value.name }),
      },
    ],
  },
};

function keyOf(value: Known): Shape {
  return {
    ServiceNamespace: value.service_namespace,
    ResourceId: value.resource_id,
    ScalableDimension: value.scalable_dimension,
  };
}

function targetInput(value: Known): Shape {
  const [suspended] = isList(value.suspended_state) ? value.suspended_state : [];
  return present({
    ...keyOf(value),
    MinCapacity: value.min_capacity,
    MaxCapacity: value.max_capacity,
    RoleARN: value.role_arn || undefined,
    SuspendedState: isObject(suspended)
      ? {
          DynamicScalingInSuspended: suspended.dynamic_scaling_in_suspended === true,
          DynamicScalingOutSuspended: suspended.dynamic_scaling_out_suspended === true,
          ScheduledScalingSuspended: suspended.scheduled_scaling_suspended === true,
        }
      : undefined,
  });
}

function putPolicy() {
  return {
    command: 'PutScalingPolicy',
    input: (value: Known, { block }: At) => {
      const sdk = toSdk(block, value, pascal, configurations);
      const step = sdk.StepScalingPolicyConfiguration;
      return present({
        ...keyOf(value),
        PolicyName: value.name,
        PolicyType: value.policy_type,
        StepScalingPolicyConfiguration: step === undefined ? undefined : stepConfiguration(shape(step)),
        TargetTrackingScalingPolicyConfiguration: sdk.TargetTrackingScalingPolicyConfiguration,
      });
    },
  };
}

/** Bounds of a step are texts to Terraform, so that one that is not written can be told from 0. */
function stepConfiguration({ StepAdjustment, ...rest }: Shape): Shape {
  const numberOf = (bound: unknown) => (bound === undefined || bound === '' ? undefined : Number(bound));
  const StepAdjustments = shapes(StepAdjustment).map((step) =>
    present({
      ScalingAdjustment: step.ScalingAdjustment,
      MetricIntervalLowerBound: numberOf(step.MetricIntervalLowerBound),
      MetricIntervalUpperBound: numberOf(step.MetricIntervalUpperBound),
    }),
  );
  return { ...rest, StepAdjustments };
}

function policyState(found: Shape, { block }: At): ObjectValue {
  const step = shape(found.StepScalingPolicyConfiguration);
  const renamed = {
    ...found,
    ...(found.StepScalingPolicyConfiguration !== undefined && {
      StepScalingPolicyConfiguration: { ...step, StepAdjustment: step.StepAdjustments },
    }),
  };
  const blocks = Object.fromEntries(configurations.map((name) => [name, []]));
  return {
    ...blocks,
    ...fromSdk(block, renamed, pascal, [
      ...configurations,
      'policy_type',
      'resource_id',
      'scalable_dimension',
      'service_namespace',
    ]),
    arn: plain(found.PolicyARN),
    alarm_arns: shapes(found.Alarms).map(({ AlarmARN }) => text(AlarmARN)),
    name: plain(found.PolicyName),
  };
}

function putAction() {
  return {
    command: 'PutScheduledAction',
    input: (value: Known) => {
      const target = first(value.scalable_target_action) ?? {};
      const numberOf = (bound: unknown) =>
        bound === null || bound === undefined ? undefined : Number(bound);
      return present({
        ...keyOf(value),
        ScheduledActionName: value.name,
        Schedule: value.schedule,
        Timezone: value.timezone,
        ScalableTargetAction: present({
          MinCapacity: numberOf(target.min_capacity),
          MaxCapacity: numberOf(target.max_capacity),
        }),
      });
    },
  };
}

function textOf(bound: unknown): string | null {
  return bound === undefined || bound === null ? null : String(bound);
}
