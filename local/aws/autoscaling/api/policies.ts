import type {
  ScalingPolicy,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { newUuid } from '../../ecs/engine/identifiers.ts';
import { AwsFault } from '../../fault.ts';
import { serviceNameOf } from '../engine/service-name.ts';
import type { AlarmRecord, PolicyRecord, ScalingScope, TargetRecord } from '../engine/state.ts';
import { trackedMetricOf } from '../engine/tracked-metric.ts';
import { invalid, mustHaveLength } from './constraints.ts';
import {
  type AutoScalingApi,
  type AutoScalingHandlers,
  assertResourceForDimension,
  assertTargetNames,
  ECS_DIMENSION,
  enter,
  renderTarget,
  requireTarget,
  serviceOf,
} from './entry.ts';
import { page, pageSizeRule } from './pages.ts';
import { policyRules, requireConfiguration, tracksSame } from './policy-rules.ts';

type PolicyOperations = 'PutScalingPolicy' | 'DescribeScalingPolicies' | 'DeleteScalingPolicy';

const MOST_POLICIES = 50;
const MOST_PER_PAGE = 10;
/** Periods of a minute in a row that an alarm needs, and how far below the target the lower one lies. */
const OUT_PERIODS = 3;
const IN_PERIODS = 15;
const IN_SHARE = 0.9;

/** PutScalingPolicy, DescribeScalingPolicies, DeleteScalingPolicy. */
export function policyHandlers(api: AutoScalingApi): Pick<AutoScalingHandlers, PolicyOperations> {
  return {
    PutScalingPolicy(input, context) {
      const scope = enter(api, context);
      assertTargetNames(input, policyRules(input));
      const service = serviceOf(scope, input.ResourceId ?? '');
      const target = requireTarget(scope, input, 'registered');
      const configuration = requireConfiguration(service, input);
      const { PolicyName: name = '' } = input;
      const existing = target.policies.find((policy) => policy.name === name);
      for (const policy of target.policies) {
        if (policy !== existing && tracksSame(service, policy.configuration, configuration))
          throw invalid('Only one TargetTrackingScaling policy for a given metric specification is allowed.');
      }
      if (!existing && target.policies.length >= MOST_POLICIES)
        throw new AwsFault(
          'LimitExceededException',
          `A scalable target has at most ${MOST_POLICIES} scaling policies.`,
        );
      const policy = existing ?? newPolicy(api, scope, target, name, configuration);
      if (!existing) target.policies.push(policy);
      configure(api, scope, target, policy, configuration);
      return { PolicyARN: policy.arn, Alarms: policy.alarms.map(alarmView) };
    },

    DescribeScalingPolicies(input, context) {
      const scope = enter(api, context);
      assertTargetNames(input, [pageSizeRule(input, MOST_PER_PAGE)]);
      const { ResourceId: wanted, PolicyNames: names = [] } = input;
      assertResourceForDimension(input.ScalableDimension, wanted !== undefined);
      const found = Object.values(scope.targets)
        .filter(({ resourceId }) => wanted === undefined || resourceId === wanted)
        .flatMap((target) => target.policies.map((policy) => ({ target, policy })))
        .filter(({ policy }) => names.length === 0 || names.includes(policy.name));
      const { items, ...next } = page(found, ({ policy }) => policy.arn, input, MOST_PER_PAGE);
      return { ScalingPolicies: items.map(({ target, policy }) => policyView(target, policy)), ...next };
    },

    DeleteScalingPolicy(input, context) {
      const scope = enter(api, context);
      assertTargetNames(input, [mustHaveLength('PolicyName', input.PolicyName, { most: 1600 })]);
      serviceOf(scope, input.ResourceId ?? '');
      const target = scope.targets[input.ResourceId ?? ''];
      const policy = target?.policies.find(({ name }) => name === input.PolicyName);
      if (!target || !policy) {
        throw new AwsFault(
          'ObjectNotFoundException',
          `No scaling policy found for ${renderTarget(input)}, policy name: ${input.PolicyName}`,
        );
      }
      target.policies = target.policies.filter((each) => each !== policy);
      removeAlarms(api, scope, policy.alarms);
      return {};
    },
  };
}

/** Takes alarms out of CloudWatch again. */
export function removeAlarms(
  { scaler }: AutoScalingApi,
  scope: ScalingScope,
  alarms: readonly AlarmRecord[],
): void {
  if (alarms.length > 0)
    scaler.alarmBook.remove(
      scope,
      alarms.map(({ AlarmName }) => AlarmName),
    );
}

function newPolicy(
  { scaler, random }: AutoScalingApi,
  { accountId, region }: ScalingScope,
  { resourceId }: TargetRecord,
  name: string,
  configuration: TargetTrackingScalingPolicyConfiguration,
): PolicyRecord {
  const id = newUuid(random);
  return {
    name,
    arn: `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${id}:resource/ecs/${resourceId}:policyName/${name}`,
    createdAt: scaler.state.now,
    configuration,
    lastRefusal: undefined,
    alarms: [],
  };
}

/** Gives a policy its configuration; its alarms stay while there is one for each direction it scales in. */
function configure(
  api: AutoScalingApi,
  scope: ScalingScope,
  target: TargetRecord,
  policy: PolicyRecord,
  configuration: TargetTrackingScalingPolicyConfiguration,
): void {
  const { TargetValue = 0, DisableScaleIn = false } = configuration;
  const rules = [
    { direction: 'out', threshold: TargetValue, evaluationPeriods: OUT_PERIODS } as const,
    { direction: 'in', threshold: TargetValue * IN_SHARE, evaluationPeriods: IN_PERIODS } as const,
  ].slice(0, DisableScaleIn ? 1 : 2);
  const before = policy.alarms;
  policy.configuration = configuration;
  policy.alarms = rules.map((rule) => ({
    ...(before.find(({ direction }) => direction === rule.direction) ??
      newAlarm(api, scope, target, rule.direction)),
    ...rule,
    state: 'INSUFFICIENT_DATA' as const,
  }));
  removeAlarms(
    api,
    scope,
    before.filter((old) => !policy.alarms.some(({ AlarmName }) => AlarmName === old.AlarmName)),
  );
  const { stats, returned } = trackedMetricOf(serviceNameOf(scope, target.resourceId), configuration);
  for (const alarm of policy.alarms)
    api.scaler.alarmBook.write(scope, { ...alarm, stat: stats.get(returned), policyArn: policy.arn });
}

function newAlarm(
  { random }: AutoScalingApi,
  { accountId, region }: ScalingScope,
  { resourceId }: TargetRecord,
  direction: 'in' | 'out',
) {
  const AlarmName = `TargetTracking-${resourceId}-Alarm${direction === 'out' ? 'High' : 'Low'}-${newUuid(random)}`;
  return { AlarmName, AlarmARN: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${AlarmName}` };
}

const alarmView = ({ AlarmName, AlarmARN }: AlarmRecord) => ({ AlarmName, AlarmARN });

function policyView({ resourceId }: TargetRecord, policy: PolicyRecord): ScalingPolicy {
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: 'ecs',
    ResourceId: resourceId,
    ScalableDimension: ECS_DIMENSION,
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: policy.configuration,
    Alarms: policy.alarms.map(alarmView),
    CreationTime: new Date(policy.createdAt),
  };
}
