import type { Logger } from 'pino';
import type { DriverGrid } from '../driver-grid.ts';
import type { FreeDriver, Match, WaitingOrder } from '../matching.ts';
import type { RouteEstimator } from '../route-estimator.ts';
import type { StrategyName } from '../schemas.ts';
import { matchGreedily, matchGreedilyBy } from './greedy.ts';
import { matchesOf, nearestOf, straightCosts } from './optimal.ts';
import type { Solver } from './solver.ts';

/** A way to choose drivers for orders. */
export interface Strategy {
  readonly name: StrategyName;
  readonly description: string;
  /** How long orders gather before they are matched, in milliseconds; 0 matches each when it comes. */
  readonly windowMs: number;
  /** Chooses; orders for whom nobody is left are missing. Writes nothing. */
  match(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]): Promise<Match[]>;
}

const windowMs = 2_000;

/** Makes the strategies there are. With `roads` they weigh road times of each order's twenty nearest drivers. */
export function createStrategies(deps: {
  grid: DriverGrid;
  solver: Solver;
  roads: RouteEstimator | undefined;
  log: Logger;
}): readonly Strategy[] {
  const { grid, solver, roads, log } = deps;

  async function greedy(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[], live?: DriverGrid) {
    if (!roads) return matchGreedily(orders, drivers, live);
    return matchGreedilyBy(await roadCosts(orders, drivers, roads), orders, drivers);
  }

  async function optimal(orders: readonly WaitingOrder[], drivers: readonly FreeDriver[]) {
    const costs = roads ? await roadCosts(orders, drivers, roads) : straightCosts(orders, drivers);
    const few = withoutIdle(costs, drivers);
    try {
      return matchesOf(await solver.solve(few.costs), few.costs, orders, few.drivers);
    } catch (error) {
      log.warn({ err: error, orders: orders.length }, 'matched greedily, as no optimum was found');
      return matchGreedilyBy(costs, orders, drivers);
    }
  }

  return [
    {
      name: 'nearest',
      description: 'Each order gets the nearest driver who may take it, as soon as it comes.',
      windowMs: 0,
      match: (orders, drivers) => greedy(orders, drivers, grid),
    },
    {
      name: 'batch-greedy',
      description:
        'Orders of two seconds in their turn: priority, then wait; each gets the nearest driver left.',
      windowMs,
      match: (orders, drivers) => greedy(orders, drivers),
    },
    {
      name: 'optimal',
      description: 'Orders of two seconds together: the most served, then the shortest way in sum.',
      windowMs,
      match: optimal,
    },
  ];
}

/** Road costs of each order's nearest drivers; the others are out of the question. */
async function roadCosts(
  orders: readonly WaitingOrder[],
  drivers: readonly FreeDriver[],
  roads: RouteEstimator,
): Promise<number[][]> {
  const candidates = nearestOf(orders, drivers);
  return Promise.all(
    orders.map(async ({ pickup }, row) => {
      const columns = candidates[row] ?? [];
      const from = columns.map((column) => (drivers[column] as FreeDriver).position);
      const costs = from.length > 0 ? await roads.estimate(from, pickup) : [];
      const line = new Array<number>(drivers.length).fill(Number.POSITIVE_INFINITY);
      for (const [index, column] of columns.entries())
        line[column] = costs[index] ?? Number.POSITIVE_INFINITY;
      return line;
    }),
  );
}

/** Leaves out drivers whom no order can have: what goes to the thread stays small. */
function withoutIdle(costs: readonly (readonly number[])[], drivers: readonly FreeDriver[]) {
  const columns = [...drivers.keys()].filter((column) => costs.some((line) => Number.isFinite(line[column])));
  return {
    drivers: columns.map((column) => drivers[column] as FreeDriver),
    costs: costs.map((line) => columns.map((column) => line[column] ?? Number.POSITIVE_INFINITY)),
  };
}
