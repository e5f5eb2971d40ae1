import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { canInstallPackages, ensureDebianPackages } from './debian-packages.ts';
import { ensureDockerCli } from './docker-cli.ts';
import { answers } from './docker-client.ts';
import { engineHost, isEngineUp, startEngine, stopEngine } from './engine-daemon.ts';
import { countLeases, dropLease, takeLease } from './engine-leases.ts';
import { withLock } from './file-lock.ts';
import { type Machine, thisMachine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { tryFindProgram } from './run-program.ts';

/** A Docker engine to work with, for as long as it is not released. */
export interface DockerEngine {
  /** As DOCKER_HOST: `unix:///…/docker.sock` or `tcp://…`. */
  host: string;
  /** Path of a Docker client that can build with BuildKit when DOCKER_BUILDKIT=1 is set. */
  dockerCli: string;
  /** Ends this process's use of it. The last user of an engine of ours stops it and removes all of it. */
  release(): Promise<void>;
}

export interface DockerEngineOptions {
  log?: (line: string) => void;
  machine?: Machine;
}

/**
 * Gives an engine that answers, starting one of our own where there is none and this is root on Debian or
 * Ubuntu (packages that are missing are installed). One engine of ours serves all clones on the machine; an
 * engine that a killed run left behind is used again. Every caller must `release()` what it got.
 * A DOCKER_HOST where nothing answers is an error (MACHINE_DOCKER_UNREACHABLE), since starting another engine is not
 * what was asked for. Throws MACHINE_NO_DOCKER, MACHINE_NO_BUILDKIT, MACHINE_PACKAGE_INSTALL or MACHINE_DOCKER_START.
 */
export async function ensureDockerEngine(options: DockerEngineOptions = {}): Promise<DockerEngine> {
  const { machine = thisMachine(), log = () => undefined } = options;
  const foreign = await findForeignEngine(machine);
  if (foreign)
    return { host: foreign, dockerCli: await ensureDockerCli(machine, log), release: async () => undefined };
  return ensureOwnEngine({ machine, log });
}

/** Like `ensureDockerEngine`, but never looks for an engine that is not ours. */
export async function ensureOwnEngine(options: DockerEngineOptions = {}): Promise<DockerEngine> {
  const { machine = thisMachine(), log = () => undefined } = options;
  if (!canInstallPackages(machine))
    throw new MachineError('MACHINE_NO_DOCKER', await noDockerSentence(machine));
  await ensureDaemonPrograms(machine, log);
  const dockerCli = await ensureDockerCli(machine, log);
  const folder = engineFolder(machine);
  const lease = await withLock(`${folder}.lock`, () => leaseEngine(folder, machine, log));
  return { host: engineHost(folder), dockerCli, release: () => releaseEngine(folder, lease) };
}

async function leaseEngine(folder: string, machine: Machine, log: (line: string) => void): Promise<string> {
  await countLeases(leasesOf(folder));
  // On a busy machine an engine may be slow to answer, and others may have their containers on it.
  if (!(await isEngineUp(folder))) {
    log('no Docker engine answers: starting one for this run …');
    await stopEngine(folder);
    await startEngine(folder, machine);
  }
  return takeLease(leasesOf(folder));
}

async function releaseEngine(folder: string, lease: string): Promise<void> {
  await withLock(`${folder}.lock`, async () => {
    await dropLease(lease);
    if ((await countLeases(leasesOf(folder))) === 0) await stopEngine(folder);
  });
}

async function findForeignEngine(machine: Machine): Promise<string | undefined> {
  const asked = machine.env.DOCKER_HOST;
  if (asked) {
    if (await answers(asked)) return asked;
    throw new MachineError(
      'MACHINE_DOCKER_UNREACHABLE',
      `DOCKER_HOST is ${asked}, but no Docker engine answers there: start it, or unset DOCKER_HOST.`,
    );
  }
  for (const socket of usualSockets(machine)) {
    if (await answers(`unix://${socket}`)) return `unix://${socket}`;
  }
  return undefined;
}

/** Of a system's engine, a rootless one, Docker Desktop and Colima. */
function usualSockets({ env }: Machine): string[] {
  return [
    '/var/run/docker.sock',
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, 'docker.sock')] : []),
    ...(env.HOME
      ? ['.docker/run', '.docker/desktop', '.colima/default'].map((at) =>
          join(env.HOME ?? '', at, 'docker.sock'),
        )
      : []),
  ];
}

async function ensureDaemonPrograms(machine: Machine, log: (line: string) => void): Promise<void> {
  const missing = [];
  if (!(await tryFindProgram('dockerd', machine.env))) missing.push('docker.io');
  if (!(await tryFindProgram('ip', machine.env))) missing.push('iproute2');
  if (missing.length) await ensureDebianPackages(missing, { machine, log });
}

async function noDockerSentence({ platform }: Machine): Promise<string> {
  const socket = '/var/run/docker.sock';
  const isThere = await access(socket).then(
    () => true,
    () => false,
  );
  const isOpen = await access(socket, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isThere && !isOpen)
    return `${socket} may not be used by this user: add the user to the group docker, log in again and run this again.`;
  if (platform !== 'linux')
    return 'No Docker engine answers: install Docker Desktop (or Colima), start it and run this again.';
  return 'No Docker engine answers and this is not root on Debian or Ubuntu: install Docker (Debian and Ubuntu: apt-get install docker.io docker-buildx), start it and run this again.';
}

function engineFolder(machine: Machine): string {
  return join(machine.tempFolder, `berth-engine-${machine.uid}`);
}

function leasesOf(folder: string): string {
  return join(folder, 'leases');
}
