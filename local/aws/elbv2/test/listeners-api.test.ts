import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Desk, forward, notFound, pathRule } from './desk.ts';
import { createListener } from './in-process.ts';

const desk = new Desk();
const setUp = () => desk.setUp();
afterEach(() => desk.close());

describe('a listener', () => {
  test('shows its actions in full', async () => {
    const { client, balancer, group } = await setUp();
    const made = await createListener(client, balancer, forward(group), 8081);
    const { Listeners } = await client.send(new elb.DescribeListenersCommand({ ListenerArns: [made.arn] }));
    expect(Listeners?.[0]?.DefaultActions).toEqual([
      {
        Type: 'forward',
        Order: 1,
        TargetGroupArn: group,
        ForwardConfig: {
          TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
          TargetGroupStickinessConfig: { Enabled: false },
        },
      },
    ]);
  });

  test('is one a port', async () => {
    const { client, balancer } = await setUp();
    await expect(createListener(client, balancer, notFound)).rejects.toMatchObject({
      name: 'DuplicateListenerException',
    });
  });

  test('forwards to groups that exist only', async () => {
    const { client, balancer, group } = await setUp();
    await expect(
      createListener(client, balancer, forward(`${group.slice(0, -1)}x`), 81),
    ).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
    });
  });
});

describe('a redirect', () => {
  const redirect = (RedirectConfig: Partial<elb.RedirectActionConfig>): elb.Action => ({
    Type: 'redirect',
    RedirectConfig: { StatusCode: 'HTTP_301', ...RedirectConfig },
  });

  test('is shown with the parts it keeps', async () => {
    const { client, balancer } = await setUp();
    const made = await createListener(client, balancer, redirect({ Protocol: 'HTTPS', Port: '443' }), 8081);
    const { Listeners } = await client.send(new elb.DescribeListenersCommand({ ListenerArns: [made.arn] }));
    expect(Listeners?.[0]?.DefaultActions).toEqual([
      {
        Type: 'redirect',
        Order: 1,
        RedirectConfig: {
          Protocol: 'HTTPS',
          Port: '443',
          Host: '#{host}',
          Path: '/#{path}',
          Query: '#{query}',
          StatusCode: 'HTTP_301',
        },
      },
    ]);
  });

  test.each<[string, Partial<elb.RedirectActionConfig>, RegExp]>([
    ['back to where it came from', {}, /creates a loop/],
    ['with another query only', { Query: 'a=1' }, /creates a loop/],
    [
      'with an unknown status',
      { StatusCode: 'HTTP_307' as 'HTTP_301' },
      /enum value set: \[HTTP_301, HTTP_302\]/,
    ],
    ['over another protocol', { Protocol: 'FTP' }, /must be 'HTTP', 'HTTPS'/],
    ['to a port that is none', { Port: '70000' }, /range of 1-65535/],
    ['to a relative path', { Path: 'new' }, /must begin with '\/'/],
    ['with a question mark', { Path: '/x', Query: '?a=1' }, /no leading '\?'/],
    ['with an unknown keyword', { Path: '/#{user}' }, /keyword '#\{user\}' is not one of/],
  ])('%s is refused', async (_title, config, message) => {
    const { client, balancer } = await setUp();
    await expect(createListener(client, balancer, redirect(config), 81)).rejects.toThrow(message);
  });
});

