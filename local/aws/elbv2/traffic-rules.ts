import type { TrafficRules } from '../ecs/traffic-rules.ts';
import { readActions } from './api/actions.ts';
import { tryParseElbArn } from './arn.ts';
import { forwardTargets } from './records.ts';
import { type Elbv2State, findRule, resourceNotFound } from './state.ts';

/** The weights of listener rules as ECS's strategies read and set them; a default rule is a rule here. */
export function createTrafficRules(state: Elbv2State, changed: () => void): TrafficRules {
  const regionOf = (ruleArn: string) => {
    const parts = tryParseElbArn(ruleArn);
    return parts?.kind === 'listener-rule' ? state.region(parts) : undefined;
  };
  return {
    weights(ruleArn) {
      const action = forwardOf(state, ruleArn)?.at(-1);
      if (!action) return undefined;
      return Object.fromEntries(forwardTargets(action).map(({ arn, weight }) => [arn, weight]));
    },
    setWeights(ruleArn, weights) {
      const region = regionOf(ruleArn);
      if (!region) throw resourceNotFound('listener-rule');
      const { listener, rule } = findRule(region, ruleArn);
      const stickiness = (rule?.actions ?? listener.defaultActions).at(-1)?.ForwardConfig
        ?.TargetGroupStickinessConfig;
      const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
        TargetGroupArn,
        Weight,
      }));
      const ForwardConfig = {
        TargetGroups,
        ...(stickiness && { TargetGroupStickinessConfig: stickiness }),
      };
      const actions = readActions(region, listener.loadBalancerArn, [{ Type: 'forward', ForwardConfig }]);
      if (rule) rule.actions = actions;
      else listener.defaultActions = actions;
      changed();
    },
  };
}

function forwardOf(state: Elbv2State, ruleArn: string) {
  for (const region of state.regions()) {
    for (const listener of region.listeners.values()) {
      if (listener.defaultRuleArn === ruleArn) return listener.defaultActions;
      const rule = listener.rules.find(({ arn }) => arn === ruleArn);
      if (rule) return rule.actions;
    }
  }
  return undefined;
}
