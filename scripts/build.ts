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
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAction } from './bundle-action.ts';

const ROOT = join(import.meta.dirname, '..');
const ACTIONS = join(ROOT, 'actions');
const KEPT = join(ROOT, '.berth', 'bundles');
const HOUR_MS = 3_600_000;

/** Names of the actions, in alphabetical order: the folders with an action.yml. */
function listActions(): string[] {
  return readdirSync(ACTIONS)
    .filter((name) => existsSync(join(ACTIONS, name, 'action.yml')))
    .sort();
}

/** Files below a folder whose path passes, relative to it, sorted. */
function listFiles(folder: string, passes: (path: string) => boolean = () => true): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter(passes)
    .sort();
}

/** The one file outside actions/ that a bundle holds: what terraform-plan counts with. */
const PRICES = join(ROOT, 'terraform', 'pricing', 'us-east-1.json');

/** Everything below actions/ that can end up in a bundle. */
const sources = listFiles(
  ACTIONS,
  (path) => !/(^|\/)(node_modules|test|dist)\//.test(path) && /\.(ts|json)$/.test(path),
);

/** Hash of all that decides what a bundle holds: sources, locked packages, the programs that make it. */
function buildKey(): string {
  const hash = createHash('sha256');
  for (const path of [
    ...sources.map((name) => join(ACTIONS, name)),
    PRICES,
    join(ROOT, 'package-lock.json'),
    import.meta.filename,
    join(import.meta.dirname, 'bundle-action.ts'),
  ])
    hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 20);
}

/** Bundles all actions, or finds them bundled, and gives the folder with one folder an action. */
async function bundle(): Promise<string> {
  const kept = join(KEPT, buildKey());
  if (existsSync(kept)) return kept;
  forgetOldBuilds();
  const work = join(KEPT, `work-${process.pid}`);
  for (const name of listActions()) {
    for (const { path, text } of await bundleAction(join(ACTIONS, name, 'src', 'index.ts'), ROOT)) {
      const target = join(work, name, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
  // Another build of the same sources may have ended first.
  if (existsSync(kept)) rmSync(work, { recursive: true });
  else renameSync(work, kept);
  return kept;
}

/** Removes what earlier builds left; one that is being written or copied at this moment is not that old. */
function forgetOldBuilds(): void {
  if (!existsSync(KEPT)) return;
  for (const name of readdirSync(KEPT)) {
    const path = join(KEPT, name);
    if (Date.now() - statSync(path).mtimeMs > HOUR_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Sentences on every file in which the committed bundle of an action differs from a fresh one. */
function differences(name: string, fresh: string): string[] {
  const committed = join(ACTIONS, name, 'dist');
  const files = new Set([...listFiles(fresh), ...(existsSync(committed) ? listFiles(committed) : [])]);
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
  const faults = listActions().flatMap((name) => differences(name, join(bundles, name)));
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} else
  for (const name of listActions()) {
    const target = values.out ? join(values.out, name) : join(ACTIONS, name, 'dist');
    rmSync(target, { recursive: true, force: true });
    cpSync(join(bundles, name), target, { recursive: true });
  }
