import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseRules } from '../../../../scripts/rule-table.ts';

const ROOT = join(import.meta.dirname, '../../../..');

const rules = parseRules(readFileSync(join(ROOT, 'docs/ecs-rules.md'), 'utf8'));

/**
 * Titles of all tests of the local AWS, and first cells of table rows that complete one; tests that are skipped
 * have none. That they ran and passed is seen at the end of `npm test`.
 */
const titles = new Set(
  globSync('local/aws/**/*.test{,.itg,.long}.ts', { cwd: ROOT }).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const quoted = /(?:(?<![.\w])(?:it|test)\(|\]\)\(|^ {4,6}\[?)\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)")/gm;
    return [...text.matchAll(quoted)].map(([, single, double]) =>
      (single ?? double ?? '').replaceAll("\\'", "'"),
    );
  }),
);

describe('docs/ecs-rules.md', () => {
  it('names a source and a test for every rule', () => {
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.filter(({ source, test }) => source === '' || test === '')).toEqual([]);
    expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
  });

  it.each(rules)('stands on a test that exists: $rule', ({ test }) => {
    expect(titles).toContain(test);
  });
});
