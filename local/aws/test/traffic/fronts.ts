import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  type ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** Where a listener listens, and its one rule. */
export interface Front {
  url: string;
  ruleArn: string;
}

/** Two target groups, and two listeners whose rules forward to the blue one. */
export interface Fronts {
  blue: string;
  green: string;
  production: Front;
  test: Front;
}

/** Builds one load balancer; the deregistration delay is that of both target groups. */
export async function buildFronts(
  elb: ElasticLoadBalancingV2Client,
  deregistrationDelaySeconds: number,
): Promise<Fronts> {
  const make = new CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['subnet-1', 'subnet-2'] });
  const { LoadBalancers } = await elb.send(make);
  const balancer = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const blue = await createTargetGroup(elb, 'blue', deregistrationDelaySeconds);
  const green = await createTargetGroup(elb, 'green', deregistrationDelaySeconds);
  const listener = (port: number) => listen(elb, balancer, { port, targetGroup: blue });
  return { blue, green, production: await listener(18_080), test: await listener(18_081) };
}

async function createTargetGroup(
  elb: ElasticLoadBalancingV2Client,
  Name: string,
  delaySeconds: number,
): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      ...{ Name, Protocol: 'HTTP', Port: 8080, VpcId: 'vpc-1', TargetType: 'ip' },
      ...{ HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 4 },
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: String(delaySeconds) }];
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  return TargetGroupArn;
}

/** A listener that knows nothing but one rule, which forwards to the target group. */
async function listen(
  elb: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  { port: Port, targetGroup }: { port: number; targetGroup: string },
): Promise<Front> {
  const nothing = { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '404' } };
  const listener = { LoadBalancerArn, Protocol: 'HTTP' as const, Port, DefaultActions: [nothing] };
  const { Listeners } = await elb.send(new CreateListenerCommand(listener));
  const { ListenerArn, Port: realPort } = Listeners?.[0] ?? {};
  const { Rules } = await elb.send(
    new CreateRuleCommand({
      ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroup }],
    }),
  );
  return { url: `http://127.0.0.1:${realPort}`, ruleArn: Rules?.[0]?.RuleArn ?? '' };
}
