import type { FreeDriver, Match, WaitingOrder } from '../../../services/dispatch/matching.ts';
import { metresBetween } from '../../../services/dispatch/position.ts';
import { matchGreedily } from '../../../services/dispatch/strategies/greedy.ts';
import { driversOf, placeIn, seeded } from './city.ts';

/** How a batch is matched: gives each order, in its turn, a driver whom no earlier one has. */
export type Matcher = (orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]) => Match[];

/** 1,000 orders and 10,000 drivers of a city. */
export function rushHour(seed: number): { orders: WaitingOrder[]; drivers: FreeDriver[] } {
  const random = seeded(seed);
  const drivers = driversOf(random, 10_000).map((driver) => ({ ...driver, skills: [] }));
  const orders = Array.from({ length: 1_000 }, (_, index) => ({
    id: `order-${String(index).padStart(5, '0')}`,
    pickup: placeIn(random),
    priority: 0,
    since: index,
    demand: {},
    notFor: new Set<string>(),
  }));
  return { orders, drivers };
}

/** As fleet platforms do it: for each order a look at every driver who is left (fleetops). */
const matchByScan: Matcher = (orders, drivers) => {
  const left = new Set(drivers);
  return orders.flatMap((order) => {
    let best: { driver: FreeDriver; metres: number } | undefined;
    for (const driver of left) {
      const metres = metresBetween(order.pickup, driver.position);
      if (best === undefined || metres < best.metres) best = { driver, metres };
    }
    if (best === undefined) return [];
    left.delete(best.driver);
    return [{ orderId: order.id, driverId: best.driver.id, cost: best.metres }];
  });
};

export const matchers: Readonly<Record<'grid' | 'scan', Matcher>> = {
  grid: matchGreedily,
  scan: matchByScan,
};

/** The distance to all pickups together, in whole metres. */
export function totalMetres(matches: readonly Match[]): number {
  return Math.round(matches.reduce((total, { cost }) => total + cost, 0));
}
