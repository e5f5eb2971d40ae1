import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Desk, forward, pathRule } from './desk.ts';
import { type Balanced, createListener, createLoadBalancer, createTargetGroup } from './in-process.ts';
import { VirtualTime } from './virtual-time.ts';

const desk = new Desk();
const start = (options = {}) => desk.start(options);
const setUp = (options = {}) => desk.setUp(options);
afterEach(() => desk.close());

async function healthOf(
  client: Balanced['client'],
  TargetGroupArn: string,
  Targets?: elb.TargetDescription[],
) {
  const answer = await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn, Targets }));
  return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }) => [
    `${Target?.Id}:${Target?.Port}`,
    TargetHealth?.State,
    TargetHealth?.Reason,
  ]);
}

describe('load balancers', () => {
  test('have an ARN, a state and this machine as their name', async () => {
    const { client, balancer } = await setUp();
    expect(balancer).toMatch(
      /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/shop\/[0-9a-f]{16}$/,
    );
    const { LoadBalancers } = await client.send(new elb.DescribeLoadBalancersCommand({ Names: ['shop'] }));
    expect(LoadBalancers).toMatchObject([
      { DNSName: '127.0.0.1', State: { Code: 'active' }, Type: 'application', Scheme: 'internet-facing' },
    ]);
  });

  test('are made once: the same settings give the same one, others are refused', async () => {
    const { client, balancer } = await setUp();
    await expect(createLoadBalancer(client)).resolves.toBe(balancer);
    const other = { Name: 'shop', Subnets: ['subnet-1', 'subnet-3'] };
    await expect(client.send(new elb.CreateLoadBalancerCommand(other))).rejects.toMatchObject({
      name: 'DuplicateLoadBalancerNameException',
      message: "A load balancer with the same name 'shop' exists, but with different settings",
    });
  });

  test('move to other subnets and security groups', async () => {
    const { client, balancer: LoadBalancerArn } = await setUp();
    const Subnets = ['subnet-3', 'subnet-4'];
    const moved = await client.send(new elb.SetSubnetsCommand({ LoadBalancerArn, Subnets }));
    expect(moved.AvailabilityZones?.map(({ SubnetId }) => SubnetId)).toEqual(Subnets);
    const SecurityGroups = ['sg-0a1b2c3d'];
    await client.send(new elb.SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups }));
    const { LoadBalancers } = await client.send(new elb.DescribeLoadBalancersCommand({ Names: ['shop'] }));
    expect(LoadBalancers).toMatchObject([
      { SecurityGroups, AvailabilityZones: [{ SubnetId: 'subnet-3' }, {}] },
    ]);
  });

  test.each<[string, (client: Balanced['client'], LoadBalancerArn: string) => Promise<unknown>, RegExp]>([
    [
      'one subnet',
      (client, LoadBalancerArn) =>
        client.send(new elb.SetSubnetsCommand({ LoadBalancerArn, Subnets: ['subnet-1'] })),
      /At least two subnets/,
    ],
    [
      'what is no security group',
      (client, LoadBalancerArn) =>
        client.send(new elb.SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: ['web'] })),
      /'web' is not valid/,
    ],
    [
      'IPv6',
      (client, LoadBalancerArn) =>
        client.send(new elb.SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'dualstack' })),
      /not offered/,
    ],
  ])('do not move to %s', async (_title, send, message) => {
    const { client, balancer } = await setUp();
    await expect(send(client, balancer)).rejects.toThrow(message);
  });

  test('with deletion protection stay', async () => {
    const { client, balancer } = await setUp();
    const protect = (Value: string) =>
      client.send(
        new elb.ModifyLoadBalancerAttributesCommand({
          LoadBalancerArn: balancer,
          Attributes: [{ Key: 'deletion_protection.enabled', Value }],
        }),
      );
    await protect('true');
    const remove = new elb.DeleteLoadBalancerCommand({ LoadBalancerArn: balancer });
    await expect(client.send(remove)).rejects.toMatchObject({ name: 'OperationNotPermittedException' });
    await protect('false');
    await client.send(remove);
    await expect(
      client.send(new elb.DescribeLoadBalancersCommand({ Names: ['shop'] })),
    ).rejects.toMatchObject({ name: 'LoadBalancerNotFoundException' });
  });

  test('take their listeners with them, which frees the target groups', async () => {
    const { client, balancer, group, listener } = await setUp();
    await client.send(pathRule(listener.arn, 1, '/api/*', forward(group)));
    const remove = new elb.DeleteTargetGroupCommand({ TargetGroupArn: group });
    await expect(client.send(remove)).rejects.toMatchObject({
      name: 'ResourceInUseException',
      message: `Target group '${group}' is currently in use by a listener or a rule`,
    });
    await client.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
    await client.send(remove);
    await expect(
      client.send(new elb.DescribeTargetGroupsCommand({ TargetGroupArns: [group] })),
    ).rejects.toMatchObject({
      name: 'TargetGroupNotFoundException',
      message: 'One or more target groups not found',
    });
  });
});

