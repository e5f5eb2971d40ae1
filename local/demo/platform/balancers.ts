import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Clients } from '../clients.ts';
import { required } from '../ground.ts';

/** Where a service is reached: the target group its tasks join, and the listener that leads to it. */
export interface Door {
  readonly targetGroupArn: string;
  /** Port of the listener on 127.0.0.1. */
  readonly port: number;
}

/**
 * Makes a load balancer with a listener for each service, on the service's own port; an HTTPS one where there is a
 * certificate, else HTTP.
 */
export async function openDoors(
  { elb }: Clients,
  balancer: string,
  services: readonly { name: string; port: number }[],
  certificateArn?: string,
): Promise<ReadonlyMap<string, Door>> {
  const made = await elb.send(
    new CreateLoadBalancerCommand({
      Name: balancer,
      Subnets: ['subnet-a', 'subnet-b'],
      Scheme: 'internal',
    }),
  );
  const LoadBalancerArn = required(made.LoadBalancers?.[0]?.LoadBalancerArn, 'load balancer');
  const doors = new Map<string, Door>();
  for (const { name, port } of services) {
    const { TargetGroups } = await elb.send(
      new CreateTargetGroupCommand({
        Name: `${balancer}-${name}`,
        Protocol: 'HTTP',
        Port: port,
        VpcId: 'vpc-platform',
        TargetType: 'ip',
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: 5,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
        UnhealthyThresholdCount: 3,
      }),
    );
    const targetGroupArn = required(TargetGroups?.[0]?.TargetGroupArn, 'target group');
    await elb.send(
      new ModifyTargetGroupAttributesCommand({
        TargetGroupArn: targetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
      }),
    );
    const { Listeners } = await elb.send(
      new CreateListenerCommand({
        LoadBalancerArn,
        Port: port,
        ...(certificateArn === undefined
          ? { Protocol: 'HTTP' }
          : { Protocol: 'HTTPS', Certificates: [{ CertificateArn: certificateArn }] }),
        DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      }),
    );
    doors.set(name, { targetGroupArn, port: required(Listeners?.[0]?.Port, 'listener') });
  }
  return doors;
}
