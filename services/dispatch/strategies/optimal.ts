import { createDriverGrid } from '../driver-grid.ts';
import { type FreeDriver, type Match, mayTake, type WaitingOrder } from '../matching.ts';
import { metresBetween } from '../position.ts';
import { assign } from './assignment.ts';

/** Up to so many pairs every one is weighed; beyond, each order's twenty nearest. */
const allPairsUpTo = 300 * 330;
const nearestEach = 20;

/**
 * Matches a window of orders so that as many as possible are served and the way to them all together is the shortest.
 * Exact up to 300 orders with 330 drivers; beyond that an order is weighed against its twenty nearest drivers only.
 */
export function matchOptimally(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): Match[] {
  const candidates =
    orders.length * drivers.length <= allPairsUpTo ? allOf(orders, drivers) : nearestOf(orders, drivers);
  const costs = orders.map((order, row) => {
    const line = new Array<number>(drivers.length).fill(Number.POSITIVE_INFINITY);
    for (const column of candidates[row] ?? []) {
      line[column] = metresBetween(order.pickup, (drivers[column] as FreeDriver).position);
    }
    return line;
  });
  return assign(costs).flatMap((column, row) => {
    const driver = drivers[column];
    const order = orders[row];
    return driver && order
      ? [{ orderId: order.id, driverId: driver.id, cost: costs[row]?.[column] ?? 0 }]
      : [];
  });
}

function allOf(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): number[][] {
  return orders.map((order) => drivers.flatMap((driver, column) => (mayTake(order, driver) ? [column] : [])));
}

function nearestOf(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): number[][] {
  const grid = createDriverGrid();
  const columns = new Map<string, number>();
  for (const [column, { id, position }] of drivers.entries()) {
    grid.put(id, position);
    columns.set(id, column);
  }
  return orders.map((order) => {
    const fits = (id: string) => mayTake(order, drivers[columns.get(id) as number] as FreeDriver);
    return grid.nearest(order.pickup, nearestEach, fits).map(({ id }) => columns.get(id) as number);
  });
}
