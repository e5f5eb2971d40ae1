/** A stretch of a deployment's life. Times are epoch milliseconds. */
export interface Phase {
  name: string;
  startedAt: number;
}

/** One service in the picture: its phases in order, and when looking ended. */
export interface TimelineRow {
  service: string;
  phases: readonly Phase[];
  endedAt: number;
  green: boolean;
}

/** More bars than this are no picture any more. */
const MOST_PHASES = 30;

/**
 * Draws the phases of deployments as a Mermaid Gantt chart, which GitHub shows in a job summary: one section a
 * service, one bar a phase, seconds since the first phase. Empty when there is nothing to draw.
 * Source: mermaid.js.org/syntax/gantt.html (dateFormat X: seconds, read 2026-11).
 */
export function renderTimeline(rows: readonly TimelineRow[]): string {
  const drawn = rows.filter(({ phases }) => phases.length > 0);
  const start = Math.min(...drawn.flatMap(({ phases }) => phases.map(({ startedAt }) => startedAt)));
  if (drawn.length === 0) return '';
  const sections = drawn.flatMap((row, i) => [`  section ${plain(row.service)}`, ...barsOf(row, i, start)]);
  return ['```mermaid', 'gantt', '  dateFormat X', '  axisFormat %M:%S', ...sections, '```'].join('\n');
}

function barsOf({ phases, endedAt, green }: TimelineRow, row: number, start: number): string[] {
  return phases.slice(-MOST_PHASES).map(({ name, startedAt }, i, shown) => {
    const next = shown[i + 1];
    const from = Math.floor((startedAt - start) / 1_000);
    // A bar of no length would not be seen.
    const to = Math.max(from + 1, Math.ceil(((next?.startedAt ?? endedAt) - start) / 1_000));
    const isBad = /rollback|stop|fail/i.test(name) || (!next && !green);
    return `  ${plain(name)} :${isBad ? 'crit, ' : ''}r${row}p${i}, ${from}, ${to}`;
  });
}

/** Colons, semicolons, hashes and commas mean something to Mermaid. */
function plain(text: string): string {
  return text
    .replace(/[:;#,\n]/g, ' ')
    .replace(/ +/g, ' ')
    .trim();
}
