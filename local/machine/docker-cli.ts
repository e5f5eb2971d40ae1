import { canInstallPackages, ensureDebianPackages, isInstallable } from './debian-packages.ts';
import type { Machine } from './machine.ts';
import { MachineError } from './machine-error.ts';
import { runProgram } from './run-program.ts';

/** What a Docker client says of itself: whether `docker buildx` works, and `docker --version`. */
export interface DockerCliFacts {
  buildx: boolean;
  version: string;
}

/**
 * Says whether a client can build with BuildKit when DOCKER_BUILDKIT=1 is set: through its buildx plugin, or
 * by itself as those of 18.09 to 22 could. Newer ones without the plugin refuse to build.
 */
export function canBuild({ buildx, version }: DockerCliFacts): boolean {
  const [, major, minor] = /Docker version (\d+)\.(\d+)/.exec(version) ?? [];
  const release = Number(major) + Number(minor) / 100;
  return buildx || (release >= 18.09 && release < 23);
}

/**
 * Gives the path of a Docker client that can build: the first such on the search path, else /usr/bin/docker.
 * As root on Debian or Ubuntu the plugin is installed when no client has it. Throws MACHINE_NO_BUILDKIT.
 */
export async function ensureDockerCli(machine: Machine, log: (line: string) => void): Promise<string> {
  const found = await findDockerCli(machine);
  if (found) return found;
  const missing = (await dockerClients(machine)).length ? 'docker-buildx' : 'docker.io';
  if (canInstallPackages(machine) && (await isInstallable(missing, machine))) {
    await ensureDebianPackages([missing], { machine, log });
    const installed = await findDockerCli(machine);
    if (installed) return installed;
  }
  throw new MachineError(
    'MACHINE_NO_BUILDKIT',
    "No Docker client here can build with BuildKit: install the package docker-buildx (Docker's own: docker-buildx-plugin; Debian 12: docker.io).",
  );
}

async function findDockerCli(machine: Machine): Promise<string | undefined> {
  for (const path of await dockerClients(machine)) {
    if (canBuild(await factsOf(path, machine))) return path;
  }
  return undefined;
}

async function dockerClients(machine: Machine): Promise<string[]> {
  const folders = [...(machine.env.PATH ?? '').split(':'), '/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'];
  const paths = [...new Set(folders.filter(Boolean).map((folder) => `${folder}/docker`))];
  const present = await Promise.all(
    paths.map(async (path) => (await runProgram(path, ['--version'], { env: machine.env })).code === 0),
  );
  return paths.filter((_, index) => present[index]);
}

async function factsOf(path: string, machine: Machine): Promise<DockerCliFacts> {
  const options = { env: machine.env };
  const [buildx, version] = await Promise.all([
    runProgram(path, ['buildx', 'version'], options),
    runProgram(path, ['--version'], options),
  ]);
  return { buildx: buildx.code === 0, version: version.stdout };
}
