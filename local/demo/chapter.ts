/** One row of the demo's closing table. */
export interface Row {
  step: string;
  /** What the story expects; a row is right when `verdict` equals it. */
  expected: string;
  verdict: string;
  seconds: number;
  /** What served when the step was over, e.g. `email-api:3 (sha256:1b2c…)`. */
  served: string;
}

/** The closing table as lines of text, columns aligned, a wrong verdict marked. */
export function renderRows(rows: Row[]): string[] {
  const cells = [
    ['', 'step', 'verdict', 'seconds', 'what served'],
    ...rows.map((row) => [
      row.verdict === row.expected ? '✓' : '✗',
      row.step,
      row.verdict === row.expected ? row.verdict : `${row.verdict} (expected ${row.expected})`,
      row.seconds.toFixed(1),
      row.served,
    ]),
  ];
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((line) => (line[column] ?? '').length))) ?? [];
  return cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const secondsOf = (ms: number): string => (ms / 1000).toFixed(0);

/** Tells the story: chapter headings with the time since the start, and indented lines below them. */
export class Narrator {
  readonly #startedAt: number;
  readonly #chapters: { letter: string; at: number }[] = [];
  readonly #now: () => number;
  readonly #write: (line: string) => void;

  constructor(now: () => number, write: (line: string) => void) {
    this.#now = now;
    this.#write = write;
    this.#startedAt = now();
  }

  /** Opens a chapter: a letter, a title, and the seconds since the start. */
  chapter(title: string): void {
    const at = this.#now() - this.#startedAt;
    this.#chapters.push({ letter: title.split(' ')[0] ?? '', at });
    this.#write(`\n${secondsOf(at).padStart(4)} s  ${title}`);
  }

  /** How long each chapter took that is over, in seconds: `a 21, b 31; 52 in all`. */
  chapterTimes(): string {
    const times = this.#chapters
      .slice(1)
      .map(
        ({ at }, index) => [this.#chapters[index]?.letter, at - (this.#chapters[index]?.at ?? 0)] as const,
      );
    const inAll = this.#chapters.at(-1)?.at ?? 0;
    return `${times.map(([letter, ms]) => `${letter} ${secondsOf(ms)}`).join(', ')}; ${secondsOf(inAll)} in all`;
  }

  /** One line of the open chapter. */
  tell(line: string): void {
    this.#write(`        ${line}`);
  }

  /** A line of its own, at the margin. */
  say(line: string): void {
    this.#write(line);
  }

  /** Runs `work` and returns its value with the seconds it took. */
  async timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
    const startedAt = this.#now();
    const value = await work();
    return { value, seconds: (this.#now() - startedAt) / 1000 };
  }
}
