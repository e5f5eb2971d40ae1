import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import type { Verdict } from '../../core/src/decide/verdict.ts';
import { applyServiceUpdate } from '../../core/src/ecs/service-update.ts';
import {
  KNOWN_BAD_TAG,
  registerTaskDefinition,
  tryTaskDefinition,
} from '../../core/src/ecs/task-definition.ts';
import { turnBack } from '../../core/src/ecs/turn-back.ts';
import { type FollowDeps, type FollowOutcome, followDeployments } from '../../core/src/follow.ts';
import type { SummaryRow } from '../../core/src/report/verdict-summary.ts';
import type { PlannedRollback } from './plan.ts';

/** What carrying out a rollback needs; `deadlineAt` is epoch milliseconds. */
export interface RollbackContext {
  deps: FollowDeps;
  deadlineAt: number;
}

/**
 * Carries out one planned rollback and follows it to its verdict. At most one registration (of a copy, when
 * the target is INACTIVE) and one UpdateService or StopServiceDeployment; never a desired count.
 */
export async function applyRollback(planned: PlannedRollback, context: RollbackContext): Promise<SummaryRow> {
  const { means, before } = planned;
  switch (means.kind) {
    case 'stop':
      await turnBack(context.deps.ecs, means.serviceDeploymentArn);
      return followed(planned, means.serviceDeploymentArn, before.taskDefinitionArn, context);
    case 'follow':
      return followed(planned, means.serviceDeploymentArn, before.taskDefinitionArn, context);
    case 'candidate':
      return deployCandidate(planned, means, context);
    case 'current':
      return unmoved(planned, {
        word: 'unchanged',
        green: true,
        reason: 'the service runs this revision already',
      });
    case 'nothing':
      return unmoved(planned, { word: 'unchanged', green: true, reason: means.why });
    case 'superseded': {
      const by = { kind: 'deployment', serviceDeploymentArn: means.serviceDeploymentArn } as const;
      return unmoved(planned, { word: 'superseded', green: false, by, reason: means.why });
    }
    case 'none':
      return unmoved(planned, {
        word: 'failed',
        green: false,
        reason: `nothing to roll back to: ${means.why}`,
      });
  }
}

type Candidate = Extract<PlannedRollback['means'], { kind: 'candidate' }>;

async function deployCandidate(
  planned: PlannedRollback,
  means: Candidate,
  context: RollbackContext,
): Promise<SummaryRow> {
  const { before, history } = planned;
  const { ecs, log } = context.deps;
  const taskDefinitionArn = means.copy
    ? await registerCopy(means.taskDefinitionArn, context)
    : means.taskDefinitionArn;
  const request = { before, historyBefore: history, taskDefinitionArn, force: false };
  const outcome = await applyServiceUpdate(ecs, request, context.deps);
  log.info(`${planned.wanted.service}: going back to ${familyRevisionOf(taskDefinitionArn)}`);
  if (outcome.kind === 'deployment') {
    return followed(planned, outcome.serviceDeploymentArn, taskDefinitionArn, context);
  }
  const reason = `ECS showed no deployment for the update to ${familyRevisionOf(taskDefinitionArn)}`;
  return unmoved(planned, { word: 'unknown', green: false, reason });
}

/** An INACTIVE revision starts no tasks; an equal one, registered anew, does. Its tags go along. */
async function registerCopy(taskDefinitionArn: string, { deps }: RollbackContext): Promise<string> {
  const source = await tryTaskDefinition(deps.ecs, taskDefinitionArn);
  const { [KNOWN_BAD_TAG]: _mark, ...tags } = source?.tags ?? {};
  const copy = await registerTaskDefinition(deps.ecs, source?.document ?? {}, {
    ...tags,
    'copied-from': taskDefinitionArn,
  });
  deps.log.info(
    `${familyRevisionOf(taskDefinitionArn)} is INACTIVE: registered its copy ${familyRevisionOf(copy)}`,
  );
  return copy;
}

/** Follows to the verdict; here a deployment that ECS has rolled back is what was wanted. */
async function followed(
  planned: PlannedRollback,
  serviceDeploymentArn: string,
  taskDefinitionArn: string,
  { deps, deadlineAt }: RollbackContext,
): Promise<SummaryRow> {
  const { service, cluster, serviceName } = planned.wanted;
  const target = { service, cluster, serviceName, serviceDeploymentArn, taskDefinitionArn };
  const timeoutMs = Math.max(0, deadlineAt - deps.clock.now());
  const isUpdate = planned.means.kind === 'candidate';
  const causes = isUpdate ? 'annotate' : 'quiet';
  const [outcome] = await followDeployments(
    [target],
    { timeoutMs, waitUntil: 'done', causes, logLines: 12 },
    deps,
  );
  if (!outcome) throw new Error(`no outcome for ${serviceDeploymentArn}`);
  const verdict = isUpdate ? outcome.verdict : asArrival(outcome, planned.means.kind);
  const { seconds, cause, phases, endedAt } = outcome;
  return { ...target, verdict, seconds, cause, phases, endedAt, digests: [] };
}

function asArrival({ verdict, seconds }: FollowOutcome, means: PlannedRollback['means']['kind']): Verdict {
  if (verdict.word !== 'rolled-back') return verdict;
  const wasThere = means === 'follow' && seconds < 1;
  const reason = wasThere ? 'ECS had gone back by itself, nothing was left to do' : verdict.reason;
  return { ...verdict, green: true, reason };
}

function unmoved({ wanted, before }: PlannedRollback, verdict: Verdict): SummaryRow {
  const { service, cluster, serviceName } = wanted;
  const { taskDefinitionArn } = before;
  return {
    service,
    cluster,
    serviceName,
    serviceDeploymentArn: null,
    taskDefinitionArn,
    verdict,
    seconds: 0,
    digests: [],
  };
}
