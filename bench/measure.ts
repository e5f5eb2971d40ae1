/** Wall milliseconds of one piece of work. */
export type Measured = () => Promise<number>;

/** What a series of runs gave, in milliseconds of wall time. */
export interface Series {
  runs: number;
  medianMs: number;
  /** 10th and 90th percentile. */
  lowMs: number;
  highMs: number;
}

/** Runs `work` `warmUps` times for nothing, then `runs` times, and sums up. */
export async function measure(work: Measured, runs: number, warmUps: number): Promise<Series> {
  for (let i = 0; i < warmUps; i++) await work();
  const times: number[] = [];
  for (let i = 0; i < runs; i++) times.push(await work());
  return {
    runs,
    medianMs: percentile(times, 50),
    lowMs: percentile(times, 10),
    highMs: percentile(times, 90),
  };
}

/** The value at `percent` (0–100) of the sorted numbers, between neighbours linearly; 0 for none. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const at = ((sorted.length - 1) * percent) / 100;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

/** Rows as a table of text, columns padded, numbers at the right. */
export function renderColumns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
