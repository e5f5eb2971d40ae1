import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { attributeNumber, attributeText } from '../attributes.ts';
import { forwardTargets, type TargetGroupRecord, type TargetRecord } from '../records.ts';
import { type AnswerCookies, answerCookies, type Sticking, stickyGroup, stickyTarget } from './stickiness.ts';
import { pickByWeight, pickTarget, routableTargets } from './target-choice.ts';

export interface RouteDependencies {
  /** In [0, 1). */
  random(): number;
  /** Multiplies the slow start. */
  timeScale: number;
  targetGroup(arn: string): TargetGroupRecord | undefined;
}

/** Where a forward action sends a request; without a target the load balancer answers 503. */
export type Route =
  | { group: TargetGroupRecord; target: TargetRecord; cookies: AnswerCookies }
  | { group: TargetGroupRecord | undefined; target: undefined };

/** Chooses the target group, then the target: by cookie where the request sticks, else by weight and turn. */
export function routeForward(action: Action, sticking: Sticking, dependencies: RouteDependencies): Route {
  const { random, targetGroup } = dependencies;
  const arn = stickyGroup(action, sticking) ?? pickByWeight(forwardTargets(action), random())?.arn;
  const group = arn === undefined ? undefined : targetGroup(arn);
  if (!group) return { group, target: undefined };
  const targets = routable(group);
  const target =
    stickyTarget(group, targets, sticking) ?? nextTarget(group, targets, sticking.now, dependencies);
  if (!target) return { group, target };
  return { group, target, cookies: answerCookies(action, group, target, sticking) };
}

function routable(group: TargetGroupRecord): TargetRecord[] {
  const key = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count';
  return routableTargets(group.targets.values(), attributeNumber(group, key));
}

function nextTarget(
  group: TargetGroupRecord,
  targets: readonly TargetRecord[],
  now: number,
  { random, timeScale }: RouteDependencies,
): TargetRecord | undefined {
  return pickTarget(targets, {
    algorithm: attributeText(group, 'load_balancing.algorithm.type'),
    turn: group.turn++,
    draw: random(),
    slowStartMs: attributeNumber(group, 'slow_start.duration_seconds') * 1000 * timeScale,
    now,
  });
}
