import type { DriverGrid } from '../driver-grid.ts';
import { type FreeDriver, inTurn, type Match, mayTake, type WaitingOrder } from '../matching.ts';
import { createPositionGrid, type PositionGrid } from '../position-grid.ts';

/** Takes the nearest driver who may have an order out of those who are left; gives the distance in metres. */
type Take = (order: WaitingOrder) => { readonly id: string; readonly metres: number } | undefined;

/**
 * Gives each order, in its turn, the nearest driver who may take it and whom no earlier one took. What `nearest` does
 * for one order and `batch-greedy` for a window of them. Orders for whom nobody is left are missing in the result.
 *
 * `live` may hold others than `drivers` too; without it, a grid is made.
 */
export function matchGreedily(
  orders: readonly WaitingOrder[],
  drivers: readonly FreeDriver[],
  live?: DriverGrid,
): Match[] {
  const take = live ? takeFrom(live, drivers) : takeOf(drivers);
  return inTurn(orders).flatMap((order) => {
    const taken = take(order);
    return taken ? [{ orderId: order.id, driverId: taken.id, cost: taken.metres }] : [];
  });
}

function takeFrom(live: DriverGrid, drivers: readonly FreeDriver[]): Take {
  const left = new Map(drivers.map((driver) => [driver.id, driver]));
  return (order) => {
    const fits = (id: string) => {
      const driver = left.get(id);
      return driver !== undefined && mayTake(order, driver);
    };
    const [found] = left.size > 0 ? live.nearest(order.pickup, 1, fits) : [];
    if (found) left.delete(found.id);
    return found;
  };
}

function takeOf(drivers: readonly FreeDriver[]): Take {
  const left = gridOf(drivers);
  return (order) => {
    const [near] = left.nearest(order.pickup, 1, (driver) => mayTake(order, driver));
    if (!near) return undefined;
    left.remove(near.spot);
    return { id: near.spot.placed.id, metres: near.metres };
  };
}

/** The same where the costs are given: `costs[order][driver]`, infinite for who may not take it. */
export function matchGreedilyBy(
  costs: readonly (readonly number[])[],
  orders: readonly WaitingOrder[],
  drivers: readonly FreeDriver[],
): Match[] {
  const rowOf = new Map(orders.map(({ id }, row) => [id, row]));
  const taken = new Set<number>();
  return inTurn(orders).flatMap(({ id }) => {
    const line = costs[rowOf.get(id) ?? -1] ?? [];
    let best = -1;
    for (const [column, cost] of line.entries()) {
      if (Number.isFinite(cost) && !taken.has(column) && (best === -1 || cost < (line[best] ?? 0)))
        best = column;
    }
    const driver = drivers[best];
    if (!driver) return [];
    taken.add(best);
    return [{ orderId: id, driverId: driver.id, cost: line[best] ?? 0 }];
  });
}

/** A grid of these drivers. */
export function gridOf(drivers: readonly FreeDriver[]): PositionGrid<FreeDriver> {
  const grid = createPositionGrid<FreeDriver>();
  for (const driver of drivers) grid.add(driver);
  return grid;
}
