import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadManifest } from '../../core/src/load-manifest.ts';
import type { Service } from '../../core/src/manifest.ts';
import { contentTagOf, type TreeFile } from '../src/content-tag.ts';

const serviceOf = (entry: object): Service => {
  const service = loadManifest(JSON.stringify({ version: 1, services: { api: entry } }), 'berth.yaml')
    .services.api;
  if (!service) throw new Error('the manifest lost its service');
  return service;
};
const file = (path: string, object = path): TreeFile => ({ mode: '100644', object, path });
const entry = {
  context: '.',
  dockerfile: 'Dockerfile',
  paths: ['api/**', 'lib/**', '!**/*.md'],
  args: { A: '1', B: '2' },
};
const tree = [
  file('Dockerfile'),
  file('api/a.ts'),
  file('lib/b.ts'),
  file('web/c.ts'),
  file('api/README.md'),
];
const tag = contentTagOf(serviceOf(entry), tree);

describe('contentTagOf', () => {
  test('is src- and 16 hex digits', () => expect(tag).toMatch(/^src-[0-9a-f]{16}$/));

  test.each<[string, object, TreeFile[]]>([
    ['a file of its paths', entry, [...tree.slice(0, 1), file('api/a.ts', 'other'), ...tree.slice(2)]],
    [
      'the execute bit of one',
      entry,
      [...tree.slice(0, 1), { ...file('api/a.ts'), mode: '100755' }, ...tree.slice(2)],
    ],
    ['the name of one', entry, [...tree.slice(0, 1), file('api/z.ts', 'api/a.ts'), ...tree.slice(2)]],
    ['a new one', entry, [...tree, file('lib/new.ts')]],
    ['the Dockerfile', entry, [file('Dockerfile', 'other'), ...tree.slice(1)]],
    ['the ignore file', entry, [...tree, file('.dockerignore')]],
    ['a build argument', { ...entry, args: { A: '1', B: '3' } }, tree],
    ['the context', { ...entry, context: 'api' }, tree],
  ])('changes with %s', (_, changed, files) => {
    expect(contentTagOf(serviceOf(changed), files)).not.toBe(tag);
  });

  test.each<[string, object, TreeFile[]]>([
    ['a file of another service', entry, [...tree, file('web/d.ts')]],
    ['a file taken out by !', entry, [...tree.slice(0, 4), file('api/README.md', 'other')]],
    ['the order of the arguments', { ...entry, args: { B: '2', A: '1' } }, tree],
    ['the container name', { ...entry, container: 'main' }, tree],
  ])('stays with %s', (_, changed, files) => {
    expect(contentTagOf(serviceOf(changed), files)).toBe(tag);
  });

  test('does not depend on the order of the files', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(tree, { minLength: tree.length }), (shuffled) => {
        expect(contentTagOf(serviceOf(entry), shuffled)).toBe(tag);
      }),
    );
  });
});
