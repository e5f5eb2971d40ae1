import type { Elbv2Client } from '../aws-clients.ts';
import type { TargetState } from '../decide/proof.ts';

/** Reads the targets of some target groups, joined. One call a group. */
export async function readTargetStates(
  elb: Elbv2Client,
  targetGroupArns: readonly string[],
): Promise<TargetState[]> {
  const { client, DescribeTargetHealthCommand } = await elb();
  const groups = await Promise.all(
    targetGroupArns.map(async (TargetGroupArn) => {
      const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      return answer.TargetHealthDescriptions ?? [];
    }),
  );
  return groups.flat().map(({ Target, TargetHealth }) => ({
    address: Target?.Id ?? '',
    state: TargetHealth?.State ?? '',
    why: [TargetHealth?.Reason, TargetHealth?.Description].filter(Boolean).join(': ') || undefined,
  }));
}
