import type { ECSClient } from '@aws-sdk/client-ecs';
import {
  type AwsAccess,
  autoscalingClient,
  cloudwatchClient,
  ecrClient,
  ecsClient,
  elbv2Client,
  iamClient,
  logsClient,
  secretsClient,
  ssmClient,
  stsClient,
} from '../../core/src/aws-clients.ts';
import { runCommand } from '../../core/src/command.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { type ServiceDeploymentItem, tryRegionOf } from '../../core/src/deployments-json.ts';
import { readServices } from '../../core/src/ecs/service.ts';
import { renderError, UserError } from '../../core/src/errors.ts';
import type { Action, ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { readTarget, type Target } from '../../core/src/github/target-inputs.ts';
import { concludeOf, renderSummary, toVerdictItems } from '../../core/src/judge-deployments.ts';
import { renderVerdict } from '../../core/src/report/verdict-sentence.ts';
import type { SummaryRow } from '../../core/src/report/verdict-summary.ts';
import { applyRollback, type RollbackContext, refusedRow } from './apply.ts';
import { type CommitSource, readCommitsAway } from './commits-away.ts';
import { inputs, outputs, type RollbackInputs, type RollbackOutput } from './inputs.ts';
import { planRollbacks, type RollbackService } from './plan.ts';
import { type CheckedRollback, type PreflightContext, withPreflight } from './preflight.ts';
import { recordLeft } from './record.ts';
import { planItem, renderCommitsSummary, renderPlanSummary, renderSkipped, tellPlan } from './report.ts';
import { renderResume } from './resume.ts';
import { resumeAutoscaling } from './resume-autoscaling.ts';
import { chooseServices, inReverseWaves } from './services.ts';

export const rollback: Action<typeof inputs, RollbackOutput> = { inputs, outputs, run };

/** Plans the way back of every service, then goes it in the reverse order of `needs`, each to its verdict. */
export async function run(given: RollbackInputs, deps: ActionDeps): Promise<ActionResult<RollbackOutput>> {
  const region = given.region ?? tryRegionOf(given.deployments ?? []);
  const target = await readTarget({ ...given, region }, 'deploy', deps);
  const followDeps = { ...deps, ecs: ecsClient(target.access, deps), logs: logsClient(target.access) };
  const services = chooseServices(given, target);
  const checked = await planAll(services, given, target, followDeps);
  const source = { runCommand, github: deps.github, token: given['github-token'] };
  // What is under way is stopped first and talked about afterwards: each second counts.
  const isUrgent = !given['dry-run'] && checked.some(({ means }) => means.kind === 'stop');
  const planned = isUrgent ? checked : await withCommits(checked, source);
  tellPlan(planned, deps.log);
  if (given['dry-run']) {
    await deps.summary(renderPlanSummary(planned));
    return resultOf([], planned, '');
  }
  if (!given.deployments) assertAllPossible(planned);
  // From here on AWS is written to.
  await recordLeft(followDeps.ecs, given['mark-known-bad'], planned, deps.log);
  const context = { deps: followDeps, deadlineAt: deps.clock.now() + given['timeout-minutes'] * 60_000 };
  const { rows, left } = await applyInWaves(planned, context);
  const told = isUrgent ? await withCommits(planned, source) : planned;
  await resumeAutoscaling(planned, autoscalingClient(target.access), deps.log);
  const settled = await withServing(followDeps.ecs, rows);
  for (const row of settled) deps.log.info(renderVerdict(row));
  await deps.summary(renderSummary('Rollback', settled) + renderCommitsSummary(told));
  return resultOf(settled, told, renderResume(left, given));
}

/** Chooses and looks ahead, for all services side by side. Only reads. */
async function planAll(
  services: RollbackService[],
  given: RollbackInputs,
  { access, environment }: Target,
  deps: RollbackContext['deps'] & ActionDeps,
): Promise<CheckedRollback[]> {
  const now = deps.clock.now();
  const chosen = await planRollbacks(deps.ecs, services, { to: given.to, askedAt: now });
  const context = {
    ecs: deps.ecs,
    clients: clientsOf(access, callerRoleOf(given, environment, deps.github), deps),
    now,
    scope: given.scope,
    schemaVersion: given['schema-version'],
    acceptSchemaRisk: given['accept-schema-risk'],
  };
  return withPreflight(chosen, context);
}

/** A shell works by its profile, whatever role the manifest gives to jobs. */
function callerRoleOf(
  given: RollbackInputs,
  environment: Target['environment'],
  { runId }: ActionDeps['github'],
): string | undefined {
  return runId === '' ? undefined : (given['role-to-assume'] ?? environment?.roles.deploy);
}

/** Each plan with the commits that go away, where both of its revisions are known. */
async function withCommits(
  planned: readonly CheckedRollback[],
  source: CommitSource,
): Promise<CheckedRollback[]> {
  return Promise.all(
    planned.map(async (one) => {
      const { leaving, target, facts } = one;
      if (!leaving || !target || leaving === target) return one;
      const [from, to] = await Promise.all([facts.describe(leaving), facts.describe(target)]);
      return { ...one, commits: await readCommitsAway({ from: from.commit, to: to.commit }, source) };
    }),
  );
}

function clientsOf(
  access: AwsAccess,
  callerRoleArn: string | undefined,
  { ecs, logs }: RollbackContext['deps'],
): PreflightContext['clients'] {
  return {
    ecs,
    logs,
    callerRoleArn,
    ecr: (region) => ecrClient({ ...access, region }),
    ssm: ssmClient(access),
    secrets: secretsClient(access),
    iam: iamClient(access),
    sts: stsClient(access),
    elb: elbv2Client(access),
    cloudwatch: cloudwatchClient(access),
    autoscaling: autoscalingClient(access),
  };
}

/**
 * Ends after the first wave with a red verdict, so that a service never runs without what it needs. A service for
 * which a call was refused does not keep those beside it from their end, and is among those that are left.
 */
async function applyInWaves(planned: CheckedRollback[], context: RollbackContext) {
  const rows: SummaryRow[] = [];
  const refused: CheckedRollback[] = [];
  const tryApply = async (one: CheckedRollback): Promise<SummaryRow> => {
    try {
      return await applyRollback(one, context);
    } catch (error) {
      refused.push(one);
      return refusedRow(one, renderError(error));
    }
  };
  const waves = inReverseWaves(planned);
  for (const [i, wave] of waves.entries()) {
    rows.push(...(await Promise.all(wave.map(tryApply))));
    if (refused.length > 0 || rows.some(isBlocking)) {
      return { rows, left: [...refused, ...waves.slice(i + 1).flat()] };
    }
  }
  return { rows, left: [] };
}

/** A service without a way back, or that somebody else has moved on, does not keep the others from theirs. */
function isBlocking({ verdict, serviceDeploymentArn }: SummaryRow): boolean {
  return !verdict.green && serviceDeploymentArn !== null;
}

/** A person chooses the services, so all of them can go back, or none is touched. */
function assertAllPossible(planned: readonly CheckedRollback[]): void {
  const lines = planned.flatMap(({ wanted, means }) =>
    means.kind === 'none'
      ? [`${wanted.service}: nothing to roll back to: ${means.why}.${renderSkipped(means.skipped)}`]
      : [],
  );
  if (lines.length > 0)
    throw new UserError('ROLLBACK_NO_CANDIDATE', `${lines.join('\n')}\nNothing was written.`);
}

/** Reads what each service is set to now, which after a rollback by ECS is the revision before. */
async function withServing(ecs: ECSClient, rows: readonly SummaryRow[]): Promise<SummaryRow[]> {
  return Promise.all(
    rows.map(async (row) => {
      if (row.serviceDeploymentArn === null) return row;
      const [service] = await readServices(ecs, row.cluster, [row.serviceName]).catch(() => []);
      const taskDefinitionArn = service?.taskDefinitionArn ?? row.taskDefinitionArn;
      const serving = row.verdict.green ? `${familyRevisionOf(taskDefinitionArn)} serves` : '';
      const reason = [row.verdict.reason, serving].filter(Boolean).join('; ');
      return { ...row, taskDefinitionArn, verdict: { ...row.verdict, reason } };
    }),
  );
}

function resultOf(
  rows: SummaryRow[],
  planned: CheckedRollback[],
  resume: string,
): ActionResult<RollbackOutput> {
  const { verdict, failure } = concludeOf(rows);
  return {
    outputs: {
      verdict: rows.length > 0 ? verdict : '',
      verdicts: toVerdictItems(rows),
      deployments: rows.map((row) => deploymentItem(row, planned)),
      plan: planned.map(planItem),
    },
    ...(failure === undefined ? {} : { failure: failure + resume }),
  };
}

/** In the shape smoke-test takes, so that what serves after the rollback can be tested. */
function deploymentItem(row: SummaryRow, planned: readonly CheckedRollback[]): ServiceDeploymentItem {
  const wanted = planned.find((one) => one.wanted.service === row.service)?.wanted;
  const { service, cluster, serviceName, serviceDeploymentArn, taskDefinitionArn } = row;
  const smoke = wanted?.smoke === undefined ? {} : { smoke: wanted.smoke };
  return {
    service,
    cluster,
    serviceName,
    serviceDeploymentArn,
    taskDefinitionArn,
    changed: serviceDeploymentArn !== null,
    ...smoke,
  };
}
