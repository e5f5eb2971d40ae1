import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, expect, test } from '@jest/globals';
import { Desk, forward, notFound, pathRule } from '../../elbv2/test/desk.ts';
import { makeSelfSigned } from '../../elbv2/tls/self-signed.ts';
import { claimedOf, recordAnswers } from './recorder.ts';

const desk = new Desk();
afterAll(() => desk.close());

const arnOf = (name: string) => `arn:aws:acm:us-east-1:123456789012:certificate/${name}`;
const made = makeSelfSigned(['shop.test'], Date.now(), new Uint8Array([7]));
const certificates = { find: async () => ({ domains: ['shop.test'], ...made }) };

test('every operation that is claimed of load balancing is answered', async () => {
  const { client } = desk.start({ certificates });
  const answered = recordAnswers(client);
  const { LoadBalancers } = await client.send(
    new elb.CreateLoadBalancerCommand({ Name: 'shop', Subnets: ['subnet-1', 'subnet-2'] }),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const TargetGroupArn = await groups(client);
  await balancer(client, LoadBalancerArn);
  const ListenerArn = await listeners(client, LoadBalancerArn);
  await rules(client, ListenerArn, TargetGroupArn);
  await client.send(new elb.DeleteListenerCommand({ ListenerArn }));
  await client.send(new elb.DeleteLoadBalancerCommand({ LoadBalancerArn }));
  await client.send(new elb.DeleteTargetGroupCommand({ TargetGroupArn }));
  expect([...answered].sort()).toEqual(claimedOf('Elastic Load Balancing v2'));
});

type Client = elb.ElasticLoadBalancingV2Client;

async function groups(client: Client): Promise<string> {
  const { TargetGroups } = await client.send(
    new elb.CreateTargetGroupCommand({
      Name: 'web',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: 'vpc-1',
      TargetType: 'ip',
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }];
  await client.send(new elb.ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPath: '/health' }));
  await client.send(new elb.ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  await client.send(new elb.DescribeTargetGroupAttributesCommand({ TargetGroupArn }));
  await client.send(new elb.DescribeTargetGroupsCommand({}));
  const Targets = [{ Id: '127.0.0.1', Port: 9 }];
  await client.send(new elb.RegisterTargetsCommand({ TargetGroupArn, Targets }));
  await client.send(new elb.DescribeTargetHealthCommand({ TargetGroupArn }));
  await client.send(new elb.DeregisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
}

async function balancer(client: Client, LoadBalancerArn: string): Promise<void> {
  await client.send(new elb.DescribeLoadBalancersCommand({}));
  const Attributes = [{ Key: 'idle_timeout.timeout_seconds', Value: '30' }];
  await client.send(new elb.ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
  await client.send(new elb.DescribeLoadBalancerAttributesCommand({ LoadBalancerArn }));
  await client.send(new elb.SetIpAddressTypeCommand({ LoadBalancerArn, IpAddressType: 'ipv4' }));
  await client.send(new elb.SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups: ['sg-1'] }));
  await client.send(new elb.SetSubnetsCommand({ LoadBalancerArn, Subnets: ['subnet-1', 'subnet-3'] }));
  const ResourceArns = [LoadBalancerArn];
  await client.send(new elb.AddTagsCommand({ ResourceArns, Tags: [{ Key: 'team', Value: 'shop' }] }));
  await client.send(new elb.DescribeTagsCommand({ ResourceArns }));
  await client.send(new elb.RemoveTagsCommand({ ResourceArns, TagKeys: ['team'] }));
}

async function listeners(client: Client, LoadBalancerArn: string): Promise<string> {
  await client.send(new elb.DescribeSSLPoliciesCommand({}));
  const { Listeners } = await client.send(
    new elb.CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: arnOf('shop') }],
      DefaultActions: [notFound],
    }),
  );
  const ListenerArn = Listeners?.[0]?.ListenerArn ?? '';
  const Certificates = [{ CertificateArn: arnOf('mail') }];
  await client.send(new elb.AddListenerCertificatesCommand({ ListenerArn, Certificates }));
  await client.send(new elb.DescribeListenerCertificatesCommand({ ListenerArn }));
  await client.send(new elb.RemoveListenerCertificatesCommand({ ListenerArn, Certificates }));
  const Attributes = [{ Key: 'routing.http.response.server.enabled', Value: 'false' }];
  await client.send(new elb.ModifyListenerAttributesCommand({ ListenerArn, Attributes }));
  await client.send(new elb.DescribeListenerAttributesCommand({ ListenerArn }));
  await client.send(new elb.ModifyListenerCommand({ ListenerArn, DefaultActions: [notFound] }));
  await client.send(new elb.DescribeListenersCommand({ LoadBalancerArn }));
  return ListenerArn;
}

async function rules(client: Client, ListenerArn: string, TargetGroupArn: string): Promise<void> {
  const { Rules } = await client.send(pathRule(ListenerArn, 10, '/a', forward(TargetGroupArn)));
  const RuleArn = Rules?.[0]?.RuleArn ?? '';
  await client.send(new elb.ModifyRuleCommand({ RuleArn, Actions: [notFound] }));
  await client.send(new elb.SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority: 20 }] }));
  await client.send(new elb.DescribeRulesCommand({ ListenerArn }));
  await client.send(new elb.DeleteRuleCommand({ RuleArn }));
}
