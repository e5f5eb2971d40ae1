import { describe, expect, test } from '@jest/globals';
import { createScriptedTrafficRules } from '../../runtime/scripted-traffic-rules.ts';

describe('scripted traffic rules', () => {
  test('keep the weights they are given and remember each change', () => {
    const rules = createScriptedTrafficRules();
    rules.create('rule', { blue: 100, green: 0 });
    rules.setWeights('rule', { blue: 95, green: 5 });
    rules.setWeights('rule', { blue: 0, green: 100 });
    expect(rules.weights('rule')).toEqual({ blue: 0, green: 100 });
    expect(rules.shifts()).toEqual([
      { ruleArn: 'rule', weights: { blue: 95, green: 5 } },
      { ruleArn: 'rule', weights: { blue: 0, green: 100 } },
    ]);
  });

  test('know no rule that was never made or has been removed', () => {
    const rules = createScriptedTrafficRules();
    rules.create('rule', { blue: 100 });
    rules.remove('rule');
    expect(rules.weights('rule')).toBeUndefined();
    expect(() => rules.setWeights('rule', { blue: 1 })).toThrow('One or more rules not found');
  });

  test.each([-1, 1000, 0.1, Number.NaN])('refuse the weight %p and change nothing', (weight) => {
    const rules = createScriptedTrafficRules();
    rules.create('rule', { blue: 100 });
    expect(() => rules.setWeights('rule', { blue: weight })).toThrow('must be a whole number from 0 to 999');
    expect(rules.weights('rule')).toEqual({ blue: 100 });
    expect(rules.shifts()).toEqual([]);
  });
});
