import type { Position } from './position.ts';
import { createPositionGrid, type Placed, type Spot } from './position-grid.ts';

/** A driver found, with the distance in metres. */
export interface Found {
  readonly id: string;
  readonly metres: number;
}

/** Where drivers are, by their ids: a change of position takes about a microsecond. */
export interface DriverGrid {
  readonly size: number;
  /** Puts a driver at a position, or moves them there. */
  put(id: string, position: Position): void;
  remove(id: string): void;
  positionOf(id: string): Position | undefined;
  /** The `count` nearest drivers whom `accepts` lets through, in the order of a `PositionGrid`. */
  nearest(from: Position, count: number, accepts?: (id: string) => boolean): Found[];
}

/** Makes an empty grid with cells of so many metres. */
export function createDriverGrid(cellMetres?: number): DriverGrid {
  const grid = createPositionGrid<Placed>(cellMetres);
  const spots = new Map<string, Spot<Placed>>();

  return {
    get size() {
      return spots.size;
    },
    put(id, position) {
      const before = spots.get(id);
      if (before) grid.remove(before);
      spots.set(id, grid.add({ id, position }));
    },
    remove(id) {
      const spot = spots.get(id);
      if (spot) grid.remove(spot);
      spots.delete(id);
    },
    positionOf: (id) => spots.get(id)?.placed.position,
    nearest: (from, count, accepts) =>
      grid
        .nearest(from, count, accepts && (({ id }) => accepts(id)))
        .map(({ spot, metres }) => ({ id: spot.placed.id, metres })),
  };
}
