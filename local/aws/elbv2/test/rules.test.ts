import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../../..');
const PAGE = 'docs/load-balancer-and-registry-rules.md';

const rules = readFileSync(join(ROOT, PAGE), 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!Rule |---)/.test(line))
  .map((line) => {
    const [, rule = '', source = '', title = ''] = line.split('|').map((cell) => cell.trim());
    return { rule, source, title };
  });

/** Titles of all tests, and first cells of table rows that complete one; tests that are skipped have none. */
const titles = new Set(
  globSync('local/aws/{elbv2,ecr}/test/*.test{,.itg}.ts', { cwd: ROOT }).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const quoted = /(?:(?<![.\w])test\(|\]\)\(|^ {4,6}\[?)\s*(?:'((?:[^'\\]|\\.)+)'|"([^"]+)")/gm;
    return [...text.matchAll(quoted)].map(([, single, double]) => single ?? double ?? '');
  }),
);

describe(PAGE, () => {
  test('names a source and a test for every rule, each rule once', () => {
    expect(rules.length).toBeGreaterThan(30);
    expect(rules.filter(({ source, title }) => source === '' || title === '')).toEqual([]);
    expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
  });

  test.each(rules)('stands on a test that exists: $rule', ({ title }) => {
    expect(titles).toContain(title);
  });
});
