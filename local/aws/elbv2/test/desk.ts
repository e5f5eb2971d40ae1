import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Elbv2Options } from '../elbv2.ts';
import {
  type Balanced,
  createListener,
  createLoadBalancer,
  createTargetGroup,
  startBalanced,
} from './in-process.ts';

export const notFound: elb.Action = {
  Type: 'fixed-response',
  FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'no such path' },
};

export const forward = (TargetGroupArn: string): elb.Action => ({ Type: 'forward', TargetGroupArn });

export const pathRule = (ListenerArn: string, Priority: number, path: string, action: elb.Action) =>
  new elb.CreateRuleCommand({
    ListenerArn,
    Priority,
    Conditions: [{ Field: 'path-pattern', Values: [path] }],
    Actions: [action],
  });

/** Load balancers of a test, all stopped together. */
export class Desk {
  readonly #opened: Balanced[] = [];

  start(options: Partial<Elbv2Options> = {}): Balanced {
    const balanced = startBalanced(options);
    this.#opened.push(balanced);
    return balanced;
  }

  /** A load balancer with a listener that answers 404, and a target group without a listener. */
  async setUp(options: Partial<Elbv2Options> = {}) {
    const balanced = this.start(options);
    const { client } = balanced;
    const balancer = await createLoadBalancer(client);
    const group = await createTargetGroup(client);
    const listener = await createListener(client, balancer, notFound);
    return { ...balanced, balancer, group, listener };
  }

  async close(): Promise<void> {
    for (const { elbv2 } of this.#opened.splice(0)) await elbv2.stop();
  }
}
