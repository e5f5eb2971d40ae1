import {
  autoscalingClient,
  cloudwatchClient,
  ecrClient,
  ecsClient,
  elbv2Client,
  logsClient,
} from '../../core/src/aws-clients.ts';
import { renderError } from '../../core/src/errors.ts';
import type { Action, ActionDeps, ActionResult } from '../../core/src/github/action-run.ts';
import { readTarget, type Target } from '../../core/src/github/target-inputs.ts';
import { assertNoAlarm, readAlarmNotes } from './alarm-guard.ts';
import { commitGuardOf } from './commit-guard.ts';
import { assertFit } from './fitness.ts';
import { type AutoscalingHold, type HoldState, planAutoscalingHold } from './hold-autoscaling.ts';
import { type DeployInputs, type DeployOutput, inputs, outputs } from './inputs.ts';
import { type PlannedService, planServices, RUN_TAG } from './plan.ts';
import { tryRefusal } from './prepare.ts';
import { openRegistrations } from './registrations.ts';
import { resumeHeld } from './resume.ts';
import { openSmoke } from './smoke.ts';
import { renderPlanSummary, renderResultSummary, tellPlan } from './summary.ts';
import { readWantedServices } from './wanted-services.ts';
import { deployInWaves, followToStage, type Prove, type WaveContext, type WaveResult } from './waves.ts';

/** The name under which the runner keeps what the end of the job has to resume. */
const HELD_STATE = 'heldAutoscaling';

export const deployService: Action<typeof inputs, DeployOutput> = {
  inputs,
  outputs,
  run,
  after: (state, deps) => resumeHeld(state(HELD_STATE), deps),
};

/**
 * Registers and updates each chosen service at most once, in waves of `needs`, and finds the service
 * deployment that each update made. Everything is checked and planned before the first write.
 */
export function run(given: DeployInputs, deps: ActionDeps): Promise<ActionResult<DeployOutput>> {
  return deploy(given, deps);
}

/** The same, where one process also proves each wave before it begins the next. */
export async function deploy(
  given: DeployInputs,
  deps: ActionDeps,
  prove?: Prove,
): Promise<ActionResult<DeployOutput>> {
  const target = await readTarget(given, 'deploy', deps);
  const wanted = await readWantedServices(given, target, deps.github.workspace);
  const ask = await openSmoke(given, { target, wanted, isAllTested: prove !== undefined }, deps);
  const ecs = ecsClient(target.access, deps);
  const tags = tagsOf(deps);
  const choices = {
    onRunning: given['on-running'],
    force: given['force-new-deployment'],
    ...(Number(deps.github.runAttempt) > 1 ? { earlierAttempts: tags[RUN_TAG] } : {}),
  };
  const found = await planServices(ecs, wanted, choices);
  const { planned, hold } = await planHold(found, given, target, deps);
  const cloudwatch = cloudwatchClient(target.access);
  const alarmNotes = await readAlarmNotes(planned, { cloudwatch, log: deps.log });
  tellPlan(planned, alarmNotes, deps.log);
  const assertNotOlder = commitGuardOf(given, deps);
  await assertNotOlder(planned);
  await deps.summary(renderPlanSummary(planned, alarmNotes, deps.github.sha));
  assertNoAlarm(alarmNotes, given['on-alarm']);
  await assertFit(planned, { log: deps.log, ecr: (region) => ecrClient({ ...target.access, region }) });
  if (given['dry-run']) return resultOf([], planned);
  const refusal = tryRefusal(planned);
  if (refusal) throw refusal;
  // From here on AWS is written to.
  hold.begin();
  const registrations = openRegistrations(ecs, deps.log, tags);
  const context: WaveContext = {
    deps: {
      ...deps,
      ecs,
      logs: logsClient(target.access),
      elb: elbv2Client(target.access),
      cloudwatch,
    },
    choices,
    deadlineAt: deps.clock.now() + given['timeout-minutes'] * 60_000,
    waitUntil: given['wait-until'],
    onCancel: given['on-cancel'],
    prove,
    ask,
    commit: deps.github.sha,
    tags,
    attempt: deps.github.runAttempt,
    registrations,
    hold,
    assertNotOlder: (one) => assertNotOlder([one]),
  };
  return deployHeld(planned, context, deps);
}

/** Whatever ends the deployment early, autoscaling is resumed before this returns. */
async function deployHeld(
  planned: PlannedService[],
  context: WaveContext,
  deps: ActionDeps,
): Promise<ActionResult<DeployOutput>> {
  const result = await deployAll(planned, context, deps).catch(async (error: unknown) => {
    for (const failure of await context.hold.resume()) deps.log.error(failure);
    await deps.summary(
      renderResultSummary({ items: [], migrations: new Map(), failure: renderError(error) }),
    );
    throw error;
  });
  await deps.summary(renderResultSummary(result));
  const { failure } = result;
  return { ...resultOf(result.items, planned), ...(failure === undefined ? {} : { failure }) };
}

async function deployAll(
  planned: PlannedService[],
  context: WaveContext,
  deps: ActionDeps,
): Promise<WaveResult> {
  await context.registrations.registerAll(planned);
  const result = await deployInWaves(planned, context);
  const { hold, prove } = context;
  const isProven = prove !== undefined || result.failure !== undefined;
  if (!hold.isHolding() || (!isProven && canWait(result, deps))) return result;
  // Where no later step of a job resumes what is held, this one stays until the deployments have ended.
  const unmet = isProven ? undefined : await followToStage(result.items, context);
  const failures = [result.failure, unmet, ...(await hold.resume())].flatMap((one) => one ?? []);
  return failures.length > 0 ? { ...result, failure: failures.join('\n') } : result;
}

/** On a runner the step after the job resumes; there is something to wait for only where a deployment is under way. */
function canWait({ items }: WaveResult, deps: ActionDeps): boolean {
  return (
    deps.saveState !== undefined && items.some(({ serviceDeploymentArn }) => serviceDeploymentArn !== null)
  );
}

async function planHold(
  planned: PlannedService[],
  given: DeployInputs,
  target: Target,
  { log, saveState }: ActionDeps,
): Promise<{ planned: PlannedService[]; hold: AutoscalingHold }> {
  const who = { region: target.region, role: given['role-to-assume'] ?? target.environment?.roles.deploy };
  const remember = (resourceIds: readonly string[]): void => {
    const state: HoldState = { ...who, resourceIds };
    if (resourceIds.length > 0) saveState?.(HELD_STATE, JSON.stringify(state));
  };
  const wish = given['hold-autoscaling'];
  return planAutoscalingHold(wish, planned, {
    log,
    remember,
    autoscaling: autoscalingClient(target.access),
  });
}

function resultOf(
  items: WaveResult['items'],
  planned: readonly PlannedService[],
): ActionResult<DeployOutput> {
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

function tagsOf({ github }: ActionDeps): Record<string, string> {
  const run = github.runId ? `${github.serverUrl}/${github.repository}/actions/runs/${github.runId}` : '';
  return { ...(github.sha ? { 'git-sha': github.sha } : {}), ...(run ? { [RUN_TAG]: run } : {}) };
}
