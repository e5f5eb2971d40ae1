import { join } from 'node:path';
import { definedEnv, type RunCommand } from '../../core/src/command.ts';
import { UserError } from '../../core/src/errors.ts';
import type { BuildPlan } from './build-plan.ts';

/** How this machine's Docker client builds with BuildKit: by the buildx plugin, or by what clients before 23 have in them. */
export type BuildKit = 'buildx' | 'built-in';

/** One Docker client with one configuration folder. */
export interface Docker {
  build(plan: BuildPlan, reference: string): Promise<void>;
  /** `already-there` when the registry refused because the tag is immutable and taken. */
  push(reference: string): Promise<'pushed' | 'already-there'>;
}

interface DockerPlace {
  readonly command: RunCommand;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
}

/**
 * Finds out how to build, before anything is done. Throws `IMAGE_NO_DOCKER` without client or engine, and
 * `IMAGE_NO_BUILDKIT` for a client that cannot, naming the package to install.
 */
export async function detectBuildKit({
  command,
  env,
}: Pick<DockerPlace, 'command' | 'env'>): Promise<BuildKit> {
  const ask = (...args: string[]) =>
    command('docker', args, { env: definedEnv(env) }).catch((error: Error) => {
      throw new UserError(
        'IMAGE_NO_DOCKER',
        `There is no docker client on PATH: install Docker (Debian and Ubuntu: apt-get install docker.io docker-buildx), or use a runner that has it. (${error.message.split('\n')[0]})`,
      );
    });
  const version = await ask('version', '--format', '{{.Client.Version}} {{.Server.Version}}');
  if (version.exitCode !== 0) {
    const reason = version.stderr.trim().split('\n').at(-1) ?? '';
    throw new UserError(
      'IMAGE_NO_DOCKER',
      `No Docker engine answers: ${reason} Start one, or set DOCKER_HOST.`,
    );
  }
  if ((await ask('buildx', 'version')).exitCode === 0) return 'buildx';
  const [client = ''] = version.stdout.trim().split(' ');
  if (Number.parseInt(client, 10) < 23) return 'built-in';
  throw new UserError(
    'IMAGE_NO_BUILDKIT',
    `This Docker client (${client}) cannot build with BuildKit: its buildx plugin is missing. Install the package ` +
      "docker-buildx (Debian, Ubuntu) or docker-buildx-plugin (Docker's own packages).",
  );
}

/** Docker with the configuration folder `dockerConfig`. Its output goes to `onLine` as it comes. */
export function dockerWith(kind: BuildKit, dockerConfig: string, place: DockerPlace): Docker {
  const { command, workspace, onLine } = place;
  const env = {
    ...definedEnv(place.env),
    DOCKER_CONFIG: dockerConfig,
    DOCKER_BUILDKIT: '1',
    BUILDKIT_PROGRESS: 'plain',
  };
  const docker = (args: readonly string[]) => command('docker', args, { env, cwd: workspace, onLine });
  return {
    build: async (plan, reference) => {
      const { exitCode, stdout, stderr } = await docker(buildArguments(kind, plan, reference, workspace));
      if (exitCode === 0) return;
      throw new UserError(
        'IMAGE_BUILD_FAILED',
        `The build of ${plan.dockerfile} failed:\n${lastLines(stdout + stderr)}`,
      );
    },
    push: async (reference) => {
      const { exitCode, stdout, stderr } = await docker(['push', reference]);
      if (exitCode === 0) return 'pushed';
      const output = stdout + stderr;
      if (/image tag .* already exists|tag is immutable/i.test(output)) return 'already-there';
      throw new UserError('IMAGE_PUSH_FAILED', `Pushing ${reference} failed:\n${lastLines(output)}`);
    },
  };
}

/** Loads into the engine first, so that both kinds are pushed the same way and a failed push builds nothing again. */
export function buildArguments(
  kind: BuildKit,
  plan: BuildPlan,
  reference: string,
  workspace: string,
): string[] {
  const pairsAs = (flag: string, pairs: Readonly<Record<string, string>>): string[] =>
    Object.entries(pairs).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    // Attestations would turn the image into an index with an untagged part; they are signed apart from the build.
    ...(kind === 'buildx' ? ['buildx', 'build', '--load', '--provenance=false'] : ['build']),
    '--file',
    join(workspace, plan.dockerfile),
    '--tag',
    reference,
    ...pairsAs('--build-arg', plan.args),
    ...pairsAs('--label', plan.labels),
    join(workspace, plan.context),
  ];
}

function lastLines(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-20).join('\n');
}
