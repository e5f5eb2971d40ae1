import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { withLock } from './file-lock.ts';
import { repositoryFolder } from './machine.ts';

const hourMs = 3_600_000;

/** Hash of what the files hold and of their paths in the repository, in the order given: a name for what is built of them. */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths)
    hash
      .update(relative(repositoryFolder, path))
      .update('\0')
      .update(await readFile(path))
      .update('\0');
  return hash.digest('hex').slice(0, 20);
}

/**
 * Builds `folder` unless it is there already; its name is to hold the hash of all that goes into it. `build` gets an empty
 * folder to write to, and what it leaves when it throws is not kept. Several processes may ask at once: one builds,
 * the others wait. What nobody has asked for within the last hour is removed from beside it.
 */
export async function keepBuild(folder: string, build: (folder: string) => Promise<void>): Promise<void> {
  await withLock(`${folder}.lock`, async () => {
    if (!existsSync(folder)) {
      await forgetOldBuilds(dirname(folder));
      const unfinished = await mkdtemp(`${folder}-unfinished-`);
      await build(unfinished);
      await rename(unfinished, folder);
    }
    const now = new Date();
    await utimes(folder, now, now);
  });
}

async function forgetOldBuilds(kept: string): Promise<void> {
  for (const name of await readdir(kept)) {
    const path = join(kept, name);
    // Another process may be at it too.
    const usedAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (Date.now() - usedAt > hourMs) await rm(path, { recursive: true, force: true });
  }
}
