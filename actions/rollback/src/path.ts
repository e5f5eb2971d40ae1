import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { candidateOf, type PlannedRollback } from './plan.ts';

/** Which way a rollback goes, and how long that took when the target was deployed; `undefined` where nothing moves. */
export function renderPath(plan: PlannedRollback): string | undefined {
  const { means, history } = plan;
  const candidate = candidateOf(plan);
  const turned = means.kind === 'stop' ? 'ECS turns the deployment under way back' : '';
  if (!candidate) return turned || undefined;
  const deployed = history.find(
    (entry) =>
      entry.status === 'SUCCESSFUL' &&
      entry.targetServiceRevisionArn === candidate.serviceRevisionArn &&
      entry.finishedAt !== undefined,
  );
  const name = familyRevisionOf(candidate.taskDefinitionArn);
  const seconds = deployed?.finishedAt && Math.round((deployed.finishedAt - deployed.createdAt) / 1_000);
  const took = seconds === undefined ? 'no deployment of it is known' : `${seconds} s when it was deployed`;
  const anew = `a whole deployment starts tasks of ${name} anew: none of them stands by any more; ${took}`;
  return turned ? `${turned}, then ${anew}` : anew;
}
