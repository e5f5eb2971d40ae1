import type { TargetGroupRecord, TargetRecord } from '../records.ts';
import type { Timer } from '../timer.ts';
import type { Probe } from './probe.ts';
import { afterCheck, type CheckOutcome, initialHealth } from './target-health.ts';

export type ResolveTarget = (id: string, port: number) => { host: string; port: number } | undefined;

/** One health check as it was made. */
export interface TargetCheck {
  targetGroupArn: string;
  target: { id: string; port: number };
  /** Epoch milliseconds. */
  startedAt: number;
  outcome: CheckOutcome;
}

export interface HealthCheckDependencies {
  now(): number;
  timer: Timer;
  probe: Probe;
  resolveTarget: ResolveTarget;
  /** Called after each check that changed what DescribeTargetHealth shows. */
  changed(): void;
  /** Hears of each check. */
  checked?(check: TargetCheck): void;
}

type CheckedTarget = { group: TargetGroupRecord; target: TargetRecord };

/**
 * Runs the health checks of all targets in use: the first at once, then one each interval. The intervals are
 * counted from the first check on, so that a check that comes late makes none after it come late.
 */
export class HealthChecks {
  readonly #dependencies: HealthCheckDependencies;
  readonly #running = new Map<TargetRecord, AbortController>();

  constructor(dependencies: HealthCheckDependencies) {
    this.#dependencies = dependencies;
  }

  /** Starts checking the targets of `wanted` that are not yet checked, and stops checking all others. */
  follow(wanted: Iterable<CheckedTarget>): void {
    const kept = new Set<TargetRecord>();
    for (const { group, target } of wanted) {
      kept.add(target);
      if (!this.#running.has(target)) this.#start(group, target);
    }
    for (const [target, controller] of this.#running) {
      if (kept.has(target)) continue;
      controller.abort();
      this.#running.delete(target);
    }
  }

  #start(group: TargetGroupRecord, target: TargetRecord): void {
    const controller = new AbortController();
    this.#running.set(target, controller);
    target.health = initialHealth;
    void this.#check({ group, target }, controller.signal, this.#dependencies.now());
  }

  async #check({ group, target }: CheckedTarget, signal: AbortSignal, dueAt: number): Promise<void> {
    const { now, timer, probe, resolveTarget, changed, checked } = this.#dependencies;
    const settings = group.healthCheck;
    const startedAt = now();
    const port = settings.port === 'traffic-port' ? target.port : Number(settings.port);
    const outcome = await probe(
      {
        address: resolveTarget(target.id, port),
        hostHeader: `${target.id}:${port}`,
        path: settings.path,
        timeoutMs: settings.timeoutSeconds * 1000,
      },
      signal,
    );
    if (signal.aborted) return;
    checked?.({ targetGroupArn: group.arn, target: { id: target.id, port }, startedAt, outcome });
    const before = target.health.view;
    target.health = afterCheck(target.health, outcome, settings);
    const isHealthy = target.health.view.state === 'healthy';
    if (isHealthy && before.state !== 'healthy') target.healthyAt = now();
    const nextDueAt = Math.max(dueAt + settings.intervalSeconds * 1000, now());
    timer.after(nextDueAt - now(), () => void this.#check({ group, target }, signal, nextDueAt), signal);
    if (before.state !== target.health.view.state || before.description !== target.health.view.description) {
      changed();
    }
  }
}
