import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './file-lock.ts';
import { type Machine, thisMachine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { lastLines, type ProgramResult, runProgram } from './run-program.ts';

export interface DebianPackagesOptions {
  machine?: Machine;
  log?: (line: string) => void;
}

const aptGet = '/usr/bin/apt-get';
const policyFile = '/usr/sbin/policy-rc.d';

/** Says whether packages can be installed here: Debian or Ubuntu, as root. */
export function canInstallPackages(machine: Machine): boolean {
  return machine.platform === 'linux' && machine.uid === 0 && existsSync(aptGet);
}

/**
 * Installs Debian packages without what they merely recommend, and without starting any service of theirs.
 * Throws MACHINE_PACKAGE_INSTALL, naming the packages, when this is not Debian, not root, or apt fails.
 */
export async function ensureDebianPackages(
  names: readonly string[],
  options: DebianPackagesOptions = {},
): Promise<void> {
  const { machine = thisMachine(), log = () => undefined } = options;
  const packages = names.join(' ');
  if (!canInstallPackages(machine)) {
    throw new MachineError(
      'MACHINE_PACKAGE_INSTALL',
      `Needed and not here: install the packages ${packages} (these are Debian's names).`,
    );
  }
  await withLock(join(machine.tempFolder, `berth-apt-${machine.uid}.lock`), async () => {
    log(`installing the Debian packages ${packages} …`);
    await withoutServices(async () => {
      const apt = (args: readonly string[]) => runApt(args, machine);
      await apt(['update', '-qq']);
      const result = await apt(['install', '-y', '-qq', '--no-install-recommends', ...names]);
      if (result.code === 0) return;
      throw new MachineError(
        'MACHINE_PACKAGE_INSTALL',
        `apt-get cannot install ${packages} (${lastLines(result.stderr, 2)}): install them by hand and run this again.`,
      );
    });
  });
}

/** Says whether apt knows a package that could be installed. */
export async function isInstallable(name: string, machine: Machine): Promise<boolean> {
  const result = await runProgram('/usr/bin/apt-cache', ['policy', name], { env: machine.env });
  return /Candidate: (?!\(none\))/.test(result.stdout);
}

/** A lock held by another apt run is waited for; apt's questions are answered with their defaults. */
function runApt(args: readonly string[], machine: Machine): Promise<ProgramResult> {
  const env = { ...machine.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' };
  return runProgram(aptGet, ['-o', 'DPkg::Lock::Timeout=120', ...args], { env });
}

/**
 * Debian starts a package's service as soon as it is installed, unless this file says no. Nothing must be
 * left running on a machine that asked for a demo. A policy that is there already is left alone.
 */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  if (existsSync(policyFile)) return work();
  await writeFile(policyFile, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    await rm(policyFile, { force: true });
  }
}
