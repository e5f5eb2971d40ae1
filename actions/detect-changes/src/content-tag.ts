import { createHash } from 'node:crypto';
import type { Service } from '../../core/src/manifest.ts';
import { imageFileMatcher } from './service-files.ts';

/** A file of a commit: `object` is git's hash of its content, `mode` its kind and execute bit (`100644`). */
export interface TreeFile {
  readonly mode: string;
  readonly object: string;
  readonly path: string;
}

/**
 * Names the content an image is built from: `src-` and 16 hex digits over the service's files, its Dockerfile,
 * context and build arguments. Equal content gives an equal tag on every machine and in every commit.
 */
export function contentTagOf(service: Service, files: readonly TreeFile[]): string {
  const isIn = imageFileMatcher(service);
  const hash = createHash('sha256');
  const args = Object.entries(service.args).sort(([a], [b]) => (a < b ? -1 : 1));
  hash.update(JSON.stringify([service.context, service.dockerfile, args]));
  const own = files.filter(({ path }) => isIn(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { mode, object, path } of own) hash.update(`\n${mode} ${object} ${path}`);
  return `src-${hash.digest('hex').slice(0, 16)}`;
}
