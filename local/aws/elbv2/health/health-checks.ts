import type { TargetGroupRecord, TargetRecord } from '../records.ts';
import type { Timer } from '../timer.ts';
import type { Probe } from './probe.ts';
import { afterCheck, type CheckOutcome, initialHealth, isPass } from './target-health.ts';

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
  /** Factor on the wait for a new target's first check that passes; 1 as on AWS. */
  timeScale: number;
  probe: Probe;
  resolveTarget: ResolveTarget;
  /** Called after each check that changed what DescribeTargetHealth shows. */
  changed(): void;
  /** Hears of each check. */
  checked?(check: TargetCheck): void;
}

type CheckedTarget = { group: TargetGroupRecord; target: TargetRecord };

/** A shorter gap would make a new target answer checks while it starts. */
const shortestGapMs = 1000;

/**
 * Runs the health checks of all targets in use: the first at once, then one each interval. The intervals are
 * counted from the first check on, so that a check that comes late makes none after it come late.
 *
 * On a shorter time scale a target that has never been healthy is also asked in between, where only a pass counts: it
 * is healthy as soon as it answers, and unhealthy no sooner than on AWS.
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

  async #check(one: CheckedTarget, signal: AbortSignal, dueAt: number): Promise<void> {
    const { now, timer } = this.#dependencies;
    const settings = one.group.healthCheck;
    const check = await this.#probe(one, signal);
    if (signal.aborted) return;
    const before = one.target.health.view;
    this.#take(one, check);
    const nextDueAt = Math.max(dueAt + settings.intervalSeconds * 1000, now());
    timer.after(nextDueAt - now(), () => void this.#check(one, signal, nextDueAt), signal);
    const { view } = one.target.health;
    if (view.state === 'initial') this.#askBetween(one, signal, nextDueAt);
    if (before.state !== view.state || before.description !== view.description) this.#dependencies.changed();
  }

  /** Asks a new target until its next check is due, and takes only what makes it healthy. */
  #askBetween(one: CheckedTarget, signal: AbortSignal, until: number): void {
    const { now, timer, timeScale, changed } = this.#dependencies;
    const { group, target } = one;
    const gapMs = Math.max(shortestGapMs, group.healthCheck.intervalSeconds * 1000 * timeScale);
    if (now() + gapMs >= until) return;
    const ask = async () => {
      const check = await this.#probe(one, signal);
      if (signal.aborted || target.health.view.state !== 'initial') return;
      if (!isPass(check.outcome, group.healthCheck)) return this.#askBetween(one, signal, until);
      this.#take(one, check);
      changed();
    };
    timer.after(gapMs, () => void ask(), signal);
  }

  async #probe({ group, target }: CheckedTarget, signal: AbortSignal): Promise<TargetCheck> {
    const { now, probe, resolveTarget } = this.#dependencies;
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
    return { targetGroupArn: group.arn, target: { id: target.id, port }, startedAt, outcome };
  }

  #take({ group, target }: CheckedTarget, check: TargetCheck): void {
    this.#dependencies.checked?.(check);
    const wasHealthy = target.health.view.state === 'healthy';
    target.health = afterCheck(target.health, check.outcome, group.healthCheck);
    if (!wasHealthy && target.health.view.state === 'healthy') target.healthyAt = this.#dependencies.now();
  }
}
