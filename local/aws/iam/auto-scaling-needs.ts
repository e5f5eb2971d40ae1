import type { AccessNeed, CallPlace, ConditionKeys, NeedsTable } from './access-need.ts';

type OfTarget = {
  ServiceNamespace?: string | undefined;
  ScalableDimension?: string | undefined;
};

/** A call names the service behind a target, not the target's ARN: it is asked for all of an account's. */
const targetArns = ({ region, accountId }: CallPlace): string =>
  `arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/*`;

const need = (action: string, resource: string, keys?: ConditionKeys): AccessNeed => ({
  action: `application-autoscaling:${action}`,
  resources: [resource],
  ...(keys && { keys }),
});

const targetKeys = ({ ServiceNamespace, ScalableDimension }: OfTarget): ConditionKeys => ({
  'application-autoscaling:service-namespace': ServiceNamespace,
  'application-autoscaling:scalable-dimension': ScalableDimension,
});

const tagKeys = (tags: Readonly<Record<string, string>> | undefined): ConditionKeys => {
  const pairs = Object.entries(tags ?? {});
  if (pairs.length === 0) return {};
  return {
    ...Object.fromEntries(pairs.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
    'aws:TagKeys': pairs.map(([key]) => key),
  };
};

const onTarget =
  (action: string) =>
  (input: OfTarget, place: CallPlace): AccessNeed[] => [need(action, targetArns(place), targetKeys(input))];

const anywhere = (action: string) => (): AccessNeed[] => [need(action, '*')];

/**
 * What calls to Application Auto Scaling need.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Application Auto
 * Scaling" (read 2026-11). Tags that come with a new target take `TagResource` as well: Application Auto Scaling
 * user guide, "Tagging support".
 */
export const AUTO_SCALING_NEEDS: NeedsTable<typeof import('@aws-sdk/client-application-auto-scaling')> = {
  RegisterScalableTarget: (input, place) => {
    const tags = tagKeys(input.Tags);
    const keys = { ...targetKeys(input), ...tags };
    const isTagged = Object.keys(tags).length > 0;
    return [
      need('RegisterScalableTarget', targetArns(place), keys),
      ...(isTagged ? [need('TagResource', targetArns(place), tags)] : []),
    ];
  },
  DeregisterScalableTarget: onTarget('DeregisterScalableTarget'),
  DescribeScalableTargets: anywhere('DescribeScalableTargets'),
  PutScalingPolicy: onTarget('PutScalingPolicy'),
  DeleteScalingPolicy: onTarget('DeleteScalingPolicy'),
  DescribeScalingPolicies: anywhere('DescribeScalingPolicies'),
  DescribeScalingActivities: anywhere('DescribeScalingActivities'),
  PutScheduledAction: onTarget('PutScheduledAction'),
  DeleteScheduledAction: onTarget('DeleteScheduledAction'),
  DescribeScheduledActions: anywhere('DescribeScheduledActions'),
  GetPredictiveScalingForecast: anywhere('GetPredictiveScalingForecast'),
  ListTagsForResource: ({ ResourceARN = '' }) => [need('ListTagsForResource', ResourceARN)],
  TagResource: ({ ResourceARN = '', Tags }) => [need('TagResource', ResourceARN, tagKeys(Tags))],
  UntagResource: ({ ResourceARN = '', TagKeys }) => [
    need('UntagResource', ResourceARN, { 'aws:TagKeys': TagKeys }),
  ],
};
