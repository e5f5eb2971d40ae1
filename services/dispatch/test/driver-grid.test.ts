import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createDriverGrid, type Found } from '../driver-grid.ts';
import { metresBetween, type Position } from '../position.ts';

const position = fc.oneof(
  fc.record({
    lat: fc.double({ min: -90, max: 90, noNaN: true }),
    lon: fc.double({ min: -180, max: 180, noNaN: true }),
  }),
  // A town, where most are; and the two places where maps end.
  fc.record({
    lat: fc.double({ min: 52.3, max: 52.7, noNaN: true }),
    lon: fc.double({ min: 13, max: 13.8, noNaN: true }),
  }),
  fc.record({
    lat: fc.double({ min: -1, max: 1, noNaN: true }),
    lon: fc.constantFrom(-180, -179.99, 179.99, 180),
  }),
  fc.record({ lat: fc.constantFrom(89.99, 90, -90), lon: fc.double({ min: -180, max: 180, noNaN: true }) }),
);

function lookAtAll(drivers: ReadonlyMap<string, Position>, from: Position, count: number): Found[] {
  return [...drivers]
    .map(([id, at]) => ({ id, metres: metresBetween(from, at) }))
    .sort((one, other) => one.metres - other.metres || (one.id < other.id ? -1 : 1))
    .slice(0, count);
}

describe('the grid', () => {
  test('finds exactly whom a look at every driver finds, anywhere on the globe, after any moves', () => {
    const move = fc.record({ id: fc.nat(60).map(String), to: fc.option(position) });
    fc.assert(
      fc.property(
        fc.array(move, { maxLength: 150 }),
        position,
        fc.integer({ min: 1, max: 8 }),
        // Among wide cells circles go round the globe; among narrow ones the search gives them up before.
        fc.constantFrom(undefined, 50_000, 2_000_000),
        (moves, from, count, cellMetres) => {
          const grid = createDriverGrid(cellMetres);
          const drivers = new Map<string, Position>();
          for (const { id, to } of moves) {
            if (to) {
              grid.put(id, to);
              drivers.set(id, to);
            } else {
              grid.remove(id);
              drivers.delete(id);
            }
          }
          expect(grid.size).toBe(drivers.size);
          expect(grid.nearest(from, count)).toEqual(lookAtAll(drivers, from, count));
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('leaves out whom the caller does not accept', () => {
    const grid = createDriverGrid();
    for (let index = 0; index < 10; index += 1) grid.put(String(index), { lat: 0, lon: index / 1000 });
    const even = grid.nearest({ lat: 0, lon: 0 }, 3, (id) => Number(id) % 2 === 0);
    expect(even.map(({ id }) => id)).toEqual(['0', '2', '4']);
  });

  test('agrees with a look at every driver on a city of ten thousand', () => {
    const grid = createDriverGrid();
    const drivers = new Map<string, Position>();
    let seed = 7;
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const somewhere = () => ({ lat: 52.3 + random() * 0.45, lon: 13 + random() * 0.8 });
    for (let index = 0; index < 10_000; index += 1) {
      const at = somewhere();
      grid.put(String(index), at);
      drivers.set(String(index), at);
    }
    for (let query = 0; query < 100; query += 1) {
      const from = somewhere();
      expect(grid.nearest(from, 5)).toEqual(lookAtAll(drivers, from, 5));
    }
  });
});
