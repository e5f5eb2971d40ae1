import { latitudeMetres, latitudeReach, longitudeReach, metresBetween, type Position } from './position.ts';

/** What a grid holds: anything with a name and a position. */
export interface Placed {
  readonly id: string;
  readonly position: Position;
}

/** The place of one thing in a grid. */
export interface Spot<T extends Placed> {
  readonly placed: T;
}

/** A spot found, with its distance in metres. */
export interface Near<T extends Placed> {
  readonly spot: Spot<T>;
  readonly metres: number;
}

/** Things by position, for "what is nearest": to add or remove one takes a fraction of a microsecond, a query one or two. */
export interface PositionGrid<T extends Placed> {
  /** Adds what is not there yet, and gives its spot. */
  add(placed: T): Spot<T>;
  /** Removes what `add` of this grid gave, once. */
  remove(spot: Spot<T>): void;
  /**
   * The `count` nearest that `accepts` lets through, nearest first; equal distances in the order of ids. Exactly what
   * a look at everything would give.
   */
  nearest(from: Position, count: number, accepts?: (placed: T) => boolean): Near<T>[];
}

/** A spot with what the grid needs to look at it quickly and to take it out of its cell. */
interface Entry<T extends Placed> extends Spot<T>, Position {
  cell: Entry<T>[];
  index: number;
}

/** The rows and longitudes within which a circle lies; longitudes from the centre's own, without wrapping. */
interface Box {
  readonly firstRow: number;
  readonly lastRow: number;
  readonly west: number;
  readonly east: number;
}

/**
 * Makes an empty grid. Rows are bands of latitude `cellMetres` high; each row is divided into columns of about the same
 * width, so cells are equal in size from the equator to the poles, and the last column borders on the first.
 */
export function createPositionGrid<T extends Placed>(cellMetres = 1_000): PositionGrid<T> {
  const rowDegrees = latitudeReach(cellMetres);
  const lastRow = Math.ceil(180 / rowDegrees) - 1;
  const cells = new Map<number, Entry<T>[]>();
  let size = 0;

  const rowOf = (lat: number): number => Math.min(lastRow, Math.max(0, Math.floor((lat + 90) / rowDegrees)));
  /** The columns of each row that was asked for; 0 for the others. A cosine for each thing is a twentieth of a batch. */
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
  const keyAt = ({ lat, lon }: Position): number => {
    const row = rowOf(lat);
    const columns = columnsOf(row);
    return keyOf(row, wrap(columnOf(lon, columns), columns));
  };

  function add(placed: T): Entry<T> {
    const { lat, lon } = placed.position;
    const key = keyAt(placed.position);
    let cell = cells.get(key);
    if (!cell) {
      cell = [];
      cells.set(key, cell);
    }
    const entry = { placed, lat, lon, cell, index: cell.length };
    cell.push(entry);
    size += 1;
    return entry;
  }

  function remove(spot: Spot<T>): void {
    const entry = spot as Entry<T>;
    const { cell, index } = entry;
    const last = cell.pop() as Entry<T>;
    if (last !== entry) {
      cell[index] = last;
      last.index = index;
    }
    // What moves leaves cells behind: kept, they would be as many as there are places it has been to.
    if (cell.length === 0) cells.delete(keyAt(entry));
    size -= 1;
  }

  /**
   * Looks at ever wider circles, each time only at the cells the last one left out, until the circle holds as many as
   * are wanted: nothing outside it can be nearer. Where cells outnumber things, looking at everything is quicker.
   */
  function nearest(from: Position, count: number, accepts?: (placed: T) => boolean): Near<T>[] {
    const best = createBest<T>(from, count, accepts);
    let seen: Box | undefined;
    let looked = 0;
    for (let radius = cellMetres / 2; ; radius *= 2) {
      const box = boxAround(from, radius);
      looked += visit(box, seen, best.consider);
      if (best.reach() <= radius) return best.found;
      if (looked > size || radius > 20_100_000) break;
      seen = box;
    }
    for (const cell of cells.values()) for (const entry of cell) best.consider(entry);
    return best.found;
  }

  function boxAround(from: Position, radius: number): Box {
    const latReach = latitudeReach(radius);
    const lonReach = longitudeReach(from, radius);
    return {
      firstRow: rowOf(from.lat - latReach),
      lastRow: rowOf(from.lat + latReach),
      west: from.lon - lonReach,
      east: from.lon + lonReach,
    };
  }

  /** Visits what is in the cells of a box and not in those of `seen`, a box within it; gives the number of these cells. */
  function visit(box: Box, seen: Box | undefined, consider: (entry: Entry<T>) => void): number {
    let looked = 0;
    for (let row = box.firstRow; row <= box.lastRow; row += 1) {
      const columns = columnsOf(row);
      const first = columnOf(box.west, columns);
      const last = Math.min(columnOf(box.east, columns), first + columns - 1);
      const isSeen = seen !== undefined && row >= seen.firstRow && row <= seen.lastRow;
      const seenFirst = isSeen ? columnOf(seen.west, columns) : Number.POSITIVE_INFINITY;
      const seenLast = isSeen ? columnOf(seen.east, columns) : Number.NEGATIVE_INFINITY;
      for (let column = first; column <= last; column += 1) {
        if (column >= seenFirst && column <= seenLast) {
          column = seenLast;
          continue;
        }
        looked += 1;
        const cell = cells.get(keyOf(row, wrap(column, columns)));
        if (cell) for (const entry of cell) consider(entry);
      }
    }
    return looked;
  }

  return { add, remove, nearest };
}

function wrap(column: number, columns: number): number {
  return column >= 0 && column < columns ? column : ((column % columns) + columns) % columns;
}

/** The nearest so far, at most `count`, sorted. Inserting is cheap: `count` is a handful. */
function createBest<T extends Placed>(
  from: Position,
  count: number,
  accepts: ((placed: T) => boolean) | undefined,
) {
  const found: { spot: Entry<T>; metres: number }[] = [];
  let reach = Number.POSITIVE_INFINITY;

  function consider(entry: Entry<T>): void {
    // Nothing is nearer than by its latitude alone, which takes no sine; a metre is for rounding (at antipodes 0.1).
    if (latitudeMetres(from, entry) > reach + 1) return;
    const metres = metresBetween(from, entry);
    if (metres > reach) return;
    let index = found.length;
    while (index > 0 && isBefore(metres, entry, found[index - 1])) index -= 1;
    if (index === count || (accepts && !accepts(entry.placed))) return;
    // A circle that goes round the globe can meet the same cell twice.
    if (found.some(({ spot }) => spot === entry)) return;
    found.splice(index, 0, { spot: entry, metres });
    if (found.length > count) found.pop();
    if (found.length === count) reach = found[count - 1]?.metres ?? 0;
  }

  const isBefore = (metres: number, { placed }: Entry<T>, other: Near<T> | undefined): boolean =>
    other !== undefined &&
    (metres < other.metres || (metres === other.metres && placed.id < other.spot.placed.id));

  return {
    found,
    consider,
    /** Distance within which the list is complete; infinite until it is full. */
    reach: () => reach,
  };
}
