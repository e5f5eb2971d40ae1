import { createDriverGrid } from '../driver-grid.ts';
import { type FreeDriver, inTurn, type Match, mayTake, type WaitingOrder } from '../matching.ts';

/**
 * Gives each order, in its turn, the nearest driver who may take it and whom no earlier one took. What `nearest` does
 * for one order and `batch-greedy` for a window of them. Orders for whom nobody is left are missing in the result.
 */
export function matchGreedily(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): Match[] {
  const grid = createDriverGrid();
  const byId = new Map(drivers.map((driver) => [driver.id, driver]));
  for (const { id, position } of drivers) grid.put(id, position);
  return inTurn(orders).flatMap((order) => {
    const fits = (id: string) => mayTake(order, byId.get(id) as FreeDriver);
    const [found] = grid.nearest(order.pickup, 1, fits);
    if (!found) return [];
    grid.remove(found.id);
    return [{ orderId: order.id, driverId: found.id, cost: found.metres }];
  });
}
