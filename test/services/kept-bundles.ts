import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { withLock } from '../../local/machine/file-lock.ts';
import { repositoryFolder } from '../../local/machine/machine.ts';
import { bundleService } from '../../services/bundle.ts';

const sources = join(repositoryFolder, 'services');
const kept = join(repositoryFolder, '.berth', 'service-bundles');
const hourMs = 3_600_000;

/**
 * Paths of the services' `main.cjs` as their images hold them, with what belongs beside each; only to be run. A service is
 * bundled once for all suites, which may ask at the same time: it is kept by the hash of everything that goes into it.
 */
export async function keepBundles<Name extends string>(
  ...services: readonly Name[]
): Promise<Record<Name, string>> {
  const key = await keyOfSources();
  const mains = services.map(async (service) => [service, await keepBundle(service, key)] as const);
  return Object.fromEntries(await Promise.all(mains)) as Record<Name, string>;
}

async function keepBundle(service: string, key: string): Promise<string> {
  const home = join(kept, key);
  const folder = join(home, service);
  await withLock(`${folder}.lock`, async () => {
    if (existsSync(folder)) return;
    await forgetOldBundles(key);
    const unfinished = await mkdtemp(join(home, 'unfinished-'));
    await bundleService(service, sources, join(unfinished, 'main.cjs'));
    await rename(unfinished, folder);
  });
  return join(folder, 'main.cjs');
}

/** Hash of the services' sources and of the locked packages, the bundler among them. */
async function keyOfSources(): Promise<string> {
  const entries = await readdir(sources, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/\/(node_modules|test)\//.test(relative(repositoryFolder, path)));
  const hash = createHash('sha256');
  for (const path of [...paths.sort(), join(repositoryFolder, 'package-lock.json')])
    hash
      .update(relative(repositoryFolder, path))
      .update('\0')
      .update(await readFile(path))
      .update('\0');
  return hash.digest('hex').slice(0, 20);
}

/** Removes what other sources left; nothing runs for so long that it still needs them. */
async function forgetOldBundles(current: string): Promise<void> {
  for (const name of await readdir(kept)) {
    const path = join(kept, name);
    // Another suite may be at it too.
    const changedAt = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    const isOld = changedAt !== undefined && Date.now() - changedAt > hourMs;
    if (name !== current && isOld) await rm(path, { recursive: true, force: true });
  }
}
