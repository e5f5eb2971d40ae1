/** What is used of Application Auto Scaling; loaded by `aws-clients.ts` when it is used first. */
export {
  ApplicationAutoScalingClient as Client,
  DescribeScalableTargetsCommand,
  ListTagsForResourceCommand,
  RegisterScalableTargetCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-application-auto-scaling';
