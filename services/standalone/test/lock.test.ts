import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { deriveLock, type LockFile } from '../lock.ts';

function lockOf(packages: LockFile['packages']): LockFile {
  return { name: 'all', lockfileVersion: 3, packages: { '': { version: '1.0.0' }, ...packages } };
}

/** The places and versions of what a derived lock file holds, the root left out. */
function derive(packages: LockFile['packages']) {
  const { '': _root, ...derived } = deriveLock(lockOf(packages), 'services').packages;
  return Object.fromEntries(Object.entries(derived).map(([place, { version }]) => [place, version]));
}

describe('deriving the lock file of one workspace', () => {
  test('keeps what the workspace reaches and drops the rest', () => {
    const derived = derive({
      services: { dependencies: { a: '^1.0.0' } },
      'node_modules/a': { version: '1.0.0', dependencies: { b: '^1.0.0' } },
      'node_modules/b': { version: '1.1.0' },
      'node_modules/c': { version: '1.0.0' },
    });
    expect(derived).toEqual({ 'node_modules/a': '1.0.0', 'node_modules/b': '1.1.0' });
  });

  test("lifts the workspace's own packages to the top and puts the other version beside the one that needs it", () => {
    const derived = derive({
      services: { dependencies: { a: '^2.0.0', b: '^1.0.0' } },
      'services/node_modules/a': { version: '2.0.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '1.0.0', dependencies: { a: '^1.0.0' } },
    });
    expect(derived).toEqual({
      'node_modules/a': '2.0.0',
      'node_modules/b': '1.0.0',
      'node_modules/b/node_modules/a': '1.0.0',
    });
  });

  test('follows a circle once', () => {
    const derived = derive({
      services: { dependencies: { a: '*' } },
      'node_modules/a': { version: '1.0.0', dependencies: { b: '*' } },
      'node_modules/b': { version: '1.0.0', dependencies: { a: '*' } },
    });
    expect(Object.keys(derived)).toEqual(['node_modules/a', 'node_modules/b']);
  });

  test('follows peers that are needed and marks what only optional edges reach', () => {
    const { packages } = deriveLock(
      lockOf({
        services: { dependencies: { a: '*' }, devDependencies: { d: '*' } },
        'node_modules/a': {
          version: '1.0.0',
          peerDependencies: { p: '*', q: '*' },
          peerDependenciesMeta: { q: { optional: true } },
          optionalDependencies: { o: '*', gone: '*' },
        },
        'node_modules/p': { version: '1.0.0', peer: true },
        'node_modules/q': { version: '1.0.0' },
        'node_modules/o': { version: '1.0.0', devOptional: true },
        'node_modules/d': { version: '1.0.0', dev: true },
      }),
      'services',
    );
    expect(packages).toMatchObject({
      '': { dependencies: { a: '*' } },
      'node_modules/p': { version: '1.0.0' },
      'node_modules/o': { version: '1.0.0', optional: true },
    });
    expect(Object.keys(packages)).toHaveLength(4);
    expect(packages['node_modules/p']).not.toHaveProperty('peer');
  });

  test('refuses a lock file that lacks a package or the workspace', () => {
    expect(() => derive({ services: { dependencies: { a: '*' } } })).toThrow(
      'The lock file has no a, which services needs.',
    );
    expect(() => derive({})).toThrow('The lock file has no workspace services.');
  });
});

test("takes every package of the services from this repository's lock file, unchanged", async () => {
  const text = await readFile(new URL('../../../package-lock.json', import.meta.url), 'utf8');
  const lock = JSON.parse(text) as LockFile;
  const derived = deriveLock(lock, 'services');
  const known = new Set(Object.values(lock.packages).map(({ integrity }) => integrity));
  const { '': root, ...packages } = derived.packages;
  expect(Object.keys(packages)).toEqual(
    expect.arrayContaining(['node_modules/fastify', 'node_modules/esbuild']),
  );
  expect(Object.values(packages).every(({ integrity }) => known.has(integrity))).toBe(true);
  expect(root).toEqual(
    expect.objectContaining({
      dependencies: JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'))
        .dependencies,
    }),
  );
});
