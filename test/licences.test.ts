import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const ALLOWED = [
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC-BY-4.0',
  'CC0-1.0',
  'Python-2.0',
  'Zlib',
];

interface Lock {
  packages: Record<string, { version?: string; license?: string; link?: boolean; optional?: boolean }>;
}

/** Licence of an installed package: the lock file's word, else the package's own. */
function licenceOf(path: string, entry: { license?: string }): string {
  if (entry.license) return entry.license;
  const manifest = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8')) as {
    license?: unknown;
    licenses?: { type: string }[];
  };
  if (typeof manifest.license === 'string') return manifest.license;
  // The form of old packages: a list to choose from.
  return manifest.licenses?.map(({ type }) => type).join(' OR ') ?? JSON.stringify(manifest.license);
}

const isAllowed = (licence: string): boolean =>
  licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => ALLOWED.includes(part)));

test('allows a package only under a licence that fits Apache-2.0', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const installed = Object.entries(packages).filter(
    ([path, entry]) => path.includes('node_modules/') && !entry.link && !(entry.optional && !entry.license),
  );
  const refused = installed
    .map(([path, entry]) => `${path}: ${licenceOf(path, entry)}`)
    .filter((line) => !isAllowed(line.split(': ')[1] ?? ''));
  expect(installed.length).toBeGreaterThan(100);
  expect(refused).toEqual([]);
});

test.each(['AGPL-3.0-only', 'GPL-3.0', 'MIT AND GPL-2.0', 'SEE LICENSE IN FILE'])('refuses %s', (licence) => {
  expect(isAllowed(licence)).toBe(false);
});

test.each(['MIT OR GPL-3.0', '(MIT AND BSD-3-Clause)', 'Apache-2.0'])('allows %s', (licence) => {
  expect(isAllowed(licence)).toBe(true);
});

test('pins every direct dependency to an exact version', () => {
  for (const folder of ['.', 'actions', 'services', 'local', 'cli', 'bench']) {
    const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >;
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'])
      for (const [name, range] of Object.entries(manifest[kind] ?? {}))
        expect(`${name}@${range}`).toMatch(/@\d[\w.+-]*$/);
  }
});
