import type { TargetRecord } from '../records.ts';

/**
 * The targets that may get a new request: the healthy ones, or, with fewer healthy than `minimumHealthy`,
 * all of them whatever their health ("fail open"). Draining ones never.
 * Source: target group attribute `target_group_health.unhealthy_state_routing.minimum_healthy_targets.count`.
 */
export function routableTargets(targets: Iterable<TargetRecord>, minimumHealthy: number): TargetRecord[] {
  const registered = [...targets].filter((target) => target.drainingUntil === undefined);
  const healthy = registered.filter((target) => target.health.view.state === 'healthy');
  return healthy.length >= minimumHealthy ? healthy : registered;
}

/** Picks one of several by weight; `draw` is in [0, 1). `undefined` if no weight is above zero. */
export function pickByWeight<T extends { weight: number }>(
  choices: readonly T[],
  draw: number,
): T | undefined {
  const total = choices.reduce((sum, choice) => sum + choice.weight, 0);
  let rest = draw * total;
  for (const choice of choices) {
    if (choice.weight > 0 && rest < choice.weight) return choice;
    rest -= choice.weight;
  }
  return undefined;
}

export interface Balancing {
  /** `load_balancing.algorithm.type` */
  algorithm: string;
  /** How many requests the group has had, for round robin. */
  turn: number;
  /** In [0, 1). */
  draw: number;
  /** Milliseconds that a target's share grows from nothing to its own, 0 for no slow start. */
  slowStartMs: number;
  now: number;
}

/**
 * Picks the target of one request among those that may get one; `undefined` when there is none.
 *
 * Slow start lets a target's share grow evenly from the moment it turned healthy, as long as another target
 * is past it. Source: ELB user guide, "Routing algorithms", "Slow start mode" (read 2026-11).
 */
export function pickTarget(targets: readonly TargetRecord[], balancing: Balancing): TargetRecord | undefined {
  const { algorithm, turn, draw } = balancing;
  if (targets.length === 0) return undefined;
  if (algorithm === 'least_outstanding_requests') {
    const fewest = Math.min(...targets.map(({ underWay }) => underWay.size));
    const idlest = targets.filter(({ underWay }) => underWay.size === fewest);
    return idlest[turn % idlest.length];
  }
  const shares = targets.map((target) => ({ target, weight: shareOf(target, balancing) }));
  const isWarming = shares.some(({ weight }) => weight < 1) && shares.some(({ weight }) => weight === 1);
  if (isWarming) return pickByWeight(shares, draw)?.target;
  if (algorithm === 'weighted_random') return targets[Math.floor(draw * targets.length)];
  return targets[turn % targets.length];
}

function shareOf({ healthyAt }: TargetRecord, { slowStartMs, now }: Balancing): number {
  if (slowStartMs === 0 || healthyAt === undefined) return 1;
  return Math.min(1, Math.max(0, now - healthyAt) / slowStartMs);
}
