import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from '@jest/globals';

const services = join(import.meta.dirname, '..');

/** Sources of services/, tests left out, each with the files of ours it imports, as paths from services/. */
function readImports(): { file: string; imported: string[] }[] {
  return readdirSync(services, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/(^|[/\\])(test|node_modules)[/\\]/.test(file))
    .map((file) => {
      const text = readFileSync(join(services, file), 'utf8');
      const paths = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) => path);
      return { file, imported: paths.map((path) => relative(services, join(services, file, '..', path))) };
    });
}

const folderOf = (path: string) => (path.includes('/') ? (path.split('/')[0] ?? '') : '');

test('a service imports itself and lib, lib imports lib, and nothing leaves services/', () => {
  const crossings = readImports().flatMap(({ file, imported }) =>
    imported
      .filter((path) => folderOf(file) !== '' && ![folderOf(file), 'lib'].includes(folderOf(path)))
      .map((path) => `${file} imports ${path}`),
  );
  expect(crossings).toEqual([]);
  expect(readImports().some(({ imported }) => imported.length > 5)).toBe(true);
});
