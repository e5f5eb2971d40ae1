import { createDriverGrid, type DriverGrid } from '../driver-grid.ts';
import { type FreeDriver, inTurn, type Match, mayTake, type WaitingOrder } from '../matching.ts';

/**
 * Gives each order, in its turn, the nearest driver who may take it and whom no earlier one took. What `nearest` does
 * for one order and `batch-greedy` for a window of them. Orders for whom nobody is left are missing in the result.
 *
 * `grid` may hold others than `drivers` too; without one, it is made.
 */
export function matchGreedily(
  orders: readonly WaitingOrder[],
  drivers: readonly FreeDriver[],
  grid: DriverGrid = gridOf(drivers),
): Match[] {
  const left = new Map(drivers.map((driver) => [driver.id, driver]));
  return inTurn(orders).flatMap((order) => {
    const fits = (id: string) => {
      const driver = left.get(id);
      return driver !== undefined && mayTake(order, driver);
    };
    const [found] = left.size > 0 ? grid.nearest(order.pickup, 1, fits) : [];
    if (!found) return [];
    left.delete(found.id);
    return [{ orderId: order.id, driverId: found.id, cost: found.metres }];
  });
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
export function gridOf(drivers: readonly FreeDriver[]): DriverGrid {
  const grid = createDriverGrid();
  for (const { id, position } of drivers) grid.put(id, position);
  return grid;
}
