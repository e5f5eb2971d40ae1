import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveLock, type LockFile } from './lock.ts';

/** Paths with forward slashes, relative to the folder, and their texts. */
export type Files = Readonly<Record<string, string>>;

const leftOut = new Set(['node_modules', 'test', 'out', 'standalone']);

/**
 * Reads the services as a repository of their own would hold them: sources, Dockerfile, task definitions, smoke
 * files, `package.json` and a lock file with the very versions of this repository.
 *
 * `services` is the folder of the services, `rootLock` the text of the repository's package-lock.json.
 * The result is a complete Docker build context; tests are not in it.
 */
export async function readStandaloneFiles(services: string, rootLock: string): Promise<Files> {
  const entries = await readdir(services, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(services.length)
        .replace(/^[/\\]/, ''),
    )
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !path.split('/').some((part) => leftOut.has(part)))
    .sort();
  const texts = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(services, path), 'utf8')] as const),
  );
  const lock = deriveLock(JSON.parse(rootLock) as LockFile, 'services');
  const files: Record<string, string> = Object.fromEntries(texts);
  return {
    ...files,
    'package.json': withoutDevelopment(files['package.json'] ?? '{}'),
    'package-lock.json': `${JSON.stringify(lock, null, 2)}\n`,
  };
}

/**
 * What only this repository's own tests need is not in the lock file either; `npm ci` wants the two to agree. The
 * scripts run programs of this repository.
 */
function withoutDevelopment(text: string): string {
  const {
    devDependencies: _packages,
    scripts: _scripts,
    ...kept
  } = JSON.parse(text) as Record<string, unknown>;
  return `${JSON.stringify(kept, null, 2)}\n`;
}
