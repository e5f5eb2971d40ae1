/** What is used of Elastic Load Balancing; loaded by `aws-clients.ts` when it is used first. */
export {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client as Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
