import type { ECSClient } from '@aws-sdk/client-ecs';
import { ecrClient, ecsClient, elbv2Client, logsClient, ssmClient } from '../../core/src/aws-clients.ts';
import { deploymentIdOf } from '../../core/src/decide/deployment-plan.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { type ServiceDeploymentItem, tryRegionOf } from '../../core/src/deployments-json.ts';
import { readServices } from '../../core/src/ecs/service.ts';
import { KNOWN_BAD_TAG, tagTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { renderError, UserError } from '../../core/src/errors.ts';
import type { Action, ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { renderTable } from '../../core/src/github/job-summary.ts';
import { readTarget } from '../../core/src/github/target-inputs.ts';
import { concludeOf, renderSummary, toVerdictItems } from '../../core/src/judge-deployments.ts';
import { renderVerdict } from '../../core/src/report/verdict-sentence.ts';
import type { SummaryRow } from '../../core/src/report/verdict-summary.ts';
import { applyRollback, type RollbackContext } from './apply.ts';
import { inputs, outputs, type RollbackInputs, type RollbackOutput } from './inputs.ts';
import { type PlannedRollback, planRollbacks } from './plan.ts';
import { withPreflight } from './preflight.ts';
import { chooseServices, inReverseWaves } from './services.ts';

export const rollback: Action<typeof inputs, RollbackOutput> = { inputs, outputs, run };

/** Plans the way back of every service, then goes it in the reverse order of `needs`, each to its verdict. */
export async function run(given: RollbackInputs, deps: ActionDeps): Promise<ActionResult<RollbackOutput>> {
  const region = given.region ?? tryRegionOf(given.deployments ?? []);
  const target = await readTarget({ ...given, region }, 'deploy', deps);
  const followDeps = { ...deps, ecs: ecsClient(target.access), logs: logsClient(target.access) };
  const services = chooseServices(given, target);
  const chosen = await planRollbacks(followDeps.ecs, services, given.to);
  const clients = {
    ...followDeps,
    ecr: (place: string) => ecrClient({ ...target.access, region: place }),
    ssm: ssmClient(target.access),
    elb: elbv2Client(target.access),
  };
  const planned = await withPreflight(chosen, followDeps.ecs, clients, deps.clock.now());
  tellPlan(planned, deps.log);
  if (given['dry-run']) {
    await deps.summary(renderPlanSummary(planned));
    return resultOf([], planned, '');
  }
  if (!given.deployments) assertAllPossible(planned);
  // From here on AWS is written to.
  await markKnownBad(given['mark-known-bad'], planned, followDeps);
  const context = { deps: followDeps, deadlineAt: deps.clock.now() + given['timeout-minutes'] * 60_000 };
  const { rows, left } = await applyInWaves(planned, context);
  const settled = await withServing(followDeps.ecs, rows);
  for (const row of settled) deps.log.info(renderVerdict(row));
  await deps.summary(renderSummary('Rollback', settled));
  return resultOf(settled, planned, resumeCommand(left, given));
}

/** Ends after the first wave with a red verdict, so that a service never runs without what it needs. */
async function applyInWaves(planned: PlannedRollback[], context: RollbackContext) {
  const rows: SummaryRow[] = [];
  const waves = inReverseWaves(planned);
  for (const [i, wave] of waves.entries()) {
    rows.push(...(await Promise.all(wave.map((one) => applyRollback(one, context)))));
    if (rows.some(isBlocking)) return { rows, left: waves.slice(i + 1).flat() };
  }
  return { rows, left: [] };
}

/** A service without a way back, or that somebody else has moved on, does not keep the others from theirs. */
function isBlocking({ verdict, serviceDeploymentArn }: SummaryRow): boolean {
  return !verdict.green && serviceDeploymentArn !== null;
}

/** A person chooses the services, so all of them can go back, or none is touched. */
function assertAllPossible(planned: readonly PlannedRollback[]): void {
  const lines = planned.flatMap(({ wanted, means }) =>
    means.kind === 'none'
      ? [`${wanted.service}: nothing to roll back to: ${means.why}.${skippedText(means.skipped)}`]
      : [],
  );
  if (lines.length > 0)
    throw new UserError('ROLLBACK_NO_CANDIDATE', `${lines.join('\n')}\nNothing was written.`);
}

function skippedText(skipped: readonly { revision: string; why: string }[]): string {
  return skipped.length === 0
    ? ''
    : ` Passed over: ${skipped.map(({ revision, why }) => `${revision} ${why}`).join(', ')}.`;
}

/** Marks what is being left. An extra: without the permission to tag, the rollback goes on. */
async function markKnownBad(
  reason: string | undefined,
  planned: readonly PlannedRollback[],
  { ecs, log }: { ecs: ECSClient; log: ActionDeps['log'] },
): Promise<void> {
  if (reason === undefined) return;
  for (const { before, means } of planned) {
    if (means.kind !== 'candidate') continue;
    await tagTaskDefinition(ecs, before.taskDefinitionArn, KNOWN_BAD_TAG, reason).catch((error: unknown) => {
      log.warning(
        `${familyRevisionOf(before.taskDefinitionArn)} could not be marked known-bad: ${renderError(error)}`,
      );
    });
  }
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
  planned: PlannedRollback[],
  resume: string,
): ActionResult<RollbackOutput> {
  const { verdict, failure } = concludeOf(rows);
  return {
    outputs: {
      verdict: rows.length > 0 ? verdict : '',
      verdicts: toVerdictItems(rows),
      deployments: rows.map((row) => deploymentItem(row, planned)),
      plan: planned.map(({ wanted, before, means, findings = [] }) => ({
        service: wanted.service,
        serviceName: wanted.serviceName,
        currentTaskDefinitionArn: before.taskDefinitionArn,
        ...means,
        findings,
      })),
    },
    ...(failure === undefined ? {} : { failure: failure + resume }),
  };
}

/** In the shape smoke-test takes, so that what serves after the rollback can be tested. */
function deploymentItem(row: SummaryRow, planned: readonly PlannedRollback[]): ServiceDeploymentItem {
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

function tellPlan(planned: readonly PlannedRollback[], log: ActionDeps['log']): void {
  for (const one of planned) {
    log.info(renderPlanned(one));
    for (const { kind, text } of one.findings ?? []) {
      log.info(`${one.wanted.service}:   ${kind === 'refuse' ? 'obstacle' : 'mind'}: ${text}`);
    }
  }
}

function renderPlanSummary(planned: readonly PlannedRollback[]): string {
  const rows = planned.map((one) => [
    one.wanted.service,
    familyRevisionOf(one.before.taskDefinitionArn),
    renderPlanned(one).slice(one.wanted.service.length + 2),
    (one.findings ?? []).map(({ text }) => text).join('\n'),
  ]);
  return `## Rollback plan\n\n${renderTable(['Service', 'Runs', 'Would go', 'Mind'], rows)}`;
}

/** What is left after a rollback that ended half-way, as a command that goes on exactly there. */
function resumeCommand(left: readonly PlannedRollback[], given: RollbackInputs): string {
  if (left.length === 0) return '';
  const names = left.map(({ wanted }) => wanted.service).join(',');
  const environment = given.environment ? ` --environment ${given.environment} --services ${names}` : '';
  const [first] = left;
  const single = first ? ` --cluster ${first.wanted.cluster} --service ${first.wanted.serviceName}` : '';
  return `\nStill to roll back: ${names}. Go on with: npx --no-install berth rollback${environment || single}`;
}

function renderPlanned({ wanted, before, means }: PlannedRollback): string {
  const from = familyRevisionOf(before.taskDefinitionArn);
  switch (means.kind) {
    case 'candidate': {
      const copy = means.copy ? ' by a copy of it, since it is INACTIVE' : '';
      return `${wanted.service}: from ${from} to ${familyRevisionOf(means.taskDefinitionArn)}${copy}: ${means.why}.${skippedText(means.skipped)}`;
    }
    case 'current':
      return `${wanted.service}: runs ${from} already`;
    case 'none':
      return `${wanted.service}: nothing to roll back to: ${means.why}.${skippedText(means.skipped)}`;
    case 'nothing':
      return `${wanted.service}: nothing to do: ${means.why}`;
    default:
      return `${wanted.service}: ${means.kind} service deployment ${deploymentIdOf(means.serviceDeploymentArn)}: ${means.why}`;
  }
}
