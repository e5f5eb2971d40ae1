import type { DeploymentCircuitBreaker } from '@aws-sdk/client-ecs';

const DEFAULT_THRESHOLD = { type: 'BOUNDED_PERCENT', value: 50 } as const;
const BOUNDS = { least: 3, most: 200 };

/**
 * Gives the number of failures at which a deployment fails: a percentage of the service's latest desired
 * count, rounded up and for BOUNDED_PERCENT kept within 3 and 200, or the plain COUNT.
 *
 * Source: ECS API, ThresholdConfiguration (read 2026-11); default BOUNDED_PERCENT 50.
 */
export function circuitBreakerThreshold(
  settings: DeploymentCircuitBreaker | undefined,
  desiredCount: number,
): number {
  const { type, value } = settings?.thresholdConfiguration ?? DEFAULT_THRESHOLD;
  const wanted = value ?? DEFAULT_THRESHOLD.value;
  if (type === 'COUNT') return wanted;
  const share = Math.ceil((wanted * desiredCount) / 100);
  if (type === 'UNBOUNDED_PERCENT') return share;
  return Math.min(BOUNDS.most, Math.max(BOUNDS.least, share));
}

/** Whether a task that becomes healthy forgives the failures before it; it does unless told otherwise. */
export function resetsOnHealthyTask(settings: DeploymentCircuitBreaker | undefined): boolean {
  return settings?.resetOnHealthyTask ?? true;
}

/** How a task of the new deployment failed. */
export type TaskFailure = 'never-ran' | 'failed-health-checks';

/**
 * Tells whether the circuit breaker counts a failure.
 *
 * Stage 1, while no task of the deployment is RUNNING: tasks that never got there. Stage 2, from one RUNNING
 * task on: tasks that failed their health checks. Plain exits after RUNNING count in neither.
 * Source: ECS guide, deployment-circuit-breaker.
 */
export function countsForCircuitBreaker(failure: TaskFailure, runningCount: number): boolean {
  return failure === 'never-ran' ? runningCount === 0 : true;
}

/** Whether the breaker trips; nothing trips before something has failed. */
export function isTripped(failureCount: number, threshold: number): boolean {
  return failureCount > 0 && failureCount >= threshold;
}
