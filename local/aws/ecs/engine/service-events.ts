import { newUuid, type Random } from './identifiers.ts';
import type { ServiceRecord } from './state.ts';
import type { Timings } from './timings.ts';

const KEPT = 100;

/** Appends AWS's own sentence about a service; the newest 100 are kept, newest first. */
export function tell(service: ServiceRecord, at: number, random: Random, text: string): void {
  service.events.unshift({ id: newUuid(random), at, message: `(service ${service.name}${text}` });
  if (service.events.length > KEPT) service.events.length = KEPT;
}

/** Whether an event that was told at `toldAt` is withheld: while its cause lasts, for six hours. */
export function isWithheld(toldAt: number | undefined, now: number, { repeatEventMs }: Timings): boolean {
  return toldAt !== undefined && now < toldAt + repeatEventMs;
}

const list = (ids: readonly string[]): string => ids.map((id) => `(task ${id})`).join(' ');

/** The rest of each sentence after `(service NAME`. Source: ECS guide, service event messages; transcripts. */
export const EVENT = {
  started: (ids: readonly string[]) => `) has started ${ids.length} tasks: ${list(ids)}.`,
  registered: (count: number, targetGroupArn: string) =>
    `) registered ${count} targets in (target-group ${targetGroupArn})`,
  deregistered: (count: number, targetGroupArn: string) =>
    `) deregistered ${count} targets in (target-group ${targetGroupArn})`,
  draining: (deploymentId: string, count: number) =>
    `, taskSet ${deploymentId}) has begun draining connections on ${count} tasks.`,
  stoppedRunning: (ids: readonly string[]) => `) has stopped ${ids.length} running tasks: ${list(ids)}.`,
  stoppedPending: (count: number) => `) stopped ${count} pending tasks.`,
  completed: (deploymentId: string) => `) (deployment ${deploymentId}) deployment completed.`,
  steady: () => ') has reached a steady state.',
  failed: (deploymentId: string, why: string) => `) (deployment ${deploymentId}) deployment failed: ${why}`,
  rollingBack: (deploymentId: string) => `) rolling back to deployment ${deploymentId}.`,
  unhealthyTarget: (taskId: string, port: number, targetGroupName: string, reason: string) =>
    `) (task ${taskId}) (port ${port}) is unhealthy in (target-group ${targetGroupName}) due to (reason ${reason})`,
  unhealthyContainer: (taskId: string) => `) (task ${taskId}) failed container health checks.`,
  impaired: () => ') is unable to consistently start tasks successfully.',
  stuck: () =>
    ') was unable to stop or start tasks during a deployment because of the service deployment configuration.' +
    ' Update the minimumHealthyPercent or maximumPercent value and try again.',
} as const;

/** What one pass over a service did, gathered so that ten started tasks make one sentence. */
export interface PassReport {
  started: string[];
  registered: Record<string, number>;
  deregistered: Record<string, number>;
  draining: Record<string, number>;
  stoppedRunning: string[];
  stoppedPending: number;
}

export function newPassReport(): PassReport {
  return {
    started: [],
    registered: {},
    deregistered: {},
    draining: {},
    stoppedRunning: [],
    stoppedPending: 0,
  };
}

export function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Turns a pass into events, in the order AWS shows them. */
export function tellPass(service: ServiceRecord, at: number, random: Random, report: PassReport): void {
  const say = (text: string) => tell(service, at, random, text);
  for (const [arn, n] of Object.entries(report.registered)) say(EVENT.registered(n, arn));
  for (const [arn, n] of Object.entries(report.deregistered)) say(EVENT.deregistered(n, arn));
  for (const [id, n] of Object.entries(report.draining)) say(EVENT.draining(id, n));
  if (report.stoppedRunning.length > 0) say(EVENT.stoppedRunning(report.stoppedRunning));
  if (report.stoppedPending > 0) say(EVENT.stoppedPending(report.stoppedPending));
  if (report.started.length > 0) say(EVENT.started(report.started));
}
