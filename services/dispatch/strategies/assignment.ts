/**
 * Solves the assignment problem: gives for each row the column it gets, so that the sum of costs is the least, or -1
 * where a row stays without. `costs[row][column]`; `Infinity` forbids a pair. More rows are served before a smaller sum.
 *
 * Shortest augmenting paths with potentials (Jonker and Volgenant 1987), O(rows² × columns).
 */
export function assign(costs: readonly (readonly number[])[]): number[] {
  const rows = costs.length;
  const columns = costs[0]?.length ?? 0;
  const finite = costs.flat().filter(Number.isFinite);
  // Above any sum that could be saved by leaving a row out, so leaving out is the last resort.
  const without = (finite.reduce((most, cost) => Math.max(most, Math.abs(cost)), 0) + 1) * (rows + 1);
  // One more column a row, in which it stays without.
  const width = columns + rows;
  const costOf = (row: number, column: number): number => {
    if (column >= columns) return column - columns === row ? without : Number.POSITIVE_INFINITY;
    return costs[row]?.[column] ?? Number.POSITIVE_INFINITY;
  };
  const rowPrice = new Float64Array(rows);
  const columnPrice = new Float64Array(width);
  const rowOf = new Int32Array(width).fill(-1);
  const distance = new Float64Array(width);
  const parent = new Int32Array(width);
  const isDone = new Uint8Array(width);

  for (let start = 0; start < rows; start += 1) {
    distance.fill(Number.POSITIVE_INFINITY);
    parent.fill(-1);
    isDone.fill(0);
    let row = start;
    let column = -1;
    let reached = 0;
    do {
      let next = -1;
      for (let candidate = 0; candidate < width; candidate += 1) {
        if (isDone[candidate]) continue;
        const length =
          reached + costOf(row, candidate) - (rowPrice[row] as number) - (columnPrice[candidate] as number);
        if (length < (distance[candidate] as number)) {
          distance[candidate] = length;
          parent[candidate] = column;
        }
        if (next === -1 || (distance[candidate] as number) < (distance[next] as number)) next = candidate;
      }
      column = next;
      isDone[column] = 1;
      reached = distance[column] as number;
      row = rowOf[column] as number;
    } while (row !== -1);
    for (let done = 0; done < width; done += 1) {
      if (!isDone[done]) continue;
      const slack = reached - (distance[done] as number);
      columnPrice[done] = (columnPrice[done] as number) - slack;
      const owner = rowOf[done] as number;
      if (owner !== -1) rowPrice[owner] = (rowPrice[owner] as number) + slack;
    }
    rowPrice[start] = (rowPrice[start] as number) + reached;
    for (let at = column; at !== -1; at = parent[at] as number) {
      const before = parent[at] as number;
      rowOf[at] = before === -1 ? start : (rowOf[before] as number);
    }
  }
  const result = new Array<number>(rows).fill(-1);
  for (let column = 0; column < columns; column += 1) {
    const row = rowOf[column] as number;
    if (row !== -1) result[row] = column;
  }
  return result;
}
