import type { DeploymentReading, ServiceReading } from './deployment-reading.ts';
import type { StopCause } from './stop-reason.ts';

/** Everything one screen needs to tell why a service deployment failed. */
export interface FailureCause {
  stop?: StopCause;
  /** What the service itself said about it, the deciding event first. */
  events: string[];
  /** The load balancer's reason, for instance `Health checks failed with these codes: [500]`. */
  targetHealth?: string;
  breaker?: { failureCount: number; threshold: number };
  alarmNames: string[];
  /** Each alarm as it is now, `name: reason` in CloudWatch's words, where they may be read. */
  alarmReasons?: string[];
  /** Last lines of the failing container, oldest first. */
  logLines: string[];
  /** Log group and stream of these lines. */
  logPlace?: string;
  /** Why there are no lines. */
  logNote?: string;
}

/** Events that say that something goes wrong. Texts: ECS developer guide, service event messages (2023-06). */
const TROUBLE =
  /deployment failed|rolling back|unable to|is unhealthy in|failed (container|ELB) health checks|being throttled/;
const TARGET_REASON = /is unhealthy in \(?target-group[^)]*\)? due to \(?reason:? ?(.+?)\)?\.?$/;

/** The service's events since `from` (epoch milliseconds) that say that something goes wrong, newest first. */
export function selectTroubleEvents(service: ServiceReading | undefined, from: number) {
  return (service?.events ?? []).filter(
    ({ createdAt, message }) => createdAt >= from && TROUBLE.test(message),
  );
}

/** Puts a cause together from what was read; logs are added by whoever reads them. */
export function assembleCause(
  deployment: DeploymentReading,
  stop: StopCause | undefined,
  service: ServiceReading | undefined,
): FailureCause {
  const events = selectTroubleEvents(service, deployment.createdAt ?? 0).map(({ message }) => message);
  const { breaker, alarms } = deployment;
  return {
    stop,
    events: decidingFirst(events).slice(0, 3),
    targetHealth: events
      .map((event) => TARGET_REASON.exec(event)?.[1])
      .find((reason) => reason !== undefined),
    breaker: breaker && { failureCount: breaker.failureCount, threshold: breaker.threshold },
    alarmNames: alarms?.triggeredAlarmNames ?? [],
    logLines: [],
  };
}

/** Tells whether a cause explains anything; a deployment that a person stopped has none to explain. */
export function explains({ stop, events, targetHealth, alarmNames }: FailureCause): boolean {
  if (stop !== undefined || targetHealth !== undefined || alarmNames.length > 0) return true;
  return events.some((event) => !isConsequence(event));
}

/** Tells events that only follow from the failure: that ECS goes back, or slows its tries. */
export function isConsequence(event: string): boolean {
  return /rolling back|consistently start/.test(event);
}

function decidingFirst(events: string[]): string[] {
  return [...events.filter((event) => !isConsequence(event)), ...events.filter(isConsequence)];
}

/**
 * Tells whether the cause of a failure should be looked up now: something has ended this deployment, or is
 * about to, and nobody has looked yet. A deployment stopped for a newer one has no failure to explain.
 */
export function isFailing(deployment: DeploymentReading): boolean {
  if (deployment.breaker?.status === 'TRIGGERED' || deployment.alarms?.status === 'TRIGGERED') return true;
  return deployment.status.startsWith('ROLLBACK_');
}
