import { cloudwatchClient, ecsClient, elbv2Client, logsClient } from '../../core/src/aws-clients.ts';
import { type ServiceDeploymentItem, tryRegionOf } from '../../core/src/deployments-json.ts';
import { findDeployment, findNewestDeployments } from '../../core/src/find-deployments.ts';
import type { Action, ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { tryDescends } from '../../core/src/github/commit-order.ts';
import { readTarget } from '../../core/src/github/target-inputs.ts';
import {
  concludeOf,
  judgeDeployments,
  renderSummary,
  toVerdictItems,
} from '../../core/src/judge-deployments.ts';
import { proveSuccesses } from '../../core/src/prove-deployments.ts';
import { renderVerdict } from '../../core/src/report/verdict-sentence.ts';
import { selectServices } from '../../core/src/selected-services.ts';
import { excuseSuperseded } from './excuse-superseded.ts';
import { inputs, outputs, type WaitInputs, type WaitOutput } from './inputs.ts';

export const waitForStable: Action<typeof inputs, WaitOutput> = { inputs, outputs, run };

/** Follows each service deployment to its verdict, tells the cause of a failure at once, and sums up. */
export async function run(given: WaitInputs, deps: ActionDeps): Promise<ActionResult<WaitOutput>> {
  const region = given.region ?? regionOf(given);
  const target = await readTarget({ ...given, region }, 'verify', deps);
  const { access } = target;
  const followDeps = {
    ...deps,
    ecs: ecsClient(access, deps),
    logs: logsClient(access),
    elb: elbv2Client(access),
    cloudwatch: cloudwatchClient(access),
  };
  const items = await findItems(given, target, followDeps.ecs);
  const options = {
    timeoutMs: given['timeout-minutes'] * 60_000,
    waitUntil: given['wait-until'],
    causes: 'annotate',
    logLines: given['log-lines'],
    hopeless: { rules: given['hopeless-after'], onFailure: given['on-failure'] },
    onCancel: given['on-cancel'],
  } as const;
  const descends = (commits: { older: string; newer: string }) =>
    tryDescends(deps.github, given['github-token'], commits);
  const judged = await judgeDeployments(items, options, followDeps);
  const proven = await proveSuccesses(judged, followDeps);
  const rows = await excuseSuperseded(proven, { ...followDeps, descends });
  for (const row of rows) deps.log.info(renderVerdict(row));
  await deps.summary(renderSummary('Verdict', rows));
  const { verdict, failure } = concludeOf(rows);
  return { outputs: { verdict, verdicts: toVerdictItems(rows) }, failure };
}

function regionOf(given: WaitInputs): string | undefined {
  const arn = given['service-deployment-arn'];
  return tryRegionOf(given.deployments ?? []) ?? (arn ? arn.split(':')[3] : undefined);
}

/** What to follow: the list handed over, the ARN given, or the newest deployment of the services named. */
async function findItems(
  given: WaitInputs,
  target: Awaited<ReturnType<typeof readTarget>>,
  ecs: ReturnType<typeof ecsClient>,
): Promise<ServiceDeploymentItem[]> {
  if (given.deployments) return given.deployments;
  const arn = given['service-deployment-arn'];
  if (arn) return findDeployment(ecs, arn);
  return findNewestDeployments(ecs, selectServices(target, given));
}
