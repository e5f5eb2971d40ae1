import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../../..');

interface Rule {
  rule: string;
  source: string;
  test: string;
}

const rules: Rule[] = readFileSync(join(ROOT, 'docs/ecs-rules.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, rule = '', source = '', test = ''] = line.split('|').map((cell) => cell.trim());
    const isRow = line.startsWith('|') && rule !== 'Rule' && !rule.startsWith('---');
    return isRow ? [{ rule, source, test }] : [];
  });

/** Titles of all tests of the local ECS; tests that are skipped have none. */
const titles = new Set(
  globSync('local/aws/ecs/**/*.test{,.itg}.ts', { cwd: ROOT }).flatMap((file) =>
    [
      ...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?<![.\w])(?:it\(|\]\)\()\s*'((?:[^'\\]|\\.)+)'/g),
    ].map(([, title = '']) => title.replaceAll("\\'", "'")),
  ),
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
