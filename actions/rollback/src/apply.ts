import type { DeploymentConfiguration } from '@aws-sdk/client-ecs';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import type { Verdict } from '../../core/src/decide/verdict.ts';
import { readServices } from '../../core/src/ecs/service.ts';
import { listServiceDeployments } from '../../core/src/ecs/service-deployment.ts';
import { applyServiceUpdate } from '../../core/src/ecs/service-update.ts';
import { turnBack } from '../../core/src/ecs/turn-back.ts';
import { type FollowDeps, type FollowOutcome, followDeployments } from '../../core/src/follow.ts';
import type { SummaryRow } from '../../core/src/report/verdict-summary.ts';
import { registerCopy } from './copy.ts';
import { restoreAlarms, tryAlarmsOff } from './deployment-alarms.ts';
import type { Candidate } from './plan.ts';
import type { CheckedRollback } from './preflight.ts';

/** What carrying out a rollback needs; `deadlineAt` is epoch milliseconds. */
export interface RollbackContext {
  deps: FollowDeps;
  deadlineAt: number;
}

/**
 * Carries out one planned rollback and follows it to its verdict. At most one registration (of a copy, when the
 * target is INACTIVE or its images were named by tags that moved), one stop and one UpdateService; never a desired
 * count, never a deregistration.
 */
export async function applyRollback(planned: CheckedRollback, context: RollbackContext): Promise<SummaryRow> {
  const { means, before } = planned;
  switch (means.kind) {
    case 'stop':
      return stopThenDeploy(planned, means, context);
    case 'follow':
      return followed(planned, means.serviceDeploymentArn, before.taskDefinitionArn, context);
    case 'candidate':
      return deployCandidate(planned, means, context);
    case 'current':
      return unmoved(planned, {
        word: 'unchanged',
        green: true,
        reason: means.why ?? 'the service runs this revision already',
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

type Stop = Extract<CheckedRollback['means'], { kind: 'stop' }>;

/** What was under way is turned back first; what was asked for beyond that is deployed when that has ended. */
async function stopThenDeploy(
  planned: CheckedRollback,
  { serviceDeploymentArn, next }: Stop & { next?: Candidate },
  context: RollbackContext,
): Promise<SummaryRow> {
  await turnBack(context.deps.ecs, serviceDeploymentArn);
  const row = await followed(planned, serviceDeploymentArn, planned.before.taskDefinitionArn, context);
  if (!next || row.verdict.word !== 'rolled-back') return row;
  const { ecs } = context.deps;
  const { clusterArn, serviceName } = planned.before;
  const [before = planned.before] = await readServices(ecs, clusterArn, [serviceName]);
  const history = await listServiceDeployments(ecs, { cluster: clusterArn, serviceName }, { limit: 1 });
  return deployCandidate({ ...planned, before, history, means: next }, next, context);
}

async function deployCandidate(
  planned: CheckedRollback,
  means: Candidate,
  context: RollbackContext,
): Promise<SummaryRow> {
  const { before, alarmsOff, alarmsLeftOff } = planned;
  const { ecs, log, clock } = context.deps;
  const taskDefinitionArn = await deployable(planned, means, context);
  const configuration = alarmsOff ? await tryAlarmsOff(ecs, before, { log, now: clock.now() }) : undefined;
  try {
    return await deployAndFollow(planned, taskDefinitionArn, configuration, context);
  } finally {
    if (configuration || alarmsLeftOff) await restoreAlarms(ecs, before, log);
  }
}

async function deployAndFollow(
  planned: CheckedRollback,
  taskDefinitionArn: string,
  configuration: DeploymentConfiguration | undefined,
  context: RollbackContext,
): Promise<SummaryRow> {
  const { before, history, scope } = planned;
  const request = { before, historyBefore: history, taskDefinitionArn, force: false, configuration, scope };
  const outcome = await applyServiceUpdate(context.deps.ecs, request, context.deps);
  context.deps.log.info(`${planned.wanted.service}: going back to ${familyRevisionOf(taskDefinitionArn)}`);
  if (outcome.kind === 'deployment') {
    return followed(planned, outcome.serviceDeploymentArn, taskDefinitionArn, context);
  }
  const reason = `ECS showed no deployment for the update to ${familyRevisionOf(taskDefinitionArn)}`;
  return unmoved(planned, { word: 'unknown', green: false, reason });
}

/** An INACTIVE revision starts no tasks, and a tag that moved starts another image: an equal copy does neither. */
async function deployable(
  { pins = {}, wanted }: CheckedRollback,
  { taskDefinitionArn, copy }: Candidate,
  { deps }: RollbackContext,
): Promise<string> {
  const isPinned = Object.keys(pins).length > 0;
  if (!copy && !isPinned) return taskDefinitionArn;
  const copied = await registerCopy(deps.ecs, { taskDefinitionArn, pins });
  const why = [...(copy ? ['it is INACTIVE'] : []), ...(isPinned ? ['tags of its images moved'] : [])];
  const [from, to] = [taskDefinitionArn, copied].map(familyRevisionOf);
  deps.log.info(`${wanted.service}: ${to} is the copy of ${from}, since ${why.join(' and ')}`);
  return copied;
}

/** Follows to the verdict; here a deployment that ECS has rolled back is what was wanted. */
async function followed(
  planned: CheckedRollback,
  serviceDeploymentArn: string,
  taskDefinitionArn: string,
  { deps, deadlineAt }: RollbackContext,
): Promise<SummaryRow> {
  const { service, cluster, serviceName } = planned.wanted;
  const target = { service, cluster, serviceName, serviceDeploymentArn, taskDefinitionArn };
  const desiredCountBefore = planned.before.desiredCount;
  const timeoutMs = Math.max(0, deadlineAt - deps.clock.now());
  const isUpdate = planned.means.kind === 'candidate';
  const causes = isUpdate ? 'annotate' : 'quiet';
  const [outcome] = await followDeployments(
    [{ ...target, desiredCountBefore }],
    { timeoutMs, waitUntil: 'done', causes, logLines: 12 },
    deps,
  );
  if (!outcome) throw new Error(`no outcome for ${serviceDeploymentArn}`);
  const verdict = isUpdate ? outcome.verdict : asArrival(outcome, planned.means.kind);
  const { seconds, cause, phases, endedAt } = outcome;
  return { ...target, verdict, seconds, cause, phases, endedAt, digests: [] };
}

function asArrival({ verdict, seconds }: FollowOutcome, means: CheckedRollback['means']['kind']): Verdict {
  if (verdict.word !== 'rolled-back') return verdict;
  const wasThere = means === 'follow' && seconds < 1;
  const reason = wasThere ? 'ECS had gone back by itself, nothing was left to do' : verdict.reason;
  return { ...verdict, green: true, reason };
}

/** The row of a service for which a call was refused or broke: what it was set to then is read afterwards. */
export function refusedRow(planned: CheckedRollback, reason: string): SummaryRow {
  return unmoved(planned, { word: 'failed', green: false, reason });
}

function unmoved({ wanted, before }: CheckedRollback, verdict: Verdict): SummaryRow {
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
