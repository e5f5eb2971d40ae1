import {
  readScalableTargets,
  resourceIdOf,
  resumeScaling,
} from '../../core/src/autoscaling/scalable-target.ts';
import type { AutoscalingClient } from '../../core/src/aws-clients.ts';
import { renderError } from '../../core/src/errors.ts';
import type { Log } from '../../core/src/log.ts';
import type { PlannedRollback } from './plan.ts';

/**
 * Resumes the scaling that a deployment of this pack suspended and that is still written on the target: its run
 * was killed, or failed before it came to that. Never throws; what could not be resumed is warned about. One call
 * for fifty services, three more for each that is held.
 */
export async function resumeAutoscaling(
  planned: readonly PlannedRollback[],
  autoscaling: AutoscalingClient,
  log: Log,
): Promise<void> {
  const ids = planned.map(({ before }) => resourceIdOf(before.clusterArn, before.serviceName));
  const targets = await readScalableTargets(autoscaling, ids).catch((error: unknown) => {
    log.info(`Whether autoscaling is held could not be looked at: ${renderError(error)}`);
    return [];
  });
  const held = targets.filter(({ left }) => left !== undefined);
  await Promise.all(
    held.map(async ({ resourceId }) => {
      try {
        const resumed = await resumeScaling(autoscaling, resourceId);
        if (resumed.length > 0) log.info(`Autoscaling of ${resourceId} is resumed: ${resumed.join(', ')}`);
      } catch (error) {
        log.warning(`Autoscaling of ${resourceId} is still suspended: ${renderError(error)}`);
      }
    }),
  );
}
