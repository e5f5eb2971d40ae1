import type { Clock } from '../lib/clock.ts';

/** How many positions a driver may still report. */
export interface PingBudget {
  /** Takes `count` from the driver's budget; false, and nothing taken, when there is not so much. */
  take(driverId: string, count: number): boolean;
}

/** Drivers whose budget is remembered; who is forgotten has a full one. */
const remembered = 20_000;

/**
 * A budget of `perMinute` that fills up evenly, for each driver. Counted in this process: a driver talks to one
 * instance at a time, and a limit that asks Redis for each position would cost more than the position.
 */
export function createPingBudget({ perMinute, clock }: { perMinute: number; clock: Clock }): PingBudget {
  const budgets = new Map<string, { left: number; at: number }>();
  const perMs = perMinute / 60_000;

  return {
    take(driverId, count) {
      const now = clock.now();
      const before = budgets.get(driverId) ?? { left: perMinute, at: now };
      const left = Math.min(perMinute, before.left + (now - before.at) * perMs);
      const isEnough = left >= count;
      // The one used last is the last of the map; the first is forgotten.
      budgets.delete(driverId);
      budgets.set(driverId, { left: isEnough ? left - count : left, at: now });
      for (const oldest of budgets.keys()) {
        if (budgets.size <= remembered) break;
        budgets.delete(oldest);
      }
      return isEnough;
    },
  };
}
