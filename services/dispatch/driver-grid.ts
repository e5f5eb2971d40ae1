import { latitudeMetres, latitudeReach, longitudeReach, metresBetween, type Position } from './position.ts';

/** A driver found, with the distance in metres. */
export interface Found {
  readonly id: string;
  readonly metres: number;
}

/** Where drivers are, for "who is nearest": a query takes microseconds, and so does a change of position. */
export interface DriverGrid {
  readonly size: number;
  /** Puts a driver at a position, or moves them there. */
  put(id: string, position: Position): void;
  remove(id: string): void;
  positionOf(id: string): Position | undefined;
  /**
   * The `count` nearest drivers whom `accepts` lets through, nearest first; equal distances in the order of ids.
   * Exactly what a look at every driver would give.
   */
  nearest(from: Position, count: number, accepts?: (id: string) => boolean): Found[];
}

interface Entry extends Position {
  readonly id: string;
  cell: Entry[];
  index: number;
}

/** The part of a row of cells that has been looked at: columns counted from the query's own, without wrapping. */
interface Window {
  first: number;
  last: number;
}

/**
 * Makes an empty grid. Rows are bands of latitude `cellMetres` high; each row is divided into columns of about the same
 * width, so cells are equal in size from the equator to the poles, and the last column borders on the first.
 */
export function createDriverGrid(cellMetres = 1_000): DriverGrid {
  const rowDegrees = latitudeReach(cellMetres);
  const lastRow = Math.ceil(180 / rowDegrees) - 1;
  const entries = new Map<string, Entry>();
  const cells = new Map<number, Entry[]>();

  const rowOf = (lat: number): number => Math.min(lastRow, Math.max(0, Math.floor((lat + 90) / rowDegrees)));
  /** The columns of each row that was asked for; 0 for the others. A cosine for each driver is a twentieth of a batch. */
  const columnCounts = new Int32Array(lastRow + 1);
  const columnsOf = (row: number): number => {
    const known = columnCounts[row];
    if (known) return known;
    const middle = (row + 0.5) * rowDegrees - 90;
    const count = Math.max(1, Math.floor((360 * Math.cos((middle * Math.PI) / 180)) / rowDegrees));
    columnCounts[row] = count;
    return count;
  };
  const columnOf = (lon: number, columns: number): number => Math.floor(((lon + 180) / 360) * columns);
  // Fewer than 2^17 columns a row at any sensible size, so the key stays a small integer.
  const keyOf = (row: number, column: number): number => row * 131_072 + column;

  function put(id: string, { lat, lon }: Position): void {
    remove(id);
    const row = rowOf(lat);
    const columns = columnsOf(row);
    const key = keyOf(row, wrap(columnOf(lon, columns), columns));
    let cell = cells.get(key);
    if (!cell) {
      cell = [];
      cells.set(key, cell);
    }
    const entry = { id, lat, lon, cell, index: cell.length };
    cell.push(entry);
    entries.set(id, entry);
  }

  function remove(id: string): void {
    const entry = entries.get(id);
    if (!entry) return;
    entries.delete(id);
    const last = entry.cell.pop();
    if (last && last !== entry) {
      entry.cell[entry.index] = last;
      last.index = entry.index;
    }
  }

  /**
   * Looks at ever wider circles, each time only at the cells the last one left out, until the circle holds as many as
   * are wanted: nobody outside it can be nearer. Where cells outnumber drivers, looking at every driver is quicker.
   */
  function nearest(from: Position, count: number, accepts: (id: string) => boolean = () => true): Found[] {
    const best = createBest(count);
    const consider = (entry: Entry) => {
      // Nobody is nearer than by their latitude alone, which takes no sine; a metre is for rounding (at antipodes 0.1).
      if (latitudeMetres(from, entry) > best.reach() + 1) return;
      const metres = metresBetween(from, entry);
      if (best.wants(metres, entry.id) && accepts(entry.id)) best.add({ id: entry.id, metres });
    };
    const seen = new Map<number, Window>();
    let looked = 0;
    for (let radius = cellMetres / 2; ; radius *= 2) {
      looked += visitCircle(from, radius, seen, consider);
      if (best.reach() <= radius) return best.found();
      if (looked > entries.size || radius > 20_100_000) break;
    }
    for (const entry of entries.values()) consider(entry);
    return best.found();
  }

  /** Visits the cells of a circle that were not seen yet; gives their number. */
  function visitCircle(
    from: Position,
    radius: number,
    seen: Map<number, Window>,
    visit: (entry: Entry) => void,
  ): number {
    const latReach = latitudeReach(radius);
    const lonReach = longitudeReach(from, radius);
    let looked = 0;
    for (let row = rowOf(from.lat - latReach); row <= rowOf(from.lat + latReach); row += 1) {
      const columns = columnsOf(row);
      const isWhole = lonReach >= 180;
      const first = isWhole ? 0 : columnOf(from.lon - lonReach, columns);
      const last = isWhole
        ? columns - 1
        : Math.min(columnOf(from.lon + lonReach, columns), first + columns - 1);
      const before = seen.get(row);
      seen.set(row, { first, last });
      for (let column = first; column <= last; column += 1) {
        if (before && !isWhole && column >= before.first && column <= before.last) {
          column = before.last;
          continue;
        }
        looked += 1;
        for (const entry of cells.get(keyOf(row, wrap(column, columns))) ?? []) visit(entry);
      }
    }
    return looked;
  }

  return {
    get size() {
      return entries.size;
    },
    put,
    remove,
    positionOf: (id) => entries.get(id),
    nearest,
  };
}

function wrap(column: number, columns: number): number {
  return ((column % columns) + columns) % columns;
}

/** The nearest so far, at most `count`, sorted. Inserting is cheap: `count` is a handful. */
function createBest(count: number) {
  const list: Found[] = [];
  const isBefore = (metres: number, id: string, other: Found): boolean =>
    metres < other.metres || (metres === other.metres && id < other.id);
  return {
    wants(metres: number, id: string): boolean {
      const last = list.at(-1);
      return list.length < count || (last !== undefined && isBefore(metres, id, last));
    },
    add(found: Found): void {
      // A circle that goes round the globe can meet the same cell twice.
      if (list.some(({ id }) => id === found.id)) return;
      let index = list.length;
      while (index > 0 && isBefore(found.metres, found.id, list[index - 1] as Found)) index -= 1;
      list.splice(index, 0, found);
      if (list.length > count) list.pop();
    },
    /** Distance within which the list is complete; infinite until it is full. */
    reach: () => (list.length < count ? Number.POSITIVE_INFINITY : (list.at(-1)?.metres ?? 0)),
    found: () => list,
  };
}
