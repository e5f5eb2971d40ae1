import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { inProcessHandler } from '../../wire/in-process.ts';
import { queryService } from '../../wire/query.ts';
import { createElbv2, ELBV2_XML_NAMESPACE, type Elbv2, type Elbv2Options } from '../elbv2.ts';

export interface Balanced {
  elbv2: Elbv2;
  client: elb.ElasticLoadBalancingV2Client;
}

/** A local ELBv2 with the real SDK client in front, in process; targets are ports of this machine. */
export function startBalanced(options: Partial<Elbv2Options> = {}): Balanced {
  const elbv2 = createElbv2({
    clock: { now: () => Date.now() },
    resolveTarget: (host, port) => ({ host, port }),
    ...options,
  });
  const service = queryService(elb, ELBV2_XML_NAMESPACE, elbv2.handlers);
  const client = new elb.ElasticLoadBalancingV2Client({
    region: 'us-east-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'any' },
    requestHandler: inProcessHandler(service, () => ({
      accountId: '123456789012',
      region: 'us-east-1',
      accessKeyId: '123456789012',
      now: 1_800_000_000_000,
    })),
    maxAttempts: 1,
  });
  return { elbv2, client };
}

export async function createLoadBalancer(client: Balanced['client'], name = 'shop'): Promise<string> {
  const { LoadBalancers } = await client.send(
    new elb.CreateLoadBalancerCommand({ Name: name, Subnets: ['subnet-1', 'subnet-2'] }),
  );
  return LoadBalancers?.[0]?.LoadBalancerArn ?? '';
}

export async function createTargetGroup(
  client: Balanced['client'],
  input: Partial<elb.CreateTargetGroupCommandInput> = {},
): Promise<string> {
  const { TargetGroups } = await client.send(
    new elb.CreateTargetGroupCommand({
      Name: 'email-api',
      Protocol: 'HTTP',
      Port: 8000,
      VpcId: 'vpc-1',
      TargetType: 'ip',
      ...input,
    }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? '';
}

/** Makes a listener on a port of the system's choice; gives its ARN and port. */
export async function createListener(
  client: Balanced['client'],
  LoadBalancerArn: string,
  action: elb.Action,
  Port = 80,
): Promise<{ arn: string; port: number }> {
  const { Listeners } = await client.send(
    new elb.CreateListenerCommand({ LoadBalancerArn, Protocol: 'HTTP', Port, DefaultActions: [action] }),
  );
  return { arn: Listeners?.[0]?.ListenerArn ?? '', port: Listeners?.[0]?.Port ?? 0 };
}
