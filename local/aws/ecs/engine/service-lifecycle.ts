import { AwsFault } from '../../fault.ts';
import { type LifecycleStep, lifecyclePlan, ROLLBACK_PLAN, shiftsTraffic } from './decide-lifecycle.ts';
import { completeDeployment, serviceDeploymentOf } from './deployments.ts';
import { failDeployment, HOOK_FAILURE, OVERDUE_FAILURE, stageFailure, trafficFailure } from './failure.ts';
import { runHooks } from './service-hooks.ts';
import type { ServicePass } from './service-pass.ts';
import { shiftTraffic } from './service-traffic.ts';
import type { DeploymentRecord, ServiceDeploymentRecord, ServiceRecord } from './state.ts';

const MINUTE_MS = 60_000;

/** The stages that a service deployment goes through, the way back if it is on it. */
export function planOf(deployment: ServiceDeploymentRecord): readonly LifecycleStep[] {
  if (deployment.rollback !== undefined) return ROLLBACK_PLAN;
  return lifecyclePlan(deployment.deploymentConfiguration, deployment.sourceRevisionArns.length > 1);
}

/** The stage a service deployment is in; `undefined` for one that shifts no traffic or has not begun. */
export function currentStep(deployment: ServiceDeploymentRecord): LifecycleStep | undefined {
  return deployment.lifecycle && planOf(deployment)[deployment.lifecycle.position];
}

/**
 * Moves a deployment that shifts traffic to its next stage once the present one has come to its end, or back
 * when a hook, a listener rule or the clock says so. Tells whether anything changed.
 */
export function stepLifecycle(
  pass: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
): boolean {
  if (primary.rolloutState !== 'IN_PROGRESS') return false;
  const step = currentStep(deployment);
  if (failOverdue(pass, primary, deployment)) return true;
  if (step === undefined || deployment.lifecycle === undefined) return enter(pass, primary, deployment, 0);
  const { position } = deployment.lifecycle;
  const verdict = primary.isRollback ? 'passed' : runHooks(pass, deployment, step.stage, position);
  if (verdict === 'refused') {
    failDeployment(pass.context, pass.service, primary, HOOK_FAILURE);
    return true;
  }
  if (verdict === 'waiting') return false;
  if (!hasLasted(pass, deployment.lifecycle.since, step)) return false;
  if (hasHappened(pass, primary, deployment, step)) return enter(pass, primary, deployment, position + 1);
  return failLate(pass, primary, deployment.lifecycle.since, step);
}

function enter(
  { context, service }: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
  position: number,
): boolean {
  const step = planOf(deployment)[position];
  if (step === undefined) {
    completeDeployment(context, service, primary);
    return true;
  }
  try {
    shiftTraffic(context, service, deployment, step);
  } catch (error) {
    if (!(error instanceof AwsFault)) throw error;
    failDeployment(context, service, primary, trafficFailure(error.message));
    return true;
  }
  const servesAll = primary.isRollback ? step.productionPercent === 0 : step.productionPercent === 100;
  if (servesAll) service.production = { deploymentId: primary.id, revisionArn: primary.revisionArn };
  deployment.lifecycle = { position, since: context.state.now };
  deployment.updatedAt = context.state.now;
  return true;
}

function hasLasted(
  { context, dues }: ServicePass,
  since: number,
  { bakeMinutes = 0 }: LifecycleStep,
): boolean {
  const { state, timings } = context;
  const endsAt = since + Math.max(timings.stageMs, bakeMinutes * MINUTE_MS * timings.bakeScale);
  if (state.now < endsAt) dues.push(endsAt);
  return state.now >= endsAt;
}

/** Whether what the stage is there for has come about. */
function hasHappened(
  { service, live, health }: ServicePass,
  primary: DeploymentRecord,
  deployment: ServiceDeploymentRecord,
  { stage }: LifecycleStep,
): boolean {
  if (stage === 'SCALE_UP') {
    const healthy = live.filter(
      ({ id, deploymentId }) => deploymentId === primary.id && health.byTaskId.get(id)?.verdict === 'healthy',
    );
    return healthy.length >= service.settings.desiredCount;
  }
  const stays = [primary.id, ...(stage === 'RECONCILE_SERVICE' ? [deployment.blue?.deploymentId] : [])];
  const isOver = stage === 'CLEAN_UP' || stage === 'RECONCILE_SERVICE';
  return !isOver || live.every(({ deploymentId }) => stays.includes(deploymentId));
}

/** The whole deployment may last 30 days; the way back is bounded by its stages. */
function failOverdue(
  { context, service, dues }: ServicePass,
  primary: DeploymentRecord,
  { startedAt }: ServiceDeploymentRecord,
): boolean {
  if (primary.isRollback) return false;
  const endsAt = (startedAt ?? context.state.now) + context.timings.deploymentLimitMs;
  if (context.state.now < endsAt) {
    dues.push(endsAt);
    return false;
  }
  failDeployment(context, service, primary, OVERDUE_FAILURE);
  return true;
}

/** A stage may last 24 hours. */
function failLate(
  { context, service, dues }: ServicePass,
  primary: DeploymentRecord,
  since: number,
  { stage }: LifecycleStep,
): boolean {
  const endsAt = since + context.timings.stageLimitMs;
  if (context.state.now < endsAt) {
    dues.push(endsAt);
    return false;
  }
  failDeployment(context, service, primary, stageFailure(stage));
  return true;
}

/** How many tasks a deployment is to have, and whether it may be brought up to that. */
export interface WantedCount {
  count: number;
  mayLaunch: boolean;
}

/**
 * How many tasks each deployment of the list is to have while traffic is shifted: the old revision stays whole
 * until it is cleaned up, be that of no tasks; whatever is not named goes, and leaves the list with its last
 * task. On the way back what is left keeps the tasks that it has until no traffic can be on them.
 * `undefined` where the rolling scheduler is at work.
 */
export function wantedCounts(service: ServiceRecord): Map<string, WantedCount> | undefined {
  const primary = service.deployments[0];
  const deployment = primary && serviceDeploymentOf(service, primary);
  if (primary === undefined || deployment === undefined) return undefined;
  if (!shiftsTraffic(deployment.deploymentConfiguration) || primary.rolloutState === 'COMPLETED') {
    return undefined;
  }
  const { desiredCount } = service.settings;
  const stage = currentStep(deployment)?.stage;
  const isBefore = stage === undefined || stage === 'RECONCILE_SERVICE' || stage === 'PRE_SCALE_UP';
  return new Map(
    service.deployments.flatMap(({ id }): [string, WantedCount][] => {
      if (id === primary.id) return [[id, { count: isBefore ? 0 : desiredCount, mayLaunch: true }]];
      const isBlue = id === deployment.blue?.deploymentId;
      if (stage === 'CLEAN_UP' || !(isBlue || primary.isRollback)) return [];
      return [[id, { count: desiredCount, mayLaunch: isBlue }]];
    }),
  );
}