describe('a target group', () => {
  test('has the defaults of AWS', async () => {
    const { client, group } = await setUp();
    const { TargetGroups } = await client.send(new elb.DescribeTargetGroupsCommand({ Names: ['email-api'] }));
    expect(TargetGroups).toEqual([
      {
        TargetGroupArn: group,
        TargetGroupName: 'email-api',
        Protocol: 'HTTP',
        ProtocolVersion: 'HTTP1',
        Port: 8000,
        VpcId: 'vpc-1',
        HealthCheckProtocol: 'HTTP',
        HealthCheckPort: 'traffic-port',
        HealthCheckEnabled: true,
        HealthCheckIntervalSeconds: 30,
        HealthCheckTimeoutSeconds: 6,
        HealthyThresholdCount: 5,
        UnhealthyThresholdCount: 2,
        HealthCheckPath: '/',
        Matcher: { HttpCode: '200' },
        LoadBalancerArns: [],
        TargetType: 'ip',
        IpAddressType: 'ipv4',
      },
    ]);
  });

  test.each<[string, Partial<elb.CreateTargetGroupCommandInput>, RegExp]>([
    ['a long name', { Name: 'x'.repeat(33) }, /cannot be longer than '32' characters/],
    ['a name with a point', { Name: 'a.b' }, /alphanumeric characters or hyphens/],
    ['a name ending in a hyphen', { Name: 'a-' }, /cannot begin or end with '-'/],
    ['no protocol', { Protocol: undefined }, /A protocol must be specified/],
    ['no port', { Port: undefined }, /A port must be specified/],
    ['no VPC', { VpcId: undefined }, /A VPC ID must be specified/],
    [
      'an interval below 5 s',
      { HealthCheckIntervalSeconds: 4, HealthCheckTimeoutSeconds: 2 },
      /Value '4' at 'healthCheckIntervalSeconds' failed to satisfy constraint: Member must have value greater than or equal to 5/,
    ],
    ['an interval above 300 s', { HealthCheckIntervalSeconds: 301 }, /less than or equal to 300/],
    [
      'a timeout as long as the interval',
      { HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 10 },
      /Health check timeout '10' must be smaller than the interval '10'/,
    ],
    ['a threshold of one', { HealthyThresholdCount: 1 }, /healthyThresholdCount/],
    ['a code beyond 499', { Matcher: { HttpCode: '200-599' } }, /within '200-499'/],
    ['a relative path', { HealthCheckPath: 'health' }, /must begin with '\/'/],
    ['an unknown protocol', { Protocol: 'SPDY' as 'HTTP' }, /Member must satisfy enum value set/],
    [
      'lambda targets, which are not offered here',
      { TargetType: 'lambda' },
      /not offered by the local load balancer/,
    ],
  ])('refuses %s', async (_title, input, message) => {
    const { client } = start();
    await expect(createTargetGroup(client, input)).rejects.toThrow(message);
  });

  test('keeps its attributes, and refuses what it does not know', async () => {
    const { client, group, elbv2 } = await setUp();
    const modify = (Key: string, Value: string) =>
      client.send(
        new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes: [{ Key, Value }] }),
      );
    const key = 'deregistration_delay.timeout_seconds';
    expect(elbv2.targetGroups.deregistrationDelayMs(group)).toBe(300_000);
    const { Attributes } = await modify(key, '30');
    expect(Attributes).toContainEqual({ Key: key, Value: '30' });
    expect(Attributes).toContainEqual({ Key: 'load_balancing.algorithm.type', Value: 'round_robin' });
    expect(elbv2.targetGroups.deregistrationDelayMs(group)).toBe(30_000);
    await expect(modify(key, '3601')).rejects.toThrow(/must be between '0-3600' inclusive/);
    await expect(modify('speed', '1')).rejects.toThrow(
      "Target group attribute key 'speed' is not recognized",
    );
    await expect(modify('load_balancing.algorithm.anomaly_mitigation', 'on')).rejects.toThrow(
      /not offered by the local load balancer/,
    );
  });

  test('changes its health check by parts', async () => {
    const { client, group } = await setUp();
    const change = { TargetGroupArn: group, HealthCheckPath: '/ready', HealthyThresholdCount: 2 };
    const { TargetGroups } = await client.send(new elb.ModifyTargetGroupCommand(change));
    expect(TargetGroups).toMatchObject([
      { HealthCheckPath: '/ready', HealthyThresholdCount: 2, HealthCheckIntervalSeconds: 30 },
    ]);
  });

  test('belongs to one load balancer only', async () => {
    const { client, group, listener } = await setUp();
    await client.send(pathRule(listener.arn, 1, '/api/*', forward(group)));
    const second = await createLoadBalancer(client, 'mail');
    await expect(createListener(client, second, forward(group))).rejects.toMatchObject({
      name: 'TargetGroupAssociationLimitException',
    });
  });
});

