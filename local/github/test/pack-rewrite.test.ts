import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { rewriteForAct } from '../pack-rewrite.ts';

const pack = { packName: 'OWNER/berth', ref: 'v1' };
const root = join(import.meta.dirname, '..', '..', '..');
const fixture = join(import.meta.dirname, 'fixtures', 'pack');

async function workflowsOf(packDir: string): Promise<[name: string, text: string][]> {
  const dir = join(packDir, '.github', 'workflows');
  const names = (await readdir(dir)).filter((name) => /\.ya?ml$/.test(name));
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await readFile(join(dir, name), 'utf8')]),
  );
}
const workflows = [...(await workflowsOf(root)), ...(await workflowsOf(fixture))];

/** What the rewrite may change, told once more over the parsed document. */
function expected(node: unknown, under = ''): unknown {
  if (Array.isArray(node)) return node.map((item) => expected(item, under));
  if (typeof node !== 'object' || node === null) return node;
  const gone: Record<string, string[]> = {
    concurrency: ['queue'],
    environment: ['deployment'],
    permissions: ['artifact-metadata', 'code-quality', 'copilot-requests', 'drives', 'vulnerability-alerts'],
  };
  const kept = Object.entries(node).filter(([key]) => key !== 'cache-mode' && !gone[under]?.includes(key));
  return Object.fromEntries(
    kept.map(([key, value]) => [
      key,
      key === 'uses' && typeof value === 'string'
        ? value.replace(/^\$\/(.*)$/, 'OWNER/berth/$1@v1')
        : expected(value, key),
    ]),
  );
}

describe.each(workflows)('%s', (_name, text) => {
  test('differs for act in self references and refused keys, and in nothing else', () => {
    expect(parse(rewriteForAct(text, pack))).toEqual(expected(parse(text)));
  });

  test('keeps every line that has none of them, comments included, in its place', () => {
    const before = text.split('\n');
    const after = rewriteForAct(text, pack).split('\n');
    expect(after).toHaveLength(before.length);
    const touched = before.filter((line, index) => line !== after[index]);
    const may =
      /uses: \$\/|^\s*(queue|deployment|cache-mode|artifact-metadata|code-quality|copilot-requests|drives|vulnerability-alerts):/;
    expect(touched.filter((line) => !may.test(line))).toEqual([]);
  });

  test('is left alone the second time', () => {
    const once = rewriteForAct(text, pack);
    expect(rewriteForAct(once, pack)).toBe(once);
  });
});

describe('the rewrite', () => {
  test.each([
    ['      - uses: $/actions/a', '      - uses: OWNER/berth/actions/a@v1'],
    ['        uses: "$/actions/a" # why', '        uses: "OWNER/berth/actions/a@v1" # why'],
    ['    uses: $/.github/workflows/b.yml', '    uses: OWNER/berth/.github/workflows/b.yml@v1'],
    ['      - uses: actions/checkout@abc # $/x', '      - uses: actions/checkout@abc # $/x'],
    ['        run: echo uses: $/a', '        run: echo uses: $/a'],
    ['cache-mode: read', ''],
    ['    queue: max', '    queue: max'],
  ])('turns %j into %j', (before, after) => {
    expect(rewriteForAct(before, pack)).toBe(after);
  });

  test('takes queue out under concurrency only', () => {
    const text = 'concurrency:\n  group: a\n  queue: max\nenv:\n  queue: kept\n';
    expect(rewriteForAct(text, pack)).toBe('concurrency:\n  group: a\n\nenv:\n  queue: kept\n');
  });

  test('does not look into scripts', () => {
    const text =
      'jobs:\n  a:\n    steps:\n      - run: |\n          uses: $/a\n          cache-mode: b\n        env:\n          A: b\n';
    expect(rewriteForAct(text, pack)).toBe(text);
  });

  test('asks for refused keys in braces to be written on lines of their own', () => {
    expect(() => rewriteForAct('    concurrency: { group: a, queue: max }', pack)).toThrow(
      "'concurrency: { group: a, queue: max }' has 'queue', which act refuses, inside braces; write it on a line of its own.",
    );
  });
});
