import {
  DescribeTargetHealthCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetState } from '../decide/proof.ts';

/** Reads the targets of some target groups, joined. One call a group. */
export async function readTargetStates(
  elb: ElasticLoadBalancingV2Client,
  targetGroupArns: readonly string[],
): Promise<TargetState[]> {
  const groups = await Promise.all(
    targetGroupArns.map(async (TargetGroupArn) => {
      const answer = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return answer.TargetHealthDescriptions ?? [];
    }),
  );
  return groups
    .flat()
    .map(({ Target, TargetHealth }) => ({ address: Target?.Id ?? '', state: TargetHealth?.State ?? '' }));
}
