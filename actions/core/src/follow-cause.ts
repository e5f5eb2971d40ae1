import { type DeploymentReading, isOngoing } from './decide/deployment-reading.ts';
import { explains } from './decide/failure-cause.ts';
import { readFailureCause } from './ecs/failure-cause.ts';
import { isTransient } from './ecs/transient.ts';
import { renderError } from './errors.ts';
import type { Track, Wait } from './follow-track.ts';
import { renderCause, renderCauseLine } from './report/cause-block.ts';

/** A stopped task may take a moment to be listed; without one the cause is told after so many look-ups. */
const LOOK_UPS = 3;

/** Looks up and tells the cause once. It is an extra: what goes wrong here does not end the wait. */
export async function explainFailure(wait: Wait, track: Track, reading: DeploymentReading): Promise<void> {
  if (track.cause || wait.options.causes === 'quiet') return;
  const { deps, options } = wait;
  try {
    const { cause, calls } = await readFailureCause(deps, track.followed, reading, options.logLines);
    wait.calls += calls;
    if (!cause.stop && isOngoing(reading.status) && track.vainLookUps++ < LOOK_UPS) return;
    if (!explains(cause)) return;
    track.cause = cause;
    for (const event of cause.events) track.toldEvents.add(event);
    const title = `${track.followed.service}: ${renderCauseLine(cause)}`;
    deps.log.error(renderCause(cause).join('\n'), { title });
  } catch (error) {
    if (isTransient(error)) return;
    track.cause = { events: [], alarmNames: [], logLines: [] };
    deps.log.warning(`The cause of the failure could not be read: ${renderError(error)}`);
  }
}
