/**
 * Bundles each action into the folder that a runner executes: `npm run build`.
 *
 *     node scripts/build.ts               writes actions/<name>/dist
 *     node scripts/build.ts --check       writes nothing; fails where dist differs by a byte
 *     node scripts/build.ts --out FOLDER  writes FOLDER/<name> instead
 *
 * A build is kept under `.berth/bundles` by the hash of everything that goes into it, so the same sources are bundled
 * once. How a bundle is made is in `bundle-action.ts`.
 */
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { filesBelow } from '../local/machine/files-below.ts';
import { hashFiles, keepBuild } from '../local/machine/kept-build.ts';
import { listActions } from './action-tables.ts';
import { writeBundle } from './bundle-folder.ts';

const ROOT = join(import.meta.dirname, '..');
const ACTIONS = join(ROOT, 'actions');
const KEPT = join(ROOT, '.berth', 'bundles');

/** The one file outside actions/ that a bundle holds: what terraform-plan counts with. */
const PRICES = join(ROOT, 'terraform', 'pricing', 'us-east-1.json');

/** Hash of all that decides what a bundle holds: sources, locked packages, the programs that make it. */
async function buildKey(): Promise<string> {
  const sources = await filesBelow(
    ACTIONS,
    (path) => !/(^|\/)(node_modules|test|dist)\//.test(path) && /\.(ts|json)$/.test(path),
  );
  return hashFiles([
    ...sources.map((name) => join(ACTIONS, name)),
    PRICES,
    join(ROOT, 'package-lock.json'),
    import.meta.filename,
    join(import.meta.dirname, 'bundle-action.ts'),
    join(import.meta.dirname, 'bundle-folder.ts'),
  ]);
}

/** Bundles all actions, or finds them bundled, and gives the folder with one folder an action. */
async function bundle(): Promise<string> {
  const kept = join(KEPT, await buildKey());
  await keepBuild(kept, async (work) => {
    for (const name of listActions(ACTIONS)) await writeBundle(name, join(work, name));
  });
  return kept;
}

/** Sentences on every file in which the committed bundle of an action differs from a fresh one. */
async function differences(name: string, fresh: string): Promise<string[]> {
  const committed = join(ACTIONS, name, 'dist');
  const files = new Set([
    ...(await filesBelow(fresh)),
    ...(existsSync(committed) ? await filesBelow(committed) : []),
  ]);
  const read = (folder: string, file: string): string | undefined =>
    existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'base64') : undefined;
  return [...files]
    .filter((file) => read(committed, file) !== read(fresh, file))
    .map(
      (file) => `actions/${name}/dist/${file} is not what the sources give; run npm run build and commit it.`,
    );
}

const { values } = parseArgs({ options: { check: { type: 'boolean' }, out: { type: 'string' } } });
const bundles = await bundle();
if (values.check) {
  const faults = (
    await Promise.all(listActions(ACTIONS).map((name) => differences(name, join(bundles, name))))
  ).flat();
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} else
  for (const name of listActions(ACTIONS)) {
    const target = values.out ? join(values.out, name) : join(ACTIONS, name, 'dist');
    rmSync(target, { recursive: true, force: true });
    cpSync(join(bundles, name), target, { recursive: true });
  }
