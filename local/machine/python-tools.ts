import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureDebianPackages } from './debian-packages.ts';
import { withLock } from './file-lock.ts';
import { type Machine, thisMachine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { lastLines, type ProgramResult, runProgram, tryFindProgram } from './run-program.ts';

/** What is installed together: a folder of `.berth`, the pins beside this file, and the program each tool brings. */
interface Environment {
  folder: string;
  requirements: string;
  programs: Readonly<Record<string, string>>;
}

const tools = {
  folder: 'venv',
  requirements: 'requirements.txt',
  programs: {
    moto: 'moto_server',
    act: 'act',
    awscli: 'aws',
    zizmor: 'zizmor',
    actionlint: 'actionlint',
    nats: 'nats-server',
    'ecs-deploy': 'ecs',
  },
} as const satisfies Environment;

/** Alone, since it wants a botocore of 2024, whose models of AWS are too old for moto to answer today's SDKs. */
const checkov = {
  folder: 'venv-checkov',
  requirements: 'requirements-checkov.txt',
  programs: { checkov: 'checkov' },
} as const satisfies Environment;

/** Peers that benchmarks run beside ours; nothing else needs them. */
const peers = {
  folder: 'venv-peers',
  requirements: 'requirements-peers.txt',
  programs: { uvicorn: 'uvicorn' },
} as const satisfies Environment;

/** Asks the services what their OpenAPI documents allow, and more; no other test needs it. */
const conformance = {
  folder: 'venv-conformance',
  requirements: 'requirements-conformance.txt',
  programs: { schemathesis: 'schemathesis' },
} as const satisfies Environment;

const environments: readonly Environment[] = [tools, checkov, peers, conformance];

export type PythonTool =
  | keyof typeof tools.programs
  | keyof typeof checkov.programs
  | keyof typeof peers.programs
  | keyof typeof conformance.programs;

export interface PythonToolsOptions {
  log?: (line: string) => void;
  machine?: Machine;
}

/**
 * Makes sure the pinned tools from PyPI are installed under `.berth` and gives the folder of their programs.
 *
 * `checkov`, the peers and `schemathesis` have folders of their own: asked for together with others is an error of the
 * caller. Takes about a minute the first time and after a change of the pins, else a few milliseconds. An installation that was cut
 * off is made again. pip runs with the user's own settings. On Debian as root a missing venv module is
 * installed. Throws MACHINE_NO_PYTHON or MACHINE_PYTHON_PACKAGES.
 */
export async function ensurePythonTools(
  names: readonly PythonTool[] = [],
  options: PythonToolsOptions = {},
): Promise<{ bin: string }> {
  const { machine = thisMachine(), log = () => undefined } = options;
  const environment: Environment =
    environments.find(({ programs }) => names.some((name) => name in programs)) ?? tools;
  const folder = join(machine.workFolder, environment.folder);
  const requirements = join(import.meta.dirname, environment.requirements);
  const marker = join(folder, '.berth-installed');
  // A virtual environment holds its own path and its Python's: a moved clone or another Python makes it anew.
  const wanted = createHash('sha256')
    .update(`${folder}\n${await readFile(requirements, 'utf8')}`)
    .digest('hex');
  await withLock(`${folder}.lock`, async () => {
    const made = await readFile(marker, 'utf8').catch(() => '');
    if (made === wanted && (await runs(join(folder, 'bin', 'python'), machine))) return;
    log(`installing ${Object.keys(environment.programs).join(', ')} in .berth/${environment.folder} …`);
    await rm(folder, { recursive: true, force: true });
    await makeEnvironment(folder, machine, log);
    await install(folder, requirements, machine);
    await writeFile(marker, wanted);
  });
  const bin = join(folder, 'bin');
  const missing = names.find((name) => !existsSync(join(bin, environment.programs[name] ?? name)));
  if (missing)
    throw failure(`${missing} is not in ${bin} although pip has installed ${environment.requirements}`);
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

async function install(folder: string, requirements: string, machine: Machine): Promise<void> {
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
