import type { PlanStep } from '../../core/src/decide/deployment-plan.ts';
import { deploymentIdOf } from '../../core/src/decide/deployment-plan.ts';
import { familyRevisionOf } from '../../core/src/decide/rollback-target.ts';
import type { ServiceDeploymentItem } from '../../core/src/deployments-json.ts';
import { applyServiceUpdate } from '../../core/src/ecs/service-update.ts';
import type { PlannedService } from './plan.ts';
import { type ApplyContext, assertGoingOn, type PreparedService } from './prepare.ts';

/** Makes the one update that a prepared service needs, and finds the service deployment that this made. */
export async function applyUpdate(
  prepared: PreparedService,
  context: ApplyContext,
): Promise<ServiceDeploymentItem> {
  const { planned, taskDefinitionArn } = prepared;
  const { wanted, before, history, steps, strategy } = planned;
  const { deps } = context;
  const [first] = steps;
  if (first?.kind === 'nothing' || first?.kind === 'adopt') return alreadyThere(prepared, context, first);
  assertGoingOn(planned, context);
  await context.hold.hold(planned);
  const force = steps.some((step) => step.kind === 'update' && step.force);
  const { configuration } = strategy;
  const request = { before, historyBefore: history, taskDefinitionArn, force, configuration };
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
  { planned, taskDefinitionArn }: PreparedService,
  context: ApplyContext,
  step: Extract<PlanStep, { kind: 'nothing' | 'adopt' }>,
): ServiceDeploymentItem {
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
