import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import type { HookAnswer, HookInvocation } from '../hook-caller.ts';
import { newUuid } from './identifiers.ts';
import type { ServicePass } from './service-pass.ts';
import { trafficWeights } from './service-traffic.ts';
import type { HookRecord, LifecycleStage, ServiceDeploymentRecord, ServiceRecord } from './state.ts';

const DEFAULT_TIMEOUT_MINUTES = 1440;
const DEFAULT_CALL_BACK_S = 30;
const MINUTE_MS = 60_000;

export type HookVerdict = 'waiting' | 'passed' | 'refused';

/**
 * Runs the hooks of a stage and tells what they say together: all have passed, one refuses (the deployment
 * goes back), or some are still waited for. `round` tells apart the times a stage is gone through.
 */
export function runHooks(
  pass: ServicePass,
  deployment: ServiceDeploymentRecord,
  stage: LifecycleStage,
  round: number,
): HookVerdict {
  const configured = (deployment.deploymentConfiguration.lifecycleHooks ?? []).filter((hook) =>
    hook.lifecycleStages?.some((wanted) => wanted === stage),
  );
  if (configured.length === 0) return 'passed';
  const begun = deployment.hooks.filter((hook) => hook.stage === stage && hook.round === round);
  const hooks = begun.length > 0 ? begun : configured.map((hook) => newHook(pass, hook, stage, round));
  if (begun.length === 0) deployment.hooks.push(...hooks);
  for (const hook of hooks) stepHook(pass, deployment, hook);
  if (hooks.some(isRefusal)) return 'refused';
  return hooks.some(isOpen) ? 'waiting' : 'passed';
}

/** Whether the hook has not been decided yet. */
export const isOpen = ({ status }: HookRecord): boolean =>
  status === 'AWAITING_ACTION' || status === 'IN_PROGRESS';

function isRefusal({ status, timeoutAction }: HookRecord): boolean {
  return status === 'FAILED' || (status === 'TIMED_OUT' && timeoutAction === 'ROLLBACK');
}

function newHook(
  { context }: ServicePass,
  configured: DeploymentLifecycleHook,
  stage: LifecycleStage,
  round: number,
): HookRecord {
  const { state, timings, random } = context;
  const { targetType = 'AWS_LAMBDA', hookTargetArn, hookDetails, timeoutConfiguration } = configured;
  const minutes = timeoutConfiguration?.timeoutInMinutes ?? DEFAULT_TIMEOUT_MINUTES;
  const isPause = targetType === 'PAUSE';
  return {
    id: newUuid(random),
    stage,
    round,
    targetType,
    targetArn: isPause ? undefined : hookTargetArn,
    details: hookDetails,
    status: isPause ? 'AWAITING_ACTION' : 'IN_PROGRESS',
    expiresAt: state.now + minutes * MINUTE_MS * timings.bakeScale,
    timeoutAction: timeoutConfiguration?.action ?? 'ROLLBACK',
    callAt: isPause ? undefined : state.now,
  };
}

function stepHook(pass: ServicePass, deployment: ServiceDeploymentRecord, hook: HookRecord): void {
  const { context, service, dues } = pass;
  const { now } = context.state;
  if (!isOpen(hook)) return;
  if (now >= hook.expiresAt) {
    hook.status = 'TIMED_OUT';
    return;
  }
  dues.push(hook.expiresAt);
  if (hook.callAt === undefined) return;
  if (now < hook.callAt) {
    dues.push(hook.callAt);
    return;
  }
  hook.callAt = undefined;
  context.hooks.call(invocationOf(service, deployment, hook));
}

function invocationOf(
  service: ServiceRecord,
  deployment: ServiceDeploymentRecord,
  hook: HookRecord,
): HookInvocation {
  const { arn, targetRevisionArn, traffic } = deployment;
  return {
    hookId: hook.id,
    targetArn: hook.targetArn ?? '',
    payload: {
      executionDetails: {
        serviceArn: service.arn,
        targetServiceRevisionArn: targetRevisionArn,
        testTrafficWeights: trafficWeights(service, deployment, traffic.test),
        productionTrafficWeights: trafficWeights(service, deployment, traffic.production),
      },
      executionId: hook.id,
      lifecycleStage: hook.stage,
      resourceArn: arn,
      ...(hook.details === undefined ? {} : { hookDetails: hook.details }),
    },
  };
}

/** Writes the answer of a called hook into its record; an answer that comes too late changes nothing. */
export function applyHookAnswer(
  deployment: ServiceDeploymentRecord,
  hookId: string,
  { hookStatus, callBackDelay = DEFAULT_CALL_BACK_S }: HookAnswer,
  now: number,
): void {
  const hook = deployment.hooks.find(({ id }) => id === hookId);
  if (hook?.status !== 'IN_PROGRESS') return;
  if (hookStatus === 'IN_PROGRESS') hook.callAt = now + callBackDelay * 1000;
  else hook.status = hookStatus;
}
