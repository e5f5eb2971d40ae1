import type { DeploymentEarlySuccessCriteria } from '@aws-sdk/client-ecs';

/** What decides whether a rolling deployment that has not failed has succeeded. Times in milliseconds. */
export interface SuccessView {
  criteria: DeploymentEarlySuccessCriteria | undefined;
  desiredCount: number;
  /** Healthy tasks of the target revision. */
  healthyCount: number;
  /** All wanted tasks healthy, as many as desired, nothing older left. */
  isSteady: boolean;
  /** Whether older deployments still have tasks. */
  hasOlder: boolean;
  /** How long it bakes; `undefined` while that is not known yet. */
  bakeMs: number | undefined;
  /** The end of its bake time, once it has begun. */
  bakeUntil: number | undefined;
  now: number;
}

export interface SuccessDecision {
  /** It has come as far as its tasks can carry it; only the bake time and the clean-up are left. */
  isReady: boolean;
  isComplete: boolean;
  /** Every task of older deployments may go now. */
  replacesAll: boolean;
  bakeUntil: number | undefined;
  dueAt?: number;
}

/**
 * Decides whether a rolling deployment succeeds: once the service is steady, or once as many tasks are healthy
 * as its early success criteria want, and in both cases once its bake time has passed. With BLOCKING clean-up
 * the old tasks go before, with DEFERRED after it.
 * Source: ECS API, DeploymentEarlySuccessCriteria (read 2026-11).
 */
export function decideSuccess(view: SuccessView): SuccessDecision {
  const { criteria, bakeMs, now } = view;
  const isEarly = criteria?.enable ?? false;
  const wanted = Math.ceil((view.desiredCount * (criteria?.healthyPercent ?? 100)) / 100);
  const isReady = isEarly ? view.healthyCount >= wanted : view.isSteady;
  const waiting = { isReady, isComplete: false, replacesAll: false, bakeUntil: view.bakeUntil };
  if (!isReady || (view.bakeUntil === undefined && bakeMs === undefined)) return waiting;
  const bakeUntil = view.bakeUntil ?? now + (bakeMs ?? 0);
  if (now < bakeUntil) return { ...waiting, bakeUntil, dueAt: bakeUntil };
  const mustCleanUp = isEarly && criteria?.sourceServiceRevisionCleanup === 'BLOCKING' && view.hasOlder;
  return { isReady, isComplete: !mustCleanUp, replacesAll: isEarly, bakeUntil };
}
