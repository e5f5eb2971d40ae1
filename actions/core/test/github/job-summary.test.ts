import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { appendJobSummary } from '../../src/github/job-summary.ts';
import { renderOutput } from '../../src/github/outputs.ts';
import { renderTable } from '../../src/report/table.ts';
import { recordingLog } from '../doubles/recording-log.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-summary-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('appendJobSummary', () => {
  test('adds to what earlier parts wrote', async () => {
    const file = join(folder, 'summary');
    await appendJobSummary('one', file, recordingLog());
    await appendJobSummary('two', file, recordingLog());
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
  });

  test('leaves out what would pass the limit of the runner, with a warning', async () => {
    const file = join(folder, 'summary');
    const log = recordingLog();
    writeFileSync(file, 'x'.repeat(1024 * 1024 - 2));
    await appendJobSummary('two', file, log);
    expect(readFileSync(file, 'utf8')).not.toContain('two');
    expect(log.lines).toEqual([
      'warning: The job summary would pass 1 MiB, so this part is only in the log.',
    ]);
  });

  test('never throws: a page is an extra', async () => {
    const log = recordingLog();
    await appendJobSummary('one', join(folder, 'no', 'such', 'folder'), log);
    await appendJobSummary('one', undefined, log);
    expect(log.lines).toEqual([
      expect.stringMatching(/^warning: The job summary could not be written: .*ENOENT/),
    ]);
  });
});

test('keeps any text within its cell', () => {
  expect(renderTable(['A', 'B'], [['x|y', 'one\ntwo\\']])).toBe(
    '| A | B |\n| --- | --- |\n| x\\|y | one<br>two\\\\ |',
  );
  expect(renderTable(['A'], [])).toBe('');
});

test.each([
  ['text', 'text'],
  [{ a: [1] }, '{"a":[1]}'],
  [undefined, ''],
  [null, ''],
  [false, 'false'],
])('writes the output %j as %j', (value, expected) => {
  expect(renderOutput(value)).toBe(expected);
});
