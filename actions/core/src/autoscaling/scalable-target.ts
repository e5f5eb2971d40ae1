import type { AutoscalingClient } from '../aws-clients.ts';
import {
  parseHold,
  renderHold,
  type ScalableTargetReading,
  type Scaling,
  type Suspended,
  withSuspended,
} from '../decide/autoscaling-hold.ts';
import { readInBatches } from '../ecs/batches.ts';

/** The tag on a scalable target that says what a run suspended and has to resume. */
const HOLD_TAG = 'berth-holds';

const NAMESPACE = 'ecs';
const DIMENSION = 'ecs:service:DesiredCount';
const TARGETS_A_CALL = 50;

/** The name Application Auto Scaling has for a service; `cluster` is a name or an ARN. */
export function resourceIdOf(cluster: string, serviceName: string): string {
  return `service/${cluster.split('/').at(-1)}/${serviceName}`;
}

/**
 * Reads the scalable targets of services; those that have none are left out. One call for fifty, and one more for
 * each target of which something is suspended: whether an earlier run left it so.
 */
export async function readScalableTargets(
  autoscaling: AutoscalingClient,
  resourceIds: readonly string[],
): Promise<ScalableTargetReading[]> {
  const { client, DescribeScalableTargetsCommand } = await autoscaling();
  const targets = await readInBatches(resourceIds, TARGETS_A_CALL, async (ResourceIds) => {
    const input = { ServiceNamespace: NAMESPACE, ScalableDimension: DIMENSION, ResourceIds } as const;
    return (await client.send(new DescribeScalableTargetsCommand(input))).ScalableTargets ?? [];
  });
  return Promise.all(
    targets.map(async ({ ResourceId = '', ScalableTargetARN = '', SuspendedState = {} }) => {
      const suspended: Suspended = {
        'scale-in': SuspendedState.DynamicScalingInSuspended === true,
        'scale-out': SuspendedState.DynamicScalingOutSuspended === true,
        scheduled: SuspendedState.ScheduledScalingSuspended === true,
      };
      const target = { resourceId: ResourceId, targetArn: ScalableTargetARN, suspended };
      if (!Object.values(suspended).includes(true)) return target;
      const left = await readHold(autoscaling, ScalableTargetARN);
      return left.length > 0 ? { ...target, left } : target;
    }),
  );
}

/**
 * Suspends some of a target's scaling. What is to be resumed is written on the target first, so that whoever comes
 * after a process that was killed knows it. Two writes, both safe to repeat; capacities are not sent.
 */
export async function suspendScaling(
  autoscaling: AutoscalingClient,
  target: ScalableTargetReading,
  { suspend, resume }: { suspend: readonly Scaling[]; resume: readonly Scaling[] },
): Promise<void> {
  const { client, TagResourceCommand } = await autoscaling();
  const Tags = { [HOLD_TAG]: renderHold(resume) };
  await client.send(new TagResourceCommand({ ResourceARN: target.targetArn, Tags }));
  await setSuspended(autoscaling, target.resourceId, withSuspended(target.suspended, suspend, true));
}

/**
 * Resumes what a run has suspended, by what is written on the target, and forgets it. Gives what was resumed;
 * empty when nothing was left. What somebody suspended beside it stays suspended. Safe to repeat.
 */
export async function resumeScaling(
  autoscaling: AutoscalingClient,
  resourceId: string,
): Promise<readonly Scaling[]> {
  const [target] = await readScalableTargets(autoscaling, [resourceId]);
  if (!target?.left) return [];
  await setSuspended(autoscaling, resourceId, withSuspended(target.suspended, target.left, false));
  const { client, UntagResourceCommand } = await autoscaling();
  await client.send(new UntagResourceCommand({ ResourceARN: target.targetArn, TagKeys: [HOLD_TAG] }));
  return target.left.filter((scaling) => target.suspended[scaling]);
}

async function readHold(autoscaling: AutoscalingClient, targetArn: string): Promise<Scaling[]> {
  const { client, ListTagsForResourceCommand } = await autoscaling();
  const { Tags = {} } = await client.send(new ListTagsForResourceCommand({ ResourceARN: targetArn }));
  return parseHold(Tags[HOLD_TAG]);
}

async function setSuspended(
  autoscaling: AutoscalingClient,
  ResourceId: string,
  suspended: Suspended,
): Promise<void> {
  const { client, RegisterScalableTargetCommand } = await autoscaling();
  await client.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: NAMESPACE,
      ScalableDimension: DIMENSION,
      ResourceId,
      SuspendedState: {
        DynamicScalingInSuspended: suspended['scale-in'],
        DynamicScalingOutSuspended: suspended['scale-out'],
        ScheduledScalingSuspended: suspended.scheduled,
      },
    }),
  );
}
