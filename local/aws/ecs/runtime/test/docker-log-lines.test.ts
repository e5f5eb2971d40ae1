import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitLines, takeBatch } from '../docker-log-lines.ts';

function linesOf(chunks: readonly Buffer[]): string[] {
  let rest: Buffer = Buffer.alloc(0);
  const lines: string[] = [];
  for (const chunk of chunks) {
    const split = splitLines(rest, chunk);
    rest = split.rest;
    lines.push(...split.lines);
  }
  return rest.length ? [...lines, rest.toString('utf8')] : lines;
}

describe('lines of a container', () => {
  test('come out the same however the bytes are cut', () => {
    const line = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !/[\n\r]/.test(text) && text.isWellFormed());
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.array(fc.nat(40)), (lines, cuts) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`);
        const starts = cuts.map((_, index) => cuts.slice(0, index).reduce((sum, cut) => sum + cut, 0));
        const chunks = starts.map((start, index) => bytes.subarray(start, start + (cuts[index] ?? 0)));
        const at = cuts.reduce((sum, cut) => sum + cut, 0);
        expect(linesOf([...chunks, bytes.subarray(at)])).toEqual(lines);
      }),
    );
  });

  const rows: [title: string, chunks: string[], lines: string[]][] = [
    ['an unfinished last line is kept', ['a\nb'], ['a', 'b']],
    ['empty lines are left out, as CloudWatch Logs refuses them', ['\n\na\n\n'], ['a']],
    ['a carriage return at the end goes', ['a\r\nb\n'], ['a', 'b']],
  ];
  test.each(rows)('%s', (_, chunks, lines) => {
    expect(linesOf(chunks.map((chunk) => Buffer.from(chunk)))).toEqual(lines);
  });

  test('longer than one event are given in pieces', () => {
    const lengths = linesOf([Buffer.from(`${'x'.repeat(600_000)}\n`)]).map((line) => line.length);
    expect(lengths).toEqual([262_118, 262_118, 75_764]);
  });
});

describe('a batch', () => {
  const line = (message: string) => ({ timestamp: 1, message });
  test('takes everything that fits into one call', () => {
    expect(takeBatch([line('a'), line('b')])).toHaveLength(2);
    expect(takeBatch([])).toHaveLength(0);
  });
  test('holds at most 10,000 lines', () => {
    expect(takeBatch(Array.from({ length: 10_001 }, () => line('a')))).toHaveLength(10_000);
  });
  test('holds at most 1,048,576 bytes, 26 of them for each line', () => {
    const big = line('x'.repeat(262_144 - 26));
    expect(takeBatch([big, big, big, big, line('a')])).toHaveLength(4);
  });
});
