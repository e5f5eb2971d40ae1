import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Answer, ask, Front } from './front.ts';

const front = new Front();
afterEach(() => front.close());

const named = (name: string, cookie?: string) =>
  front.serve((_, response) => {
    if (cookie) response.setHeader('set-cookie', cookie);
    response.end(name);
  });

/** The cookies of an answer as a Cookie field. */
const cookiesOf = ({ headers }: Answer) =>
  (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ');
const cookieNames = ({ headers }: Answer) => (headers['set-cookie'] ?? []).map((line) => line.split('=')[0]);

async function twoGroups() {
  const [blue, green] = await Promise.all([named('blue'), named('green')]);
  const balanced = await front.balance({ blue: [blue.port], green: [green.port] });
  const { client, listener, arns } = balanced;
  const shift = (weights: [number, number]) =>
    client.send(
      new elb.ModifyListenerCommand({
        ListenerArn: listener,
        DefaultActions: [
          {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: Object.values(arns).map((TargetGroupArn, index) => ({
                TargetGroupArn,
                Weight: weights[index],
              })),
              TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
            },
          },
        ],
      }),
    );
  return { ...balanced, shift };
}

describe('group stickiness', () => {
  test('holds a client at its group while that has weight', async () => {
    const { port, shift, time } = await twoGroups();
    await shift([100, 0]);
    const first = await ask(port);
    expect([first.body, cookieNames(first)]).toEqual(['blue', ['AWSALBTG', 'AWSALBTGCORS']]);
    const headers = { cookie: cookiesOf(first) };
    await shift([1, 999]);
    const again = await Promise.all(Array.from({ length: 20 }, () => ask(port, '/', { headers })));
    expect(new Set(again.map(({ body }) => body))).toEqual(new Set(['blue']));
    await shift([0, 100]);
    expect((await ask(port, '/', { headers })).body).toBe('green');
    await shift([100, 1]);
    await time.pass(60_000);
    expect((await ask(port, '/', { headers })).headers['set-cookie']).toHaveLength(2);
  });

  test('needs to be told for how long', async () => {
    const { client, listener, arns } = await twoGroups();
    const ForwardConfig = {
      TargetGroups: [{ TargetGroupArn: arns.blue }],
      TargetGroupStickinessConfig: { Enabled: true },
    };
    const change = { ListenerArn: listener, DefaultActions: [{ Type: 'forward' as const, ForwardConfig }] };
    await expect(client.send(new elb.ModifyListenerCommand(change))).rejects.toThrow(/durationSeconds/);
  });
});

async function threeTargets(attributes: Record<string, string>, cookie?: string) {
  const targets = await Promise.all(['a', 'b', 'c'].map((name) => named(name, cookie)));
  const balanced = await front.balance({ web: targets.map(({ port }) => port) });
  const Attributes = Object.entries(attributes).map(([Key, Value]) => ({ Key, Value }));
  const TargetGroupArn = balanced.arns.web;
  await balanced.client.send(new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  return { ...balanced, targets, group: TargetGroupArn ?? '' };
}

const bodies = async (port: number, cookie: string) => {
  const answers = await Promise.all([1, 2, 3, 4].map(() => ask(port, '/', { headers: { cookie } })));
  return [...new Set(answers.map(({ body }) => body))];
};

describe('target stickiness', () => {
  test('by the load balancer holds a client at its target until that drains', async () => {
    const { port, elbv2, group, targets } = await threeTargets({ 'stickiness.enabled': 'true' });
    const first = await ask(port);
    expect(cookieNames(first)).toEqual(['AWSALB', 'AWSALBCORS']);
    expect(await bodies(port, cookiesOf(first))).toEqual([first.body]);
    const target = targets['abc'.indexOf(first.body)];
    elbv2.targetGroups.deregister(group, { id: '127.0.0.1', port: target?.port ?? 0 });
    expect(await bodies(port, cookiesOf(first))).not.toContain(first.body);
  });

  test('by the application needs the cookie of the application too', async () => {
    const attributes = {
      'stickiness.enabled': 'true',
      'stickiness.type': 'app_cookie',
      'stickiness.app_cookie.cookie_name': 'SESSION',
    };
    const { port } = await threeTargets(attributes, 'SESSION=abc');
    const first = await ask(port);
    expect(cookieNames(first)).toEqual(['SESSION', 'AWSALBAPP-0']);
    expect(await bodies(port, cookiesOf(first))).toEqual([first.body]);
    const without = cookiesOf(first).replace('SESSION=abc; ', '');
    expect((await bodies(port, without)).length).toBeGreaterThan(1);
  });

  test.each([
    ['stickiness.app_cookie.cookie_name', 'AWSALB', /does not begin with 'AWSALB'/],
    ['stickiness.lb_cookie.duration_seconds', '0', /between '1-604800'/],
    ['stickiness.type', 'source_ip', /must be one of \[lb_cookie, app_cookie\]/],
    ['slow_start.duration_seconds', '10', /between '30-900'/],
  ])('%s cannot be %s', async (key, value, message) => {
    await expect(threeTargets({ [key]: value })).rejects.toThrow(message);
  });
});
