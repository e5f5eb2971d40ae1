import { AwsFault } from '../../fault.ts';
import type { TrafficRules } from '../traffic-rules.ts';

/** One change of a rule's weights, as `setWeights` was called. */
export interface TrafficShift {
  ruleArn: string;
  weights: Record<string, number>;
}

export interface ScriptedTrafficRules extends TrafficRules {
  /** Makes a rule, as a listener or CreateRule would. */
  create(ruleArn: string, weights: Record<string, number>): void;
  /** Removes a rule, as somebody may in the middle of a deployment. */
  remove(ruleArn: string): void;
  /** Every `setWeights` so far, oldest first. */
  shifts(): TrafficShift[];
  /** The rules and their weights, as plain data. */
  save(): SavedRules;
  load(saved: SavedRules): void;
}

/** Weights by target group, by rule. */
export type SavedRules = Record<string, Record<string, number>>;

/** Listener rules without a load balancer: they keep their weights and remember each change. */
export function createScriptedTrafficRules(): ScriptedTrafficRules {
  const rules = new Map<string, Record<string, number>>();
  const shifts: TrafficShift[] = [];
  return {
    create: (ruleArn, weights) => void rules.set(ruleArn, { ...weights }),
    remove: (ruleArn) => void rules.delete(ruleArn),
    shifts: () => shifts.map(({ ruleArn, weights }) => ({ ruleArn, weights: { ...weights } })),
    save: () => Object.fromEntries([...rules].map(([ruleArn, weights]) => [ruleArn, { ...weights }])),
    load(saved) {
      for (const [ruleArn, weights] of Object.entries(saved)) rules.set(ruleArn, { ...weights });
    },
    weights(ruleArn) {
      const weights = rules.get(ruleArn);
      return weights && { ...weights };
    },
    setWeights(ruleArn, weights) {
      if (!rules.has(ruleArn)) throw new AwsFault('RuleNotFound', 'One or more rules not found');
      for (const weight of Object.values(weights)) {
        if (Number.isInteger(weight) && weight >= 0 && weight <= 999) continue;
        throw new AwsFault('ValidationError', `Weight '${weight}' must be a whole number from 0 to 999`);
      }
      rules.set(ruleArn, { ...weights });
      shifts.push({ ruleArn, weights: { ...weights } });
    },
  };
}
