import { createDriverGrid, type Found } from '../../../services/dispatch/driver-grid.ts';
import { metresBetween, type Position } from '../../../services/dispatch/position.ts';

/** Numbers from 0 to 1 that are the same at every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A place in a city of 50 by 55 km. */
export function placeIn(random: () => number): Position {
  return { lat: 52.3 + random() * 0.5, lon: 13 + random() * 0.74 };
}

export interface Driver {
  readonly id: string;
  readonly position: Position;
}

export function driversOf(random: () => number, count: number): Driver[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `driver-${String(index).padStart(6, '0')}`,
    position: placeIn(random),
  }));
}

/** A look at every driver, keeping the best so far: what the answer is. */
export function scanNearest(drivers: readonly Driver[], from: Position, count: number): Found[] {
  const best: Found[] = [];
  for (const { id, position } of drivers) {
    const found = { id, metres: metresBetween(from, position) };
    const last = best[count - 1];
    if (last !== undefined && !isBefore(found, last)) continue;
    const place = best.findIndex((other) => isBefore(found, other));
    best.splice(place < 0 ? best.length : place, 0, found);
    if (best.length > count) best.pop();
  }
  return best;
}

const isBefore = (one: Found, other: Found): boolean =>
  one.metres < other.metres || (one.metres === other.metres && one.id < other.id);

/** Random queries that the grid answers otherwise than a look at every driver. */
export function countDifferences(queries: number): number {
  const random = seeded(7);
  const drivers = driversOf(random, 10_000);
  const grid = createDriverGrid();
  for (const { id, position } of drivers) grid.put(id, position);
  let differing = 0;
  for (let query = 0; query < queries; query += 1) {
    const from = placeIn(random);
    const right = scanNearest(drivers, from, 5).map(({ id }) => id);
    const found = grid.nearest(from, 5).map(({ id }) => id);
    if (right.join() !== found.join()) differing += 1;
  }
  return differing;
}
