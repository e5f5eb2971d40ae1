import type { Values } from '../../terraform/plan-json.ts';

/** How many of some tasks run on Fargate and how many on Fargate Spot; fractions are means over time. */
export interface TaskShare {
  readonly onDemand: number;
  readonly spot: number;
}

/**
 * Shares tasks out by a capacity provider strategy: the base first, the rest by weight; a weight of 0 takes no task
 * beyond the base. Without a strategy all run on demand. Source: ECS API, CapacityProviderStrategyItem, read 2026-11.
 */
export function shareTasks(count: number, strategy: readonly Values[]): TaskShare {
  const base = Math.min(count, sumOf(strategy, 'base'));
  const weights = sumOf(strategy, 'weight');
  const takes = (item: Values): number =>
    Math.min(base, numberOf(item.base)) +
    (weights > 0 ? ((count - base) * numberOf(item.weight)) / weights : 0);
  const spot = strategy
    .filter(({ capacity_provider }) => capacity_provider === 'FARGATE_SPOT')
    .reduce((total, item) => total + takes(item), 0);
  return { onDemand: count - spot, spot };
}

function sumOf(items: readonly Values[], name: string): number {
  return items.reduce((total, item) => total + numberOf(item[name]), 0);
}

/** A number of a plan, which may be written as text; 0 for what is none. */
export function numberOf(value: unknown): number {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : 0;
}

/** The blocks or list elements under a name; none where there is no such list. */
export function blocksOf(values: Values, name: string): Values[] {
  const list = values[name];
  if (!Array.isArray(list)) return [];
  return list.map((item) => (typeof item === 'object' && item !== null ? (item as Values) : {}));
}
