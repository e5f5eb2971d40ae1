import { type FreeDriver, type Match, mayTake, type WaitingOrder } from '../matching.ts';
import { metresBetween } from '../position.ts';
import { gridOf } from './greedy.ts';

/** Up to so many pairs every one is weighed; beyond, each order's twenty nearest. */
const allPairsUpTo = 300 * 330;
const nearestEach = 20;

/**
 * What each order costs each driver, in metres as the crow flies: `costs[order][driver]`, infinite where it may not be.
 * Of every pair up to 300 orders with 330 drivers; beyond that an order is weighed against its twenty nearest only.
 */
export function straightCosts(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): number[][] {
  const candidates =
    orders.length * drivers.length <= allPairsUpTo ? allOf(orders, drivers) : nearestOf(orders, drivers);
  return orders.map((order, row) => {
    const line = new Array<number>(drivers.length).fill(Number.POSITIVE_INFINITY);
    for (const column of candidates[row] ?? []) {
      line[column] = metresBetween(order.pickup, (drivers[column] as FreeDriver).position);
    }
    return line;
  });
}

/** Turns an assignment, the column of each row or -1, into matches. */
export function matchesOf(
  assignment: readonly number[],
  costs: readonly (readonly number[])[],
  orders: readonly WaitingOrder[],
  drivers: readonly FreeDriver[],
): Match[] {
  return assignment.flatMap((column, row) => {
    const driver = drivers[column];
    const order = orders[row];
    return driver && order
      ? [{ orderId: order.id, driverId: driver.id, cost: costs[row]?.[column] ?? 0 }]
      : [];
  });
}

/** The columns of each order's nearest drivers who may take it, nearest first. */
export function nearestOf(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): number[][] {
  const grid = gridOf(drivers);
  const columns = new Map(drivers.map((driver, column) => [driver, column]));
  return orders.map((order) => {
    const near = grid.nearest(order.pickup, nearestEach, (driver) => mayTake(order, driver));
    return near.map(({ spot }) => columns.get(spot.placed) as number);
  });
}

function allOf(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): number[][] {
  return orders.map((order) => drivers.flatMap((driver, column) => (mayTake(order, driver) ? [column] : [])));
}
