import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const lines = readFileSync(join(ROOT, '.github/CODEOWNERS'), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(/\s+/));

test.each(lines)('%s is there, and looked after by %s', (pattern = '', owner) => {
  expect(globSync(pattern.replace(/^\//, ''), { cwd: ROOT })).not.toEqual([]);
  expect(owner).toMatch(/^@OWNER\/[a-z]+$/);
});

test('four teams share the areas, and the first line leaves nothing to nobody', () => {
  const owners = ['@OWNER/architecture', '@OWNER/devops', '@OWNER/data', '@OWNER/monitoring'];
  expect(new Set(lines.map(([, owner]) => owner))).toEqual(new Set(owners));
  expect(lines[0]).toEqual(['*', '@OWNER/architecture']);
});
