import {
  MetricType,
  PolicyType,
  type PutScalingPolicyRequest,
  type TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { idsOf } from '../engine/metric-math.ts';
import { trackedMetricOf } from '../engine/tracked-metric.ts';
import type { ServiceName } from '../service-counts.ts';
import {
  invalid,
  mustBeOneOf,
  mustBeWithin,
  mustHaveLength,
  mustMatch,
  type Violation,
} from './constraints.ts';

const SECONDS = { least: 0, most: 2 ** 31 - 1 };
const CONFIGURATION = 'TargetTrackingScalingPolicyConfiguration';

/** The rules for single members of PutScalingPolicy. */
export function policyRules(input: PutScalingPolicyRequest): Violation[] {
  const configuration = input.TargetTrackingScalingPolicyConfiguration;
  const predefined = configuration?.PredefinedMetricSpecification;
  return [
    mustHaveLength('PolicyName', input.PolicyName, { most: 256 }),
    mustMatch('PolicyName', input.PolicyName, '[^\\p{Cc}]+'),
    mustBeOneOf('PolicyType', input.PolicyType, PolicyType),
    mustBeOneOf(
      `${CONFIGURATION}.PredefinedMetricSpecification.PredefinedMetricType`,
      predefined?.PredefinedMetricType,
      MetricType,
    ),
    mustHaveLength(
      `${CONFIGURATION}.PredefinedMetricSpecification.ResourceLabel`,
      predefined?.ResourceLabel,
      {
        most: 1023,
      },
    ),
    mustBeWithin(`${CONFIGURATION}.ScaleOutCooldown`, configuration?.ScaleOutCooldown, SECONDS),
    mustBeWithin(`${CONFIGURATION}.ScaleInCooldown`, configuration?.ScaleInCooldown, SECONDS),
  ];
}

/** The configuration of a target tracking policy; throws for any other type and for what cannot be tracked. */
export function requireConfiguration(
  service: ServiceName,
  input: PutScalingPolicyRequest,
): TargetTrackingScalingPolicyConfiguration {
  const { PolicyType: type, TargetTrackingScalingPolicyConfiguration: configuration } = input;
  if (type !== 'TargetTrackingScaling')
    throw invalid(
      `The local AWS does not carry out policies of the type ${type ?? 'StepScaling'}; use TargetTrackingScaling.`,
    );
  for (const name of ['StepScalingPolicyConfiguration', 'PredictiveScalingPolicyConfiguration'] as const) {
    if (input[name]) throw invalid(`${name} can't be specified with the policy type TargetTrackingScaling.`);
  }
  if (!configuration)
    throw invalid(`${CONFIGURATION} is required for the policy type TargetTrackingScaling.`);
  const { TargetValue: target } = configuration;
  if (target === undefined || !(target > 0 && target <= 2 ** 360))
    throw invalid(`The target value is ${target}; a number above 0 and up to 2^360 was expected.`);
  try {
    trackedMetricOf(service, configuration);
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  return configuration;
}

/** Whether two policies track the same metric: same metrics and expressions, whatever their ids and order of dimensions. */
export function tracksSame(
  service: ServiceName,
  one: TargetTrackingScalingPolicyConfiguration,
  other: TargetTrackingScalingPolicyConfiguration,
): boolean {
  const [first, second] = [one, other].map((configuration) => {
    const { stats, expressions, returned } = trackedMetricOf(service, configuration);
    const used = new Set([returned, ...expressions.flatMap(({ node }) => idsOf(node))]);
    const seen = [...stats].filter(([id]) => used.has(id) || expressions.length > 0);
    const metrics = seen.map(([, { dimensions, ...stat }]) => [stat, Object.entries(dimensions).sort()]);
    return JSON.stringify([metrics, expressions.map(({ node }) => node)]);
  });
  return first === second;
}
