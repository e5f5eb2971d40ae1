import type { TargetGroupRecord, TargetRecord } from '../records.ts';
import type { Timer } from '../timer.ts';
import type { Probe } from './probe.ts';
import { afterCheck, initialHealth } from './target-health.ts';

export type ResolveTarget = (id: string, port: number) => { host: string; port: number } | undefined;

export interface HealthCheckDependencies {
  now(): number;
  timer: Timer;
  probe: Probe;
  resolveTarget: ResolveTarget;
  /** Called after each check that changed what DescribeTargetHealth shows. */
  changed(): void;
}

type CheckedTarget = { group: TargetGroupRecord; target: TargetRecord };

/** Runs the health checks of all targets in use: the first at once, then one each interval. */
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
    void this.#check(group, target, controller.signal);
  }

  async #check(group: TargetGroupRecord, target: TargetRecord, signal: AbortSignal): Promise<void> {
    const { now, timer, probe, resolveTarget, changed } = this.#dependencies;
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
    const before = target.health.view;
    target.health = afterCheck(target.health, outcome, settings);
    const isHealthy = target.health.view.state === 'healthy';
    if (isHealthy && before.state !== 'healthy') target.healthyAt = now();
    const wait = Math.max(0, startedAt + settings.intervalSeconds * 1000 - now());
    timer.after(wait, () => void this.#check(group, target, signal), signal);
    if (before.state !== target.health.view.state || before.description !== target.health.view.description) {
      changed();
    }
  }
}
