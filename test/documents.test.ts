import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { loadManifest } from '../actions/core/src/load-manifest.ts';
import { readActionFile } from '../scripts/action-tables.ts';

const ROOT = join(import.meta.dirname, '..');
const documents = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path && !path.includes('/dist/'));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Fenced blocks of one language, without the indentation of a list they stand in. */
function blocksOf(path: string, language: string): string[] {
  const fences = read(path).matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```/gm);
  return [...fences]
    .filter(([, , found]) => found === language)
    .map(([, indent = '', , text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

describe('every document', () => {
  test.each(documents)('%s links only to files that exist', (path) => {
    const links = [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)].map(
      ([, target = '']) => target,
    );
    expect(links.filter((target) => !existsSync(join(ROOT, dirname(path), target)))).toEqual([]);
  });

  // The acceptance table quotes the seed documents, and those name commands of their own.
  test.each(documents.filter((path) => path !== 'docs/acceptance.md'))(
    '%s runs only npm scripts that exist',
    (path) => {
      const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
      const named = [...read(path).matchAll(/\bnpm run ([\w:-]+)(?![\w:-]| -w)/g)].map(
        ([, name = '']) => name,
      );
      expect(named.filter((name) => !(name in scripts))).toEqual([]);
    },
  );

  test.each(documents)('%s never lets npx fetch a package', (path) => {
    expect(read(path)).not.toMatch(/\bnpx (?!--no-install )\w/);
  });
});

interface ExampleStep {
  uses?: string;
  with?: Record<string, unknown>;
}

/** The steps that documents show, each with the action of this repository that it uses. */
const examples = documents.flatMap((path) =>
  blocksOf(path, 'yaml')
    .flatMap((block) => (parse(block) as { steps?: ExampleStep[] } | null)?.steps ?? [])
    .flatMap(({ uses = '', with: given = {} }) => {
      const [, action] = /^OWNER\/berth\/actions\/([\w-]+)@v1$/.exec(uses) ?? [];
      return action ? [{ path, action, given }] : [];
    }),
);

describe('an example', () => {
  test('is there for each action', () => {
    expect(examples.length).toBeGreaterThan(10);
  });

  test.each(examples)(
    'in $path gives $action only inputs that exist, and all that are required',
    (example) => {
      const { inputs = {} } = readActionFile(join(ROOT, 'actions'), example.action);
      const required = Object.keys(inputs).filter((name) => inputs[name]?.required);
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(example.given)));
      expect(Object.keys(example.given)).toEqual(expect.arrayContaining(required));
    },
  );
});

describe('the README', () => {
  test('shows a manifest that is one', () => {
    const [manifest = ''] = blocksOf('README.md', 'yaml').filter((block) => block.includes('environments:'));
    expect(loadManifest(manifest, 'berth.yaml').services).toHaveProperty('email-api');
  });

  test('calls the deploy workflow as the starter does', () => {
    const [call = ''] = blocksOf('README.md', 'yaml').filter((block) => block.includes('uses: OWNER/berth'));
    const lines = call.split('\n').filter((line) => line.trim());
    const starter = read('workflows/deploy.yml').split('\n');
    expect(lines.filter((line) => !starter.includes(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(5);
  });
});
