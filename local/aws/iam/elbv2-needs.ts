import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  type AccessNeed,
  type CallPlace,
  type ConditionKeys,
  type NeedsTable,
  requestTagKeys,
} from './access-need.ts';

const KIND_OF_TYPE: Readonly<Record<string, string>> = { application: 'app', network: 'net', gateway: 'gwy' };

const arn = ({ region, accountId }: CallPlace, resource: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${accountId}:${resource}`;

const need = (action: string, resources: readonly string[], keys?: ConditionKeys): AccessNeed => ({
  action: `elasticloadbalancing:${action}`,
  resources,
  ...(keys && { keys }),
});

const anywhere = (action: string) => (): AccessNeed[] => [need(action, ['*'])];

type Arns = { LoadBalancerArn?: string; TargetGroupArn?: string; ListenerArn?: string; RuleArn?: string };

/** On the one thing that the call names by its ARN. */
const onNamed =
  (action: string) =>
  ({ LoadBalancerArn, TargetGroupArn, ListenerArn, RuleArn }: Arns): AccessNeed[] => [
    need(action, [RuleArn ?? ListenerArn ?? TargetGroupArn ?? LoadBalancerArn ?? '*']),
  ];

/** Making something; tags that come with it take `AddTags` as well. */
function making(action: string, resource: string, tags: readonly Tag[] | undefined): AccessNeed[] {
  const keys = requestTagKeys(tags);
  const creating = { 'elasticloadbalancing:CreateAction': action, ...keys };
  return [need(action, [resource], keys), ...(tags?.length ? [need('AddTags', [resource], creating)] : [])];
}

/**
 * What calls to ELBv2 need. Target groups that a listener or rule forwards to are not looked at, as on AWS.
 * Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Elastic Load
 * Balancing V2" (read 2026-11).
 */
export const ELBV2_NEEDS: NeedsTable<typeof import('@aws-sdk/client-elastic-load-balancing-v2')> = {
  DescribeLoadBalancers: anywhere('DescribeLoadBalancers'),
  DescribeLoadBalancerAttributes: anywhere('DescribeLoadBalancerAttributes'),
  DescribeTargetGroups: anywhere('DescribeTargetGroups'),
  DescribeTargetGroupAttributes: anywhere('DescribeTargetGroupAttributes'),
  DescribeTargetHealth: anywhere('DescribeTargetHealth'),
  DescribeListeners: anywhere('DescribeListeners'),
  DescribeListenerCertificates: anywhere('DescribeListenerCertificates'),
  DescribeListenerAttributes: anywhere('DescribeListenerAttributes'),
  DescribeSSLPolicies: anywhere('DescribeSSLPolicies'),
  DescribeAccountLimits: anywhere('DescribeAccountLimits'),
  DescribeRules: anywhere('DescribeRules'),
  DescribeTags: anywhere('DescribeTags'),

  CreateLoadBalancer: ({ Name, Type = 'application', Tags }, place) =>
    making('CreateLoadBalancer', arn(place, `loadbalancer/${KIND_OF_TYPE[Type] ?? Type}/${Name}/*`), Tags),
  CreateTargetGroup: ({ Name, Tags }, place) =>
    making('CreateTargetGroup', arn(place, `targetgroup/${Name}/*`), Tags),
  CreateListener: ({ LoadBalancerArn = '', Tags }) => making('CreateListener', LoadBalancerArn, Tags),
  CreateRule: ({ ListenerArn = '', Tags }) => making('CreateRule', ListenerArn, Tags),

  ModifyLoadBalancerAttributes: onNamed('ModifyLoadBalancerAttributes'),
  SetSubnets: onNamed('SetSubnets'),
  SetSecurityGroups: onNamed('SetSecurityGroups'),
  SetIpAddressType: onNamed('SetIpAddressType'),
  DeleteLoadBalancer: onNamed('DeleteLoadBalancer'),
  ModifyTargetGroup: onNamed('ModifyTargetGroup'),
  ModifyTargetGroupAttributes: onNamed('ModifyTargetGroupAttributes'),
  DeleteTargetGroup: onNamed('DeleteTargetGroup'),
  RegisterTargets: onNamed('RegisterTargets'),
  DeregisterTargets: onNamed('DeregisterTargets'),
  ModifyListener: onNamed('ModifyListener'),
  ModifyListenerAttributes: onNamed('ModifyListenerAttributes'),
  DeleteListener: onNamed('DeleteListener'),
  AddListenerCertificates: onNamed('AddListenerCertificates'),
  RemoveListenerCertificates: onNamed('RemoveListenerCertificates'),
  ModifyRule: onNamed('ModifyRule'),
  DeleteRule: onNamed('DeleteRule'),
  SetRulePriorities: ({ RulePriorities = [] }) => [
    need(
      'SetRulePriorities',
      RulePriorities.map(({ RuleArn = '' }) => RuleArn),
    ),
  ],
  AddTags: ({ ResourceArns = [], Tags }) => [need('AddTags', ResourceArns, requestTagKeys(Tags))],
  RemoveTags: ({ ResourceArns = [], TagKeys }) => [
    need('RemoveTags', ResourceArns, { 'aws:TagKeys': TagKeys }),
  ],
};
