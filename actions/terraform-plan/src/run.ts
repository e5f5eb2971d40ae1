import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import prices from '../../../terraform/pricing/us-east-1.json' with { type: 'json' };
import { s3Client } from '../../core/src/aws-clients.ts';
import { definedEnv, type RunCommand } from '../../core/src/command.ts';
import { type CostChange, costChange, costOf } from '../../core/src/decide/cost/plan-cost.ts';
import type { PriceTable } from '../../core/src/decide/cost/price-table.ts';
import type { ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { githubApi } from '../../core/src/github/api.ts';
import type { InputsOf } from '../../core/src/github/inputs.ts';
import { renderCostSentence } from '../../core/src/report/cost.ts';
import { renderCounts, renderPlanReport } from '../../core/src/report/plan-report.ts';
import { keepPlan } from '../../core/src/terraform/kept-plan.ts';
import { type Plan, readPlan, resourcesAfter, resourcesBefore } from '../../core/src/terraform/plan-json.ts';
import { openTerraform } from '../../core/src/terraform/terraform.ts';
import { statePlaceOf } from '../../core/src/terraform/terraform-inputs.ts';
import { checkPolicies } from './check-policies.ts';
import type { inputs, outputs } from './inputs.ts';
import { commentMarker, publishComment, publishDrift, pullRequestOf } from './publish.ts';
import { assertReviewed, reviewLine } from './review.ts';
import { checkRootModule } from './root-module.ts';

type Inputs = InputsOf<typeof inputs>;
type Deps = ActionDeps & { readonly command: RunCommand };

const table: PriceTable = prices;

/** Plans, shows the plan where it was asked to, and keeps it. Changes nothing in AWS but the lock of the state. */
export async function run(given: Inputs, deps: Deps): Promise<ActionResult<(typeof outputs)[number]>> {
  if (given['report-to'] === 'pull-request') pullRequestOf(deps.github);
  const names = Object.keys(given.variables);
  for (const line of await checkRootModule(given.root, names, deps.github.workspace)) deps.log.warning(line);
  const folder = await mkdtemp(join(deps.github.temp, 'berth-plan-'));
  try {
    return await planIn(folder, given, deps);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function planIn(
  folder: string,
  given: Inputs,
  deps: Deps,
): Promise<ActionResult<(typeof outputs)[number]>> {
  const { log } = deps;
  const file = join(folder, 'plan.tfplan');
  const terraform = await openTerraform(given, deps);
  await log.group('terraform init', () => terraform.init());
  const changes = await terraform.plan(file, { refresh: given.refresh });
  const text = await terraform.showText(file);
  await log.group('Plan', async () => log.info(text));
  const json = await terraform.showJson(file);
  const plan = readPlan(json);
  const cost = costChange(costOf(resourcesBefore(plan), table), costOf(resourcesAfter(plan), table));
  log.info(`${renderCounts(plan)}; ${renderCostSentence(cost)}.`);
  const digest = given.keep && changes ? await keep(file, given, deps) : '';
  const report = await render(
    { plan, text, cost, digest },
    await policiesOf(folder, json, given, deps),
    given,
    deps,
  );
  await deps.summary(report);
  if (given['report-to'] === 'pull-request') await publishComment(given, report, given.token, deps);
  if (given['report-to'] === 'issue')
    await publishDrift(given, { report, found: changes, run: runOf(deps) }, given.token, deps);
  if (given.reviewed && changes) await holdAgainstReview(plan, given, deps);
  return {
    outputs: { changes: String(changes), digest, counts: renderCounts(plan), cost: cost.usd.toFixed(2) },
  };
}

async function keep(file: string, given: Inputs, { access, log }: Deps): Promise<string> {
  const s3 = s3Client(access({ role: given['role-to-assume'], region: given.region }));
  const digest = await keepPlan(file, statePlaceOf(given), s3);
  log.info(`Kept as ${digest}.`);
  return digest;
}

async function policiesOf(folder: string, json: string, given: Inputs, { command, env, github }: Deps) {
  const planJson = join(folder, 'plan.json');
  await writeFile(planJson, json, { mode: 0o600 });
  const plain = Object.entries(definedEnv(env)).filter(([name]) => !/^(ACTIONS_|AWS_|INPUT_)/.test(name));
  return checkPolicies(planJson, github.workspace, {
    command,
    version: given['checkov-version'],
    env: Object.fromEntries(plain),
  });
}

async function render(
  made: { plan: Plan; text: string; cost: CostChange; digest: string },
  policy: Awaited<ReturnType<typeof checkPolicies>>,
  given: Inputs,
  deps: Deps,
): Promise<string> {
  return renderPlanReport({
    environment: given.environment,
    root: given.root,
    ...made,
    prices: `list prices of ${table.region}, read ${table.read}`,
    policy,
    notes: [
      `commit ${deps.github.sha.slice(0, 12)}`,
      runOf(deps),
      reviewLine(made.plan),
      ...(made.digest === '' ? [] : [`plan \`${made.digest}\``]),
    ],
  });
}

function runOf({ github }: Deps): string {
  return `[run](${github.serverUrl}/${github.repository}/actions/runs/${github.runId})`;
}

async function holdAgainstReview(plan: Plan, given: Inputs, { github, log }: Deps): Promise<void> {
  const api = githubApi(github, given.token, 'pull-requests: read');
  await assertReviewed(plan, github.sha, commentMarker(given), { api, log });
}
