import { idleSeconds } from './attributes.ts';
import { type ListenerRecord, loadBalancersUsing, type TargetGroupRecord } from './records.ts';
import type { Elbv2State } from './state.ts';

/** Whether a load balancer forwards to the group. */
export function isInUse(state: Elbv2State, group: TargetGroupRecord): boolean {
  for (const region of state.regions()) {
    if (region.targetGroups.has(group.arn)) return loadBalancersUsing(region, group.arn).length > 0;
  }
  return false;
}

/** The targets that get health checks: those of groups in use that do not drain. */
export function* checkedTargets(state: Elbv2State) {
  for (const region of state.regions()) {
    for (const group of region.targetGroups.values()) {
      if (loadBalancersUsing(region, group.arn).length === 0) continue;
      for (const target of group.targets.values()) {
        if (target.drainingUntil === undefined) yield { group, target };
      }
    }
  }
}

/** The port that the load balancer's listener for an asked port really has; the asked one without such. */
export function realPortOf(
  state: Elbv2State,
  { loadBalancerArn }: ListenerRecord,
  askedPort: number,
): number {
  for (const region of state.regions()) {
    for (const other of region.listeners.values()) {
      if (other.loadBalancerArn === loadBalancerArn && other.askedPort === askedPort) return other.port;
    }
  }
  return askedPort;
}

/** The idle time-out of a listener's load balancer, in milliseconds. */
export function idleMsOf(state: Elbv2State, { arn, loadBalancerArn }: ListenerRecord): number {
  for (const region of state.regions()) {
    const balancer = region.listeners.has(arn) ? region.loadBalancers.get(loadBalancerArn) : undefined;
    if (balancer) return idleSeconds(balancer.attributes) * 1000;
  }
  return 60_000;
}
