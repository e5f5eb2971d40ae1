import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pino } from 'pino';
import { createDriverGrid } from '../driver-grid.ts';
import { type FreeDriver, inTurn, type Match, mayTake, type WaitingOrder } from '../matching.ts';
import { metresBetween } from '../position.ts';
import { assign } from '../strategies/assignment.ts';
import { matchGreedily } from '../strategies/greedy.ts';
import { createSolver } from '../strategies/solver.ts';
import { createStrategies } from '../strategies/strategies.ts';

const cost = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Number.POSITIVE_INFINITY));
const table = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc.array(fc.array(cost, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );

/** Every way to give rows distinct columns or none; the most served, then the least sum. */
function tryAll(costs: readonly (readonly number[])[], row = 0, taken = 0): { served: number; sum: number } {
  if (row === costs.length) return { served: 0, sum: 0 };
  let best = tryAll(costs, row + 1, taken);
  for (const [column, price] of (costs[row] ?? []).entries()) {
    if (!Number.isFinite(price) || taken & (1 << column)) continue;
    const rest = tryAll(costs, row + 1, taken | (1 << column));
    const here = { served: rest.served + 1, sum: rest.sum + price };
    if (here.served > best.served || (here.served === best.served && here.sum < best.sum)) best = here;
  }
  return best;
}

test('an assignment serves the most at the least cost, as trying all ways does', () => {
  fc.assert(
    fc.property(table, (costs) => {
      const columns = assign(costs);
      const used = columns.filter((column) => column !== -1);
      expect(new Set(used).size).toBe(used.length);
      const sum = columns.reduce(
        (total, column, row) => total + (column === -1 ? 0 : (costs[row]?.[column] ?? 0)),
        0,
      );
      expect({ served: used.length, sum }).toEqual(tryAll(costs));
    }),
    { numRuns: 500 },
  );
});

const town = fc.record({
  lat: fc.double({ min: 52.3, max: 52.7, noNaN: true }),
  lon: fc.double({ min: 13, max: 13.8, noNaN: true }),
});
const skill = fc.constantFrom('cold', 'heavy');
const orders = fc
  .array(
    fc.record({
      pickup: town,
      priority: fc.nat(2),
      since: fc.nat(100),
      demand: fc.record({ seats: fc.nat(4), skills: fc.uniqueArray(skill) }),
    }),
    { maxLength: 12 },
  )
  .map((list) =>
    list.map((order, index): WaitingOrder => ({ ...order, id: `o${index}`, notFor: new Set() })),
  );
const drivers = fc
  .array(
    fc.record({
      position: town,
      capacity: fc.record({ seats: fc.nat(6) }),
      skills: fc.uniqueArray(skill),
    }),
    { maxLength: 15 },
  )
  .map((list) => list.map((driver, index): FreeDriver => ({ ...driver, id: `d${index}` })));

const solver = createSolver();
afterAll(() => solver.close());
const log = pino({ level: 'silent' });
const strategies = createStrategies({ grid: createDriverGrid(), solver, roads: undefined, log });
const named = (wanted: string) => strategies.filter(({ name }) => name === wanted);

describe.each([...named('batch-greedy'), ...named('optimal')])('the strategy $name', ({ match }) => {
  test('gives each order at most one driver who may take it, and no driver twice', async () => {
    await fc.assert(
      fc.asyncProperty(orders, drivers, async (waiting, free) => {
        const matches = await match(waiting, free);
        expect(new Set(matches.map(({ orderId }) => orderId)).size).toBe(matches.length);
        expect(new Set(matches.map(({ driverId }) => driverId)).size).toBe(matches.length);
        for (const { orderId, driverId } of matches) {
          const order = waiting.find(({ id }) => id === orderId) as WaitingOrder;
          expect(mayTake(order, free.find(({ id }) => id === driverId) as FreeDriver)).toBe(true);
        }
      }),
    );
  });
});

/** For each order in its turn a look at every driver who is left. */
function lookAtAll(waiting: readonly WaitingOrder[], free: readonly FreeDriver[]): Match[] {
  const left = new Set(free);
  return inTurn(waiting).flatMap((order) => {
    const [nearest] = [...left]
      .filter((driver) => mayTake(order, driver))
      .map((driver) => ({ driver, metres: metresBetween(order.pickup, driver.position) }))
      .sort((one, other) => one.metres - other.metres || (one.driver.id < other.driver.id ? -1 : 1));
    if (!nearest) return [];
    left.delete(nearest.driver);
    return [{ orderId: order.id, driverId: nearest.driver.id, cost: nearest.metres }];
  });
}

test('greedily, each order gets whom a look at every driver left gives it, also where the grid holds others', () => {
  fc.assert(
    fc.property(orders, drivers, fc.array(town, { maxLength: 15 }), (waiting, free, others) => {
      const live = createDriverGrid();
      for (const { id, position } of free) live.put(id, position);
      for (const [index, position] of others.entries()) live.put(`busy${index}`, position);
      const expected = lookAtAll(waiting, free);
      expect(matchGreedily(waiting, free)).toEqual(expected);
      expect(matchGreedily(waiting, free, live)).toEqual(expected);
    }),
  );
});

test('the optimal strategy never serves fewer, and never at a longer way, than the greedy one', async () => {
  const way = (matches: readonly Match[]) => matches.reduce((sum, match) => sum + match.cost, 0);
  await fc.assert(
    fc.asyncProperty(orders, drivers, async (waiting, free) => {
      const [optimal = []] = await Promise.all(named('optimal').map(({ match }) => match(waiting, free)));
      const greedy = matchGreedily(waiting, free);
      expect(optimal.length).toBeGreaterThanOrEqual(greedy.length);
      if (optimal.length === greedy.length) expect(way(optimal)).toBeLessThanOrEqual(way(greedy) + 1e-6);
    }),
  );
});

test('an order goes to nobody who has declined it', () => {
  const position = { lat: 0, lon: 0 };
  const order = { id: 'o', pickup: position, priority: 0, since: 0, demand: {}, notFor: new Set(['d']) };
  expect(matchGreedily([order], [{ id: 'd', position, skills: [] }])).toEqual([]);
});
