import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { withLock } from './file-lock.ts';
import { type Machine, thisMachine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { node24 } from './node-24.ts';
import { lastLines, type ProgramResult, runProgram, tryFindProgram } from './run-program.ts';

/** npm and a cache that holds one lock file's packages: what a build without a network needs. */
export interface NpmSeed {
  npmFolder: string;
  cacheFolder: string;
  /** Text of an `npmrc` under which npm finds the packages in that cache. */
  configuration: string;
}

/** What to seed: a folder with package.json and package-lock.json; `npmArguments` such as `--workspace=services`. */
export interface NpmSeedOptions {
  packageFolder: string;
  npmArguments?: readonly string[];
  machine?: Machine;
}

/**
 * Fills a cache with the packages (without those for development) of one lock file by running `npm ci` once,
 * under `.berth/npm-cache/<hash>`; a second call for the same lock file costs a few milliseconds.
 * The user's own npm settings hold. Throws MACHINE_NO_NPM or MACHINE_NPM_CACHE.
 */
export async function seedNpmCache(options: NpmSeedOptions): Promise<NpmSeed> {
  const { packageFolder, npmArguments = [], machine = thisMachine() } = options;
  const npmFolder = await findNpmFolder(machine);
  const manifests = readManifests(packageFolder);
  const key = JSON.stringify([
    manifests,
    npmArguments,
    readFileSync(join(npmFolder, 'package.json'), 'utf8'),
  ]);
  const folder = join(
    machine.workFolder,
    'npm-cache',
    createHash('sha256').update(key).digest('hex').slice(0, 16),
  );
  const npm = npmRunner(npmFolder, machine);
  await withLock(`${folder}.lock`, async () => {
    if (!existsSync(join(folder, 'npmrc'))) await fillCache(folder, manifests, npmArguments, npm);
  });
  const configuration = await readFile(join(folder, 'npmrc'), 'utf8');
  return { npmFolder, cacheFolder: join(folder, 'cache', '_cacache'), configuration };
}

/** Gives the folder of the npm that started this program, else of the one on the search path. */
async function findNpmFolder(machine: Machine): Promise<string> {
  const program = machine.env.npm_execpath ?? (await tryFindProgram('npm', machine.env));
  for (const path of program ? [realpathSync(program)] : []) {
    const folder = dirname(dirname(path));
    if (existsSync(join(folder, 'bin', 'npm-cli.js'))) return folder;
  }
  throw new MachineError(
    'MACHINE_NO_NPM',
    'npm is not on the search path: install npm 10 or newer (it comes with Node).',
  );
}

/** Keeps only where packages come from; addresses lose any user name and password in them. */
export function renderNpmrc(configuration: Readonly<Record<string, unknown>>): string {
  const registries = Object.entries(configuration)
    .filter(([key, value]) => /^(@[^:]+:)?registry$/.test(key) && URL.canParse(String(value)))
    .map(([key, value]) => {
      const url = new URL(String(value));
      url.username = '';
      url.password = '';
      return `${key}=${url.href}`;
    });
  const fixed = ['cache=/npm-cache', 'offline=true', 'audit=false', 'fund=false', 'update-notifier=false'];
  return `${[...registries, ...fixed].join('\n')}\n`;
}

type Npm = (args: readonly string[], cwd: string) => Promise<ProgramResult>;

function npmRunner(npmFolder: string, machine: Machine): Npm {
  const program = join(npmFolder, 'bin', 'npm-cli.js');
  return (args, cwd) => runProgram(node24().path, [program, ...args], { cwd, env: machine.env });
}

/** The marker file npmrc is written last: a folder without it is from a run that was cut off. */
async function fillCache(
  folder: string,
  manifests: Readonly<Record<string, string>>,
  npmArguments: readonly string[],
  npm: Npm,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const project = await mkdtemp(join(folder, 'project-'));
  for (const [path, text] of Object.entries(manifests)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  const cache = join(folder, 'cache');
  const install = ['ci', '--ignore-scripts', '--omit=dev', '--no-audit', '--no-fund', `--cache=${cache}`];
  assertDone(await npm([...install, ...npmArguments], project), 'npm ci');
  const listed = await npm(['config', 'list', '--json', '--long'], project);
  assertDone(listed, 'npm config list');
  await rm(project, { recursive: true });
  await rm(join(cache, '_cacache', 'tmp'), { recursive: true, force: true });
  await writeFile(join(folder, 'npmrc'), renderNpmrc(JSON.parse(listed.stdout) as Record<string, unknown>));
}

function assertDone(result: ProgramResult, what: string): void {
  if (result.code === 0) return;
  throw new MachineError(
    'MACHINE_NPM_CACHE',
    `"${what}" failed (exit ${result.code}) while packages for an image were fetched: ${lastLines(result.stderr)}.`,
  );
}

/** package.json, the lock file, and the package.json of each workspace the lock file names. */
function readManifests(folder: string): Record<string, string> {
  const lockText = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const lock = JSON.parse(lockText) as { packages?: Record<string, { link?: boolean }> };
  const own = Object.keys(lock.packages ?? {}).filter((path) => !path.includes('node_modules'));
  const paths = own
    .map((path) => join(path, 'package.json'))
    .filter((path) => existsSync(join(folder, path)));
  return {
    'package-lock.json': lockText,
    ...Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
  };
}
