import { autoscalingClient } from '../../core/src/aws-clients.ts';
import type { ActionDeps } from '../../core/src/github/action-run.ts';
import { type HoldState, tryResume } from './hold-autoscaling.ts';

/**
 * Resumes what the step of this job has held, by the state that the runner kept; the last act of the job, also after
 * a failure and after a cancel. Does nothing, and loads nothing, where nothing was held. Gives the sentences about
 * those that could not be resumed.
 */
export async function resumeHeld(text: string, deps: Pick<ActionDeps, 'access' | 'log'>): Promise<string[]> {
  if (text === '') return [];
  const { region, role, resourceIds }: HoldState = JSON.parse(text);
  const autoscaling = autoscalingClient(deps.access({ role, region }));
  const failures = await Promise.all(resourceIds.map((id) => tryResume({ autoscaling, log: deps.log }, id)));
  return failures.flatMap((failure) => failure ?? []);
}
