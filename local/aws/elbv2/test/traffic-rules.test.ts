import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, test } from '@jest/globals';
import { createListener, createLoadBalancer, createTargetGroup, startBalanced } from './in-process.ts';

/** A listener that forwards to blue by default, with one more rule; the ports are not opened. */
async function setUp() {
  const { client, elbv2 } = startBalanced();
  const balancer = await createLoadBalancer(client);
  const blue = await createTargetGroup(client, { Name: 'blue' });
  const green = await createTargetGroup(client, { Name: 'green' });
  const listener = await createListener(client, balancer, { Type: 'forward', TargetGroupArn: blue });
  const fixed: elb.Action = { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } };
  await client.send(
    new elb.CreateRuleCommand({
      ListenerArn: listener.arn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/test'] }],
      Actions: [fixed],
    }),
  );
  const { Rules = [] } = await client.send(new elb.DescribeRulesCommand({ ListenerArn: listener.arn }));
  const [rule = '', fallback = ''] = Rules.map(({ RuleArn }) => RuleArn ?? '');
  return { client, traffic: elbv2.trafficRules, blue, green, rule, fallback };
}

describe('traffic rules', () => {
  test('shift a default rule and any other rule, and the API shows it', async () => {
    const { client, traffic, blue, green, rule, fallback } = await setUp();
    expect(traffic.weights(fallback)).toEqual({ [blue]: 1 });
    expect(traffic.weights(rule)).toEqual({});
    traffic.setWeights(fallback, { [blue]: 95, [green]: 5 });
    traffic.setWeights(rule, { [green]: 100, [blue]: 0 });
    expect(traffic.weights(fallback)).toEqual({ [blue]: 95, [green]: 5 });
    const { Rules = [] } = await client.send(new elb.DescribeRulesCommand({ RuleArns: [rule, fallback] }));
    expect(Rules.map(({ Actions }) => Actions?.[0]?.ForwardConfig?.TargetGroups)).toEqual([
      [
        { TargetGroupArn: green, Weight: 100 },
        { TargetGroupArn: blue, Weight: 0 },
      ],
      [
        { TargetGroupArn: blue, Weight: 95 },
        { TargetGroupArn: green, Weight: 5 },
      ],
    ]);
  });

  test('know nothing of a rule that is not there', async () => {
    const { traffic, blue, rule } = await setUp();
    const gone = `${rule.slice(0, -4)}0000`;
    expect(traffic.weights(gone)).toBeUndefined();
    expect(traffic.weights(blue)).toBeUndefined();
    expect(() => traffic.setWeights(gone, { [blue]: 1 })).toThrow('One or more rules not found');
    expect(() => traffic.setWeights(blue, { [blue]: 1 })).toThrow('One or more rules not found');
  });

  test.each<[string, (blue: string) => Record<string, number>, string]>([
    ['a weight above 999', (blue) => ({ [blue]: 1000 }), 'less than or equal to 999'],
    ['half a weight', (blue) => ({ [blue]: 0.5 }), 'must be a whole number'],
    ['a group that is not there', (blue) => ({ [blue.replace('blue', 'red')]: 1 }), 'not found'],
    ['no group', () => ({}), 'A target group ARN must be specified'],
  ])('refuse %s and change nothing', async (_title, weights, message) => {
    const { traffic, blue, fallback } = await setUp();
    expect(() => traffic.setWeights(fallback, weights(blue))).toThrow(message);
    expect(traffic.weights(fallback)).toEqual({ [blue]: 1 });
  });
});