describe('rules', () => {
  test('are listed by priority, the default last', async () => {
    const { client, listener, group } = await setUp();
    for (const [priority, path] of [
      [20, '/b'],
      [10, '/a'],
    ] as const) {
      await client.send(pathRule(listener.arn, priority, path, forward(group)));
    }
    const { Rules = [] } = await client.send(new elb.DescribeRulesCommand({ ListenerArn: listener.arn }));
    expect(Rules.map(({ Priority, IsDefault }) => [Priority, IsDefault])).toEqual([
      ['10', false],
      ['20', false],
      ['default', true],
    ]);
    expect(Rules[0]?.Conditions).toEqual([
      { Field: 'path-pattern', Values: ['/a'], PathPatternConfig: { Values: ['/a'] } },
    ]);
  });

  test('change places in one call', async () => {
    const { client, listener, group } = await setUp();
    const arns: string[] = [];
    for (const priority of [1, 2]) {
      const { Rules } = await client.send(pathRule(listener.arn, priority, `/${priority}`, forward(group)));
      arns.push(Rules?.[0]?.RuleArn ?? '');
    }
    const [first, second] = arns;
    const set = (pairs: elb.RulePriorityPair[]) =>
      client.send(new elb.SetRulePrioritiesCommand({ RulePriorities: pairs }));
    const swap = [
      { RuleArn: first, Priority: 2 },
      { RuleArn: second, Priority: 1 },
    ];
    const { Rules } = await set(swap);
    expect(Rules?.map(({ Priority }) => Priority)).toEqual(['2', '1']);
    await expect(set([{ RuleArn: first, Priority: 1 }])).rejects.toMatchObject({
      name: 'PriorityInUseException',
      message: "Priority '1' is currently in use",
    });
  });

  test.each<[string, elb.RuleCondition[], RegExp]>([
    ['no condition', [], /A condition must be specified/],
    ['an unknown field', [{ Field: 'cookie', Values: ['a'] }], /Condition field 'cookie' must be one of/],
    [
      'a method without its config',
      [{ Field: 'source-ip', Values: ['10.0.0.0/8'] }],
      /provide 'SourceIpConfig'/,
    ],
    ['no CIDR block', [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.1'] } }], /valid CIDR block/],
    [
      'a prefix that is too long',
      [{ Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/33'] } }],
      /valid CIDR block/,
    ],
    [
      'a method in small letters',
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }],
      /not allowed/,
    ],
    [
      'the Host header',
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'host', Values: ['a'] } }],
      /use 'host-header'/,
    ],
    [
      'a header without a name',
      [{ Field: 'http-header', HttpHeaderConfig: { Values: ['a'] } }],
      /httpHeaderName/,
    ],
    [
      'a query pair without a value',
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a' }] } }],
      /must have a Value/,
    ],
    [
      'the config of another field',
      [{ Field: 'path-pattern', SourceIpConfig: { Values: ['10.0.0.0/8'] } }],
      /cannot provide 'SourceIpConfig' for a condition of type 'path-pattern'/,
    ],
    [
      'two methods conditions',
      ['GET', 'PUT'].map((method) => ({
        Field: 'http-request-method',
        HttpRequestMethodConfig: { Values: [method] },
      })),
      /only have one 'http-request-method'/,
    ],
    [
      'a regular expression',
      [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/a'] } }],
      /not offered by the local load balancer/,
    ],
    [
      'two old-style values',
      [{ Field: 'path-pattern', Values: ['/a', '/b'] }],
      /too many values; the limit is '1'/,
    ],
    [
      'no value',
      [{ Field: 'path-pattern', PathPatternConfig: { Values: [] } }],
      /A condition value must be specified/,
    ],
    ['a long path', [{ Field: 'path-pattern', Values: ['/'.repeat(129)] }], /too long; the limit is '128'/],
    ['a path with a space', [{ Field: 'path-pattern', Values: ['/a b'] }], /not allowed/],
    [
      'six values',
      [{ Field: 'host-header', HostHeaderConfig: { Values: ['a', 'b', 'c', 'd', 'e', 'f'] } }],
      /A rule can only have '5' condition values/,
    ],
  ])('with %s are refused', async (_title, Conditions, message) => {
    const { client, listener, group } = await setUp();
    const rule = { ListenerArn: listener.arn, Priority: 1, Conditions, Actions: [forward(group)] };
    await expect(client.send(new elb.CreateRuleCommand(rule))).rejects.toThrow(message);
  });

  test('change and go, the default one does not', async () => {
    const { client, listener, group } = await setUp();
    const { Rules } = await client.send(pathRule(listener.arn, 1, '/a', forward(group)));
    const RuleArn = Rules?.[0]?.RuleArn ?? '';
    const Conditions = [{ Field: 'host-header', Values: ['shop.example.com'] }];
    const changed = await client.send(new elb.ModifyRuleCommand({ RuleArn, Conditions }));
    expect(changed.Rules?.[0]?.Conditions).toMatchObject(Conditions);
    await client.send(new elb.DeleteRuleCommand({ RuleArn }));
    const left = await client.send(new elb.DescribeRulesCommand({ ListenerArn: listener.arn }));
    const fallback = left.Rules?.[0]?.RuleArn;
    expect(left.Rules).toHaveLength(1);
    await expect(client.send(new elb.DeleteRuleCommand({ RuleArn: fallback }))).rejects.toMatchObject({
      name: 'OperationNotPermittedException',
      message: `Default rule '${fallback}' cannot be deleted`,
    });
  });
});
