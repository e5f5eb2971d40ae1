/** One line a container wrote, as CloudWatch Logs takes it. */
export interface LogLine {
  /** Epoch milliseconds. */
  timestamp: number;
  message: string;
}

/** Bytes CloudWatch Logs counts for each event beside its message, and its limits on one PutLogEvents. */
const eventOverheadBytes = 26;
const batchBytes = 1_048_576;
const batchEvents = 10_000;
const lineBytes = 262_144 - eventOverheadBytes;

/** What is left of an unfinished line, and the lines that are complete. */
export interface SplitLines {
  rest: Buffer;
  lines: string[];
}

/**
 * Splits what a container wrote into lines, keeping the last, unfinished one as bytes (a character may be cut
 * in two between chunks). A line longer than one event can hold is given in pieces, as Docker's driver does.
 */
export function splitLines(rest: Buffer, chunk: Buffer): SplitLines {
  let left = rest.length ? Buffer.concat([rest, chunk]) : chunk;
  const lines: string[] = [];
  for (;;) {
    const end = left.indexOf(0x0a);
    const length = end < 0 ? left.length : end;
    if (end < 0 && length <= lineBytes) return { rest: left, lines };
    const taken = Math.min(length, lineBytes);
    const line = left.subarray(0, taken).toString('utf8').replace(/\r$/, '');
    if (line !== '') lines.push(line);
    left = left.subarray(taken === end ? taken + 1 : taken);
  }
}

/** Takes from the front of `waiting` as many lines as one PutLogEvents may carry, at least one. */
export function takeBatch(waiting: readonly LogLine[]): LogLine[] {
  let bytes = 0;
  const end = waiting.findIndex((line, index) => {
    bytes += Buffer.byteLength(line.message) + eventOverheadBytes;
    return index > 0 && (index >= batchEvents || bytes > batchBytes);
  });
  return waiting.slice(0, end < 0 ? waiting.length : end);
}
