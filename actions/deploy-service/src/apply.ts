import type { PlanStep } from '../../core/src/decide/deployment-plan.ts';
import { deploymentIdOf } from '../../core/src/decide/deployment-plan.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { readServices } from '../../core/src/ecs/service.ts';
import { stopServiceDeployment } from '../../core/src/ecs/service-deployment.ts';
import { applyServiceUpdate } from '../../core/src/ecs/service-update.ts';
import { registerTaskDefinition } from '../../core/src/ecs/task-definition.ts';
import { UserError } from '../../core/src/errors.ts';
import { type FollowDeps, followDeployments } from '../../core/src/follow.ts';
import { type PlanChoices, type PlannedService, planService } from './plan.ts';

/** What applying a plan needs besides AWS. `deadlineAt` is epoch milliseconds. */
export interface ApplyContext {
  deps: FollowDeps;
  choices: PlanChoices;
  deadlineAt: number;
  wave: number;
  commit: string;
  /** Tags for a newly registered revision, so that it leads back to commit and run. */
  tags: Readonly<Record<string, string>>;
}

type Running = Extract<PlanStep, { kind: 'wait' | 'stop' | 'refuse' }>;

/**
 * Carries out one service's plan: first clears the way, then registers and updates at most once each.
 * A deployment that is waited for or stopped may change what there is to do, so the plan is made anew after it.
 */
export async function applyPlan(
  planned: PlannedService,
  context: ApplyContext,
): Promise<ServiceDeploymentItem> {
  const [first] = planned.steps;
  if (first?.kind === 'nothing' || first?.kind === 'adopt') return alreadyThere(planned, context, first);
  if (first?.kind === 'wait' || first?.kind === 'stop' || first?.kind === 'refuse') {
    await clearTheWay(planned, first, context);
    return applyPlan(await planAgain(planned, context), context);
  }
  const taskDefinitionArn = planned.equal?.taskDefinitionArn ?? (await register(planned, context));
  return update(planned, taskDefinitionArn, context);
}

/** The deployment that stands in the way of a plan which refuses to wait. */
export function tryRefusal(planned: readonly PlannedService[]): UserError | undefined {
  const refused = planned.flatMap(({ wanted, steps }) =>
    steps.flatMap((step) => (step.kind === 'refuse' ? [{ service: wanted.service, step }] : [])),
  );
  return refused.length === 0
    ? undefined
    : new UserError('DEPLOYMENT_RUNNING', refused.map(renderRefusal).join('\n'));
}

function renderRefusal({ service, step }: { service: string; step: Running }): string {
  const choices = 'wait for it with "on-running: queue", or end it with "on-running: stop"';
  return `${service}: ${step.why} (${step.serviceDeploymentArn}). Nothing was written; ${choices}.`;
}

async function clearTheWay(
  { wanted, before }: PlannedService,
  step: Running,
  context: ApplyContext,
): Promise<void> {
  const { deps, deadlineAt } = context;
  if (step.kind === 'refuse')
    throw new UserError('DEPLOYMENT_RUNNING', renderRefusal({ service: wanted.service, step }));
  if (step.kind === 'stop') await stopServiceDeployment(deps.ecs, step.serviceDeploymentArn);
  const id = deploymentIdOf(step.serviceDeploymentArn);
  deps.log.info(
    `${wanted.service}: ${step.kind === 'stop' ? 'stopping' : 'waiting for'} service deployment ${id}, ${step.why}`,
  );
  const followed = {
    service: `${wanted.service} (${id})`,
    cluster: wanted.cluster,
    serviceName: wanted.serviceName,
    serviceDeploymentArn: step.serviceDeploymentArn,
    taskDefinitionArn: before.taskDefinitionArn,
  };
  const timeoutMs = Math.max(0, deadlineAt - deps.clock.now());
  const [outcome] = await followDeployments(
    [followed],
    { timeoutMs, waitUntil: 'done', causes: 'quiet', logLines: 0 },
    deps,
  );
  if (outcome?.verdict.word !== 'unknown') return;
  throw new UserError(
    'DEPLOYMENT_STILL_RUNNING',
    `${wanted.service}: the deployment ${step.serviceDeploymentArn} was still under way when the time was up. Nothing was written for this service.`,
  );
}

async function planAgain(
  { wanted }: PlannedService,
  { deps, choices }: ApplyContext,
): Promise<PlannedService> {
  const [before] = await readServices(deps.ecs, wanted.cluster, [wanted.serviceName]);
  if (!before)
    throw new UserError('SERVICE_NOT_FOUND', `Service "${wanted.serviceName}" has gone meanwhile.`);
  return planService(deps.ecs, wanted, before, choices);
}

async function register(
  { wanted: { service, wanted } }: PlannedService,
  { deps, tags }: ApplyContext,
): Promise<string> {
  if (!('document' in wanted)) throw new Error('only a document can be registered');
  const taskDefinitionArn = await registerTaskDefinition(deps.ecs, wanted.document, tags);
  deps.log.info(`${service}: registered ${familyRevisionOf(taskDefinitionArn)}`);
  return taskDefinitionArn;
}

async function update(
  planned: PlannedService,
  taskDefinitionArn: string,
  context: ApplyContext,
): Promise<ServiceDeploymentItem> {
  const { wanted, before, history, steps } = planned;
  const { deps } = context;
  const force = steps.some((step) => step.kind === 'update' && step.force);
  const request = { before, historyBefore: history, taskDefinitionArn, force };
  const outcome = await applyServiceUpdate(deps.ecs, request, deps);
  const serviceDeploymentArn = outcome.kind === 'deployment' ? outcome.serviceDeploymentArn : null;
  const what = serviceDeploymentArn
    ? `as service deployment ${deploymentIdOf(serviceDeploymentArn)}`
    : outcome.kind === 'none'
      ? '(ECS made no service deployment for it)'
      : '(its service deployment never came to sight)';
  deps.log.info(`${wanted.service}: deploying ${familyRevisionOf(taskDefinitionArn)} ${what}`);
  return {
    ...itemOf(planned, context, taskDefinitionArn),
    serviceDeploymentArn,
    changed: outcome.kind !== 'none',
  };
}

function alreadyThere(
  planned: PlannedService,
  context: ApplyContext,
  step: Extract<PlanStep, { kind: 'nothing' | 'adopt' }>,
): ServiceDeploymentItem {
  const taskDefinitionArn = planned.equal?.taskDefinitionArn ?? planned.before.taskDefinitionArn;
  const serviceDeploymentArn = step.kind === 'adopt' ? step.serviceDeploymentArn : null;
  context.deps.log.info(`${planned.wanted.service}: ${step.why}`);
  return { ...itemOf(planned, context, taskDefinitionArn), serviceDeploymentArn, changed: false };
}

function itemOf(
  { wanted, before }: PlannedService,
  { wave, commit }: ApplyContext,
  taskDefinitionArn: string,
) {
  return {
    service: wanted.service,
    cluster: before.clusterArn,
    serviceName: wanted.serviceName,
    taskDefinitionArn,
    previousTaskDefinitionArn: before.taskDefinitionArn,
    previousServiceRevisionArn: before.currentServiceRevisionArns[0],
    wave,
    desiredCountBefore: before.desiredCount,
    ...(commit ? { commit } : {}),
    ...(wanted.smoke === undefined ? {} : { smoke: wanted.smoke }),
  };
}
