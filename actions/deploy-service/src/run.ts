import { ecsClient, logsClient } from '../../core/src/aws-clients.ts';
import { runCommand } from '../../core/src/command.ts';
import { renderPlan } from '../../core/src/decide/deployment-plan.ts';
import { HOPELESS_RULES } from '../../core/src/decide/hopeless.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import { renderDiff, renderDiffMarkdown } from '../../core/src/decide/task-definition-diff.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { renderError } from '../../core/src/errors.ts';
import { type FollowDeps, type FollowOutcome, followDeployments } from '../../core/src/follow.ts';
import type { Action, ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { tryDescends } from '../../core/src/github/commit-order.ts';
import { renderTable } from '../../core/src/github/job-summary.ts';
import { readTarget } from '../../core/src/github/target-inputs.ts';
import { inNeedsOrder } from '../../core/src/needs-order.ts';
import { renderVerdict } from '../../core/src/report/verdict-sentence.ts';
import { applyPlan, tryRefusal } from './apply.ts';
import { assertNoneNewer, type Descends, descendsInClone } from './commit-guard.ts';
import { type DeployInputs, type DeployOutput, inputs, outputs } from './inputs.ts';
import { knownBadOf, type PlannedService, planServices } from './plan.ts';
import { readWantedServices } from './wanted-services.ts';

export const deployService: Action<typeof inputs, DeployOutput> = { inputs, outputs, run };

/**
 * Registers and updates each chosen service at most once, in waves of `needs`, and finds the service
 * deployment that each update made. Everything is checked and planned before the first write.
 */
export async function run(given: DeployInputs, deps: ActionDeps): Promise<ActionResult<DeployOutput>> {
  const target = await readTarget(given, 'deploy', deps);
  const wanted = await readWantedServices(given, target, deps.github.workspace);
  const followDeps = { ...deps, ecs: ecsClient(target.access), logs: logsClient(target.access) };
  const choices = { onRunning: given['on-running'], force: given['force-new-deployment'] };
  const planned = await planServices(followDeps.ecs, wanted, choices);
  tellPlan(planned, deps);
  const descends = commitOrder(given['github-token'], deps);
  if (!given['allow-older']) await assertNoneNewer(planned, deps.github.sha, descends);
  await deps.summary(renderPlanSummary(planned));
  if (given['dry-run']) return resultOf([], planned);
  const refusal = tryRefusal(planned);
  if (refusal) throw refusal;
  // From here on AWS is written to.
  const deadlineAt = deps.clock.now() + given['timeout-minutes'] * 60_000;
  return deployInWaves(planned, { followDeps, deps, choices, deadlineAt });
}

interface Deployment {
  followDeps: FollowDeps;
  deps: ActionDeps;
  choices: Parameters<typeof planServices>[2];
  deadlineAt: number;
}

/** A wave begins when the deployments it needs have succeeded; one that has not ends the run there. */
async function deployInWaves(
  planned: PlannedService[],
  context: Deployment,
): Promise<ActionResult<DeployOutput>> {
  const { deps, followDeps, choices, deadlineAt } = context;
  const tags = tagsOf(deps);
  const byService = Object.fromEntries(planned.map((plan) => [plan.wanted.service, plan]));
  const waves = inNeedsOrder(Object.fromEntries(planned.map(({ wanted }) => [wanted.service, wanted])));
  const items: ServiceDeploymentItem[] = [];
  for (const [wave, names] of waves.entries()) {
    const needed = new Set(names.flatMap((name) => byService[name]?.wanted.needs ?? []));
    const failure = await followNeeded(
      items.filter(({ service }) => needed.has(service)),
      context,
    );
    if (failure)
      return { ...resultOf(items, planned), failure: stoppedAt(failure, waves.slice(wave).flat()) };
    const wavePlans = names.flatMap((name) => byService[name] ?? []);
    const applied = wavePlans.map((plan) =>
      applyPlan(plan, { deps: followDeps, choices, deadlineAt, wave, commit: deps.github.sha, tags }),
    );
    const settled = await Promise.allSettled(applied);
    items.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    const failed = settled.find((one) => one.status === 'rejected');
    // What was deployed must reach the rollback even though this wave ends here.
    if (failed && items.length === 0) throw failed.reason;
    if (failed) return { ...resultOf(items, planned), failure: renderError(failed.reason) };
  }
  return resultOf(items, planned);
}

async function followNeeded(
  items: ServiceDeploymentItem[],
  context: Deployment,
): Promise<FollowOutcome | undefined> {
  const { followDeps, deadlineAt } = context;
  const followed = items.flatMap((item) =>
    item.serviceDeploymentArn ? [{ ...item, serviceDeploymentArn: item.serviceDeploymentArn }] : [],
  );
  if (followed.length === 0) return undefined;
  const timeoutMs = Math.max(0, deadlineAt - followDeps.clock.now());
  const hopeless = { rules: HOPELESS_RULES, onFailure: 'rollback' } as const;
  const options = { timeoutMs, waitUntil: 'done', causes: 'annotate', logLines: 12, hopeless } as const;
  const outcomes = await followDeployments(followed, options, followDeps);
  return outcomes.find(({ verdict }) => !verdict.green);
}

function stoppedAt({ followed, verdict }: FollowOutcome, notDeployed: string[]): string {
  return `${renderVerdict({ ...followed, verdict })} Not deployed, because they come after it: ${notDeployed.join(', ')}.`;
}

function tellPlan(planned: readonly PlannedService[], { log }: ActionDeps): void {
  for (const plan of planned) {
    for (const line of renderPlan(plan.steps)) log.info(`${plan.wanted.service}: ${line}`);
    for (const line of renderDiff(plan.changes)) log.info(`${plan.wanted.service}:   ${line}`);
    const mark = knownBadOf(plan);
    if (mark === undefined || !plan.equal) continue;
    const revision = familyRevisionOf(plan.equal.taskDefinitionArn);
    log.warning(
      `${plan.wanted.service}: ${revision} is marked known-bad${mark ? ` (${mark})` : ''} and is deployed again.`,
    );
  }
}

function renderPlanSummary(planned: readonly PlannedService[]): string {
  const rows = planned.map(({ wanted, before, steps }) => [
    wanted.service,
    familyRevisionOf(before.taskDefinitionArn),
    renderPlan(steps).join('\n'),
  ]);
  const table = renderTable(['Service', 'Runs', 'Does'], rows);
  const diffs = planned.flatMap(({ wanted, changes }) =>
    changes.length > 0 ? [`### ${wanted.service}\n\n${renderDiffMarkdown(changes)}`] : [],
  );
  return [`## Deployment plan`, table, ...diffs].join('\n\n');
}

function resultOf(items: ServiceDeploymentItem[], planned: PlannedService[]): ActionResult<DeployOutput> {
  const plan = planned.map(({ wanted, before, steps, changes }) => ({
    service: wanted.service,
    serviceName: wanted.serviceName,
    currentTaskDefinitionArn: before.taskDefinitionArn,
    steps,
    changes,
  }));
  const only = items.length === 1 ? items[0] : undefined;
  return {
    outputs: {
      deployments: items,
      'service-deployment-arn': only?.serviceDeploymentArn,
      'task-definition-arn': only?.taskDefinitionArn,
      changed: items.some(({ changed }) => changed),
      plan,
    },
  };
}

/** The clone answers at once; where it does not hold both commits, GitHub knows. */
function commitOrder(token: string | undefined, { github }: ActionDeps): Descends {
  const inClone = descendsInClone(runCommand, github.workspace);
  return async (commits) => (await inClone(commits)) ?? tryDescends(github, token, commits);
}

function tagsOf({ github }: ActionDeps): Record<string, string> {
  const run = github.runId ? `${github.serverUrl}/${github.repository}/actions/runs/${github.runId}` : '';
  return { ...(github.sha ? { 'git-sha': github.sha } : {}), ...(run ? { 'deployed-by-run': run } : {}) };
}
