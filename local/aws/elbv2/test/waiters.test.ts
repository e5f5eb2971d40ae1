import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterEach, expect, test } from '@jest/globals';
import { Front } from './front.ts';

const front = new Front();
afterEach(() => front.close());

const MAX_WAIT_S = 60;

test("the SDK's waiters end as soon as what they wait for is so", async () => {
  const target = await front.serve((_, response) => response.end());
  const { client, balancer, arns, time } = await front.balance({ web: [target.port] });
  const waiter = { client, maxWaitTime: MAX_WAIT_S };
  const LoadBalancerArns = [balancer];
  const health = { TargetGroupArn: arns.web, Targets: [{ Id: '127.0.0.1', Port: target.port }] };
  expect(await elb.waitUntilLoadBalancerExists(waiter, { LoadBalancerArns })).toMatchObject({
    state: 'SUCCESS',
  });
  expect(await elb.waitUntilLoadBalancerAvailable(waiter, { LoadBalancerArns })).toMatchObject({
    state: 'SUCCESS',
  });
  expect(await elb.waitUntilTargetInService(waiter, health)).toMatchObject({ state: 'SUCCESS' });
  await client.send(new elb.DeregisterTargetsCommand(health));
  await time.pass(300_000);
  expect(await elb.waitUntilTargetDeregistered(waiter, health)).toMatchObject({ state: 'SUCCESS' });
  await client.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn: balancer }));
  expect(await elb.waitUntilLoadBalancersDeleted(waiter, { LoadBalancerArns })).toMatchObject({
    state: 'SUCCESS',
  });
});
