import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${repository}services/README.md`, 'utf8');
const section = readme.split('## When something is away\n')[1]?.split('\n## ')[0] ?? '';
const rows = section
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.slice(2, -2).split(' | '));

test('the README names what may be away', () => {
  expect(rows.map(([what]) => what)).toEqual(
    expect.arrayContaining(['Redis', 'NATS', 'PostgreSQL', 'SSM', 'Secrets Manager', 'identity']),
  );
});

test.each(rows)('while %s is away: %s; a test of that title is there', (_what, _goesOn, heldBy) => {
  for (const answer of heldBy?.split('<br>') ?? ['']) {
    const [, path, title] = /^`([^`]+)` › (.+)$/.exec(answer) ?? [];
    const source = readFileSync(`${repository}${path}`, 'utf8');
    expect([`'${title}'`, `"${title}"`, `\`${title}\``].some((quoted) => source.includes(quoted))).toBe(true);
  }
});
