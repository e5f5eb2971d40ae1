/**
 * Bundles each action into the one file that a runner executes: `npm run build`.
 *
 *     node scripts/build.ts               writes actions/<name>/dist
 *     node scripts/build.ts --check       writes nothing; fails where dist differs by a byte
 *     node scripts/build.ts --out FOLDER  writes FOLDER/<name> instead
 *
 * Types are stripped first, once for all actions: ncc's own TypeScript loader takes twice the time. A build is kept
 * under `.berth/bundles` by the hash of everything that goes into it, so the same sources are bundled once.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { parseArgs } from 'node:util';

const ROOT = join(import.meta.dirname, '..');
const ACTIONS = join(ROOT, 'actions');
const KEPT = join(ROOT, '.berth', 'bundles');
const BUILDERS = 2;

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

/** Everything below actions/ that can end up in a bundle. */
const sources = listFiles(
  ACTIONS,
  (path) => !/(^|\/)(node_modules|test|dist)\//.test(path) && /\.(ts|json)$/.test(path),
);

/** Hash of all that decides what a bundle holds: sources, locked packages, this program. */
function buildKey(): string {
  const hash = createHash('sha256');
  for (const path of [
    ...sources.map((name) => join(ACTIONS, name)),
    join(ROOT, 'package-lock.json'),
    import.meta.filename,
  ])
    hash.update(relative(ROOT, path)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 20);
}

/** Writes the sources as JavaScript to a folder inside the repository, where packages resolve. */
function stripTypes(into: string): void {
  for (const path of sources) {
    const target = join(into, path.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const text = readFileSync(join(ACTIONS, path), 'utf8');
    writeFileSync(target, path.endsWith('.ts') ? toJavaScript(text) : text);
  }
}

/** Strips the types and makes relative imports name the stripped files. */
function toJavaScript(text: string): string {
  return stripTypeScriptTypes(text).replace(/((?:from|import)\s*\(?\s*['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
}

/**
 * Bundles one entry. webpack numbers modules by their paths from the folder it runs in, so it runs in that of the
 * stripped sources: no name that differs between two builds or two machines is on the way from there.
 */
function runNcc(folder: string, entry: string, out: string): Promise<void> {
  const ncc = join(ROOT, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js');
  const args = [ncc, 'build', entry, '--out', out, '--minify', '--no-cache', '--license', 'licenses.txt'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`ncc failed for ${entry}:\n${Buffer.concat(output)}`)),
    );
  });
}

/** Bundles all actions, or finds them bundled, and gives the folder with one folder an action. */
async function bundle(): Promise<string> {
  const kept = join(KEPT, buildKey());
  if (existsSync(kept)) return kept;
  const work = join(KEPT, `work-${process.pid}`);
  rmSync(KEPT, { recursive: true, force: true });
  stripTypes(join(work, 'js'));
  const waiting = listActions();
  const builder = async (): Promise<void> => {
    for (let name = waiting.shift(); name; name = waiting.shift())
      await runNcc(join(work, 'js'), join(name, 'src', 'index.js'), join(work, 'out', name));
  };
  await Promise.all(Array.from({ length: BUILDERS }, builder));
  renameSync(join(work, 'out'), kept);
  rmSync(work, { recursive: true });
  return kept;
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