describe('tags', () => {
  test('are kept for every kind of resource', async () => {
    const { client, balancer, group, listener } = await setUp();
    const ResourceArns = [balancer, group, listener.arn];
    await client.send(
      new elb.AddTagsCommand({ ResourceArns, Tags: [{ Key: 'a', Value: '1' }, { Key: 'b' }] }),
    );
    await client.send(new elb.RemoveTagsCommand({ ResourceArns: [group], TagKeys: ['a'] }));
    const { TagDescriptions } = await client.send(new elb.DescribeTagsCommand({ ResourceArns }));
    expect(TagDescriptions?.map(({ Tags }) => Tags?.map(({ Key }) => Key))).toEqual([
      ['a', 'b'],
      ['b'],
      ['a', 'b'],
    ]);
  });

  test('given twice are refused', async () => {
    const { client, group } = await setUp();
    const input = { ResourceArns: [group], Tags: [{ Key: 'a' }, { Key: 'a' }] };
    await expect(client.send(new elb.AddTagsCommand(input))).rejects.toMatchObject({
      name: 'DuplicateTagKeysException',
    });
  });
});

describe('targets', () => {
  const target = { Id: '10.0.1.7', Port: 8000 };

  test('of a group that no load balancer uses are unused', async () => {
    const { client, group } = await setUp();
    await client.send(
      new elb.RegisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: target.Id }] }),
    );
    expect(await healthOf(client, group)).toEqual([['10.0.1.7:8000', 'unused', 'Target.NotInUse']]);
  });

  test('not registered are said to be so', async () => {
    const { client, group } = await setUp();
    expect(await healthOf(client, group, [target])).toEqual([
      ['10.0.1.7:8000', 'unused', 'Target.NotRegistered'],
    ]);
  });

  test('must be addresses', async () => {
    const { client, group } = await setUp();
    const input = { TargetGroupArn: group, Targets: [{ Id: 'i-123' }] };
    await expect(client.send(new elb.RegisterTargetsCommand(input))).rejects.toThrow(
      "The IP address 'i-123' is not a valid IPv4 address",
    );
  });

  test('go from initial to healthy to draining to gone, the delay shortened by the time scale', async () => {
    const time = new VirtualTime();
    const answers: ('failed' | 200)[] = ['failed', 200];
    const { client, group, listener, elbv2 } = await setUp({
      clock: time,
      timer: time,
      timeScale: 0.1,
      probe: async () => {
        const answer = answers.shift() ?? 200;
        return answer === 'failed' ? { kind: 'failed' } : { kind: 'answered', code: answer };
      },
    });
    await client.send(pathRule(listener.arn, 1, '/api/*', forward(group)));
    await elbv2.start();
    let changes = 0;
    elbv2.targetGroups.onChange(() => changes++);
    elbv2.targetGroups.register(group, { id: '10.0.1.7', port: 8000 });
    await time.pass(1000);
    expect(await healthOf(client, group)).toEqual([
      ['10.0.1.7:8000', 'initial', 'Elb.InitialHealthChecking'],
    ]);
    await time.pass(30_000);
    expect(await healthOf(client, group)).toEqual([['10.0.1.7:8000', 'healthy', undefined]]);

    elbv2.targetGroups.deregister(group, { id: '10.0.1.7', port: 8000 });
    const changesBefore = changes;
    await time.pass(29_999);
    expect(await healthOf(client, group)).toEqual([
      ['10.0.1.7:8000', 'draining', 'Target.DeregistrationInProgress'],
    ]);
    await time.pass(1);
    expect(changes).toBe(changesBefore + 1);
    expect(await healthOf(client, group)).toEqual([]);
    expect(elbv2.targetGroups.health(group, { id: '10.0.1.7', port: 8000 })).toMatchObject({
      state: 'unused',
    });
  });

  test('registered again while they drain start anew', async () => {
    const time = new VirtualTime();
    const { client, group, listener } = await setUp({ clock: time, timer: time });
    await client.send(pathRule(listener.arn, 1, '/api/*', forward(group)));
    const input = { TargetGroupArn: group, Targets: [target] };
    await client.send(new elb.RegisterTargetsCommand(input));
    await client.send(
      new elb.DeregisterTargetsCommand({ TargetGroupArn: group, Targets: [{ Id: target.Id }] }),
    );
    expect(await healthOf(client, group)).toMatchObject([['10.0.1.7:8000', 'draining', expect.anything()]]);
    await client.send(new elb.RegisterTargetsCommand(input));
    await time.pass(400_000);
    expect(await healthOf(client, group)).toMatchObject([['10.0.1.7:8000', 'initial', expect.anything()]]);
  });
});

describe('lists', () => {
  test('come in pages', async () => {
    const { client } = start();
    for (const name of ['a', 'b', 'c']) await createTargetGroup(client, { Name: name });
    const names: (string | undefined)[][] = [];
    for await (const page of elb.paginateDescribeTargetGroups({ client }, { PageSize: 2 })) {
      names.push((page.TargetGroups ?? []).map(({ TargetGroupName }) => TargetGroupName));
    }
    expect(names).toEqual([['a', 'b'], ['c']]);
  });

  test('of another region are empty', async () => {
    const { elbv2, client } = start();
    await createTargetGroup(client);
    const describe = elbv2.handlers.DescribeTargetGroups;
    const context = { accountId: '123456789012', accessKeyId: 'a', now: 0 };
    expect(await describe?.({}, { ...context, region: 'eu-west-1' })).toMatchObject({ TargetGroups: [] });
    expect(await describe?.({}, { ...context, region: 'us-east-1' })).toMatchObject({
      TargetGroups: [{ Port: 8000 }],
    });
  });
});
