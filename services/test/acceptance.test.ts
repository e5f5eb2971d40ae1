import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { countRows, parseAcceptance } from '../../scripts/acceptance-table.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const rows = parseAcceptance(readFileSync(`${repository}docs/acceptance.md`, 'utf8'));

/** How the title stands in the source: whole, between quotes. */
function holdsTitle(source: string, title: string): boolean {
  return [`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted));
}

describe('the acceptance table', () => {
  test('has the 492 rows of the five documents, each id once', () => {
    expect(rows).toHaveLength(492);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(492);
    const perDocument = Object.groupBy(rows, ({ seed }) => seed.slice(0, 3));
    expect(Object.fromEntries(Object.entries(perDocument).map(([seed, its]) => [seed, its?.length]))).toEqual(
      {
        '000': 59,
        '001': 116,
        '002': 164,
        '003': 46,
        '004': 107,
      },
    );
  });

  test('says of each row where it comes from and how it is checked', () => {
    expect(rows.filter(({ seed }) => !/^\d{3}:\d+(-\d+)?(, \d{3}:\d+(-\d+)?)*$/.test(seed))).toEqual([]);
    const kinds = new Set(['http', 'event', 'aws', 'tf', 'wf', 'obs', 'load', 'drill', 'doc', 'map']);
    expect(rows.filter(({ check }) => !check.split(', ').every((kind) => kinds.has(kind)))).toEqual([]);
  });

  test('answers every row, or says what it waits for', () => {
    expect(countRows(rows).open).toEqual([]);
  });

  test('names only files that exist and titles that stand in them', () => {
    const missing = rows.flatMap(({ id, answers }) =>
      answers
        .filter(({ path, title }) => {
          if (!existsSync(`${repository}${path}`)) return true;
          return title !== undefined && !holdsTitle(readFileSync(`${repository}${path}`, 'utf8'), title);
        })
        .map(({ path, title }) => `${id}: ${path} › ${title}`),
    );
    expect(missing).toEqual([]);
  });
});
