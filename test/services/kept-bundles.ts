import { join } from 'node:path';
import { filesBelow } from '../../local/machine/files-below.ts';
import { hashFiles, keepBuild } from '../../local/machine/kept-build.ts';
import { repositoryFolder } from '../../local/machine/machine.ts';
import { runProgram } from '../../local/machine/run-program.ts';

const sources = join(repositoryFolder, 'services');
const kept = join(repositoryFolder, '.berth', 'service-bundles');

/**
 * Paths of the services' `main.cjs` as their images hold them, with what belongs beside each; only to be run. A service is
 * bundled once for all suites, which may ask at the same time: it is kept by the hash of everything that goes into it.
 */
export async function keepBundles<Name extends string>(
  ...services: readonly Name[]
): Promise<Record<Name, string>> {
  const key = await keyOfSources();
  const mains: Partial<Record<Name, string>> = {};
  // One after the other: each takes all cores and half a gigabyte.
  for (const service of services) {
    const folder = join(kept, `${service}-${key}`);
    await keepBuild(folder, (target) => bundle(service, target));
    mains[service] = join(folder, 'main.cjs');
  }
  return mains as Record<Name, string>;
}

/** As the Dockerfile does. */
async function bundle(service: string, folder: string): Promise<void> {
  const env = { ...process.env, SERVICE: service };
  const { code, stderr } = await runProgram(process.execPath, ['bundle.ts', folder], { cwd: sources, env });
  if (code !== 0) throw new Error(`${service} cannot be bundled: ${stderr}`);
}

/** Hash of the services' sources and of the locked packages, the bundler among them. */
async function keyOfSources(): Promise<string> {
  const names = await filesBelow(sources, (path) => !/(^|\/)(node_modules|test)\//.test(path));
  return hashFiles([
    ...names.map((name) => join(sources, name)),
    join(repositoryFolder, 'package-lock.json'),
  ]);
}
