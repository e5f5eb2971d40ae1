import type { NotScaledReason } from '@aws-sdk/client-application-auto-scaling';
import type { ServiceCount } from '../service-counts.ts';
import type { AlarmState } from './decide-alarm.ts';

/** A target tracking policy as it stands at one moment. */
export interface PolicyStanding {
  name: string;
  targetValue: number;
  /** The metric's newest value; `undefined` while it has none. */
  metric: number | undefined;
  out: { alarm: string; state: AlarmState } | undefined;
  /** `undefined` where the policy does not scale in. */
  in: { alarm: string; state: AlarmState } | undefined;
  /** Milliseconds. */
  outCooldownMs: number;
  inCooldownMs: number;
}

/** The last scaling by a policy. `doneAt` is `undefined` while its tasks do not all run yet (or still run). */
export interface LastScaling {
  direction: 'in' | 'out';
  /** How many tasks ran, and the desired count it set. */
  from: number;
  to: number;
  doneAt: number | undefined;
}

export interface ScalingSituation {
  now: number;
  count: ServiceCount;
  minCapacity: number;
  maxCapacity: number;
  isInSuspended: boolean;
  isOutSuspended: boolean;
  policies: readonly PolicyStanding[];
  lastScaling: LastScaling | undefined;
}

export type ScalingDecision =
  | { kind: 'scale'; direction: 'in' | 'out'; desiredCount: number; policyName: string; alarm: string }
  | { kind: 'not-scaled'; policyName: string; alarm: string; reasons: NotScaledReason[] }
  | { kind: 'nothing' };

const NOTHING: ScalingDecision = { kind: 'nothing' };

/**
 * Decides what target tracking does with a service's desired count.
 *
 * It scales out when the alarm of any policy says so, and in only when those of all policies that scale in do; of
 * several policies the one that gives the largest count wins. Counts start from the tasks that run, in proportion
 * to the metric, rounded up; from none it begins with one. Nothing scales in while a deployment is under way. A
 * desired count that somebody has set outside the bounds is only moved towards them.
 *
 * Source: ECS developer guide, "Automatically scale your Amazon ECS service" and "Use a target metric to scale
 * Amazon ECS services"; Application Auto Scaling user guide, "How target tracking scaling works" (read 2026-11).
 * How much it scales in at once AWS does not say: "more gradually".
 */
export function decideScaling(situation: ScalingSituation): ScalingDecision {
  const out = situation.policies.filter((policy) => isToScaleOut(policy, situation.count));
  if (out.length > 0) return decideOut(situation, out);
  const scalingIn = situation.policies.filter((policy) => policy.in !== undefined);
  const isReady = scalingIn.length > 0 && scalingIn.every((policy) => policy.in?.state === 'ALARM');
  return isReady ? decideIn(situation, scalingIn) : NOTHING;
}

/** With no task running one datapoint is enough; else the alarm has to have its three. */
function isToScaleOut(
  { out, metric = 0, targetValue }: PolicyStanding,
  { runningCount }: ServiceCount,
): boolean {
  return out?.state === 'ALARM' || (runningCount === 0 && metric > targetValue);
}

/** The count that would bring a metric to its target, if it falls as tasks are added. */
function proportional(tasks: number, { metric = 0, targetValue }: PolicyStanding): number {
  if (tasks === 0) return metric > 0 ? 1 : 0;
  // Without this, 3 tasks at exactly 70 of 70 could come out as 3.0000000000000004 and be rounded up to 4.
  return Math.ceil(Number(((tasks * metric) / targetValue).toFixed(9)));
}

function largest(policies: readonly PolicyStanding[], of: (policy: PolicyStanding) => number) {
  return policies
    .map((policy) => ({ policy, count: of(policy) }))
    .reduce((best, next) => (next.count > best.count ? next : best));
}

function decideOut(situation: ScalingSituation, policies: readonly PolicyStanding[]): ScalingDecision {
  const { count, minCapacity, maxCapacity, isOutSuspended, lastScaling, now } = situation;
  if (isOutSuspended) return NOTHING;
  const { policy, count: wanted } = largest(policies, (each) => {
    const isCooling = lastScaling?.direction === 'out' && isWithin(lastScaling, each.outCooldownMs, now);
    // While it cools down, what was added last counts as part of what is added now.
    return proportional(isCooling ? lastScaling.from : count.runningCount, each);
  });
  const alarm = policy.out?.alarm ?? '';
  const desiredCount = Math.min(maxCapacity, Math.max(minCapacity, wanted));
  if (desiredCount > count.desiredCount)
    return { kind: 'scale', direction: 'out', desiredCount, policyName: policy.name, alarm };
  const isFull = wanted > count.desiredCount && count.desiredCount >= maxCapacity;
  const reason: NotScaledReason = isFull
    ? { Code: 'AlreadyAtMaxCapacity', MaxCapacity: maxCapacity }
    : { Code: 'AlreadyAtDesiredCapacity', CurrentCapacity: count.desiredCount };
  return { kind: 'not-scaled', policyName: policy.name, alarm, reasons: [reason] };
}

function decideIn(situation: ScalingSituation, policies: readonly PolicyStanding[]): ScalingDecision {
  const { count, minCapacity, maxCapacity, isInSuspended, lastScaling, now } = situation;
  if (isInSuspended) return NOTHING;
  const { policy, count: wanted } = largest(policies, (each) => proportional(count.runningCount, each));
  const { name: policyName } = policy;
  const alarm = policy.in?.alarm ?? '';
  const notScaled = (reason: NotScaledReason): ScalingDecision => ({
    kind: 'not-scaled',
    policyName,
    alarm,
    reasons: [reason],
  });
  if (count.isDeploying) return notScaled({ Code: 'TargetServicePutResourceAsUnscalable' });
  if (count.desiredCount <= minCapacity)
    return notScaled({ Code: 'AlreadyAtMinCapacity', MinCapacity: minCapacity });
  if (lastScaling?.direction === 'in' && isWithin(lastScaling, policy.inCooldownMs, now)) return NOTHING;
  const desiredCount = Math.min(maxCapacity, Math.max(minCapacity, wanted));
  if (desiredCount >= count.desiredCount)
    return notScaled({ Code: 'AlreadyAtDesiredCapacity', CurrentCapacity: count.desiredCount });
  return { kind: 'scale', direction: 'in', desiredCount, policyName, alarm };
}

function isWithin({ doneAt }: LastScaling, cooldownMs: number, now: number): boolean {
  return doneAt === undefined || now < doneAt + cooldownMs;
}
