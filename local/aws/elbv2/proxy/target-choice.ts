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
