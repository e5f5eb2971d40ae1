import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  CreateRepositoryCommand,
  DescribeImagesCommand,
  GetAuthorizationTokenCommand,
} from '@aws-sdk/client-ecr';
import { Lanes } from '../../aws/ecs/runtime/lanes.ts';
import { ensureBaseImage, ensureBuildImage } from '../../machine/base-image.ts';
import { connectDocker } from '../../machine/docker-client.ts';
import type { DockerEngine } from '../../machine/docker-engine.ts';
import { seedNpmCache } from '../../machine/npm-cache.ts';
import { runProgram } from '../../machine/run-program.ts';
import type { Files } from '../caller.ts';
import type { Clients } from '../clients.ts';
import { required } from '../ground.ts';

/** Builds the services' images with their own Dockerfile and pushes them to the local registry. */
export interface ImageYard {
  /**
   * Builds one service of these sources and gives the image by digest, with its size above the base in bytes. Many may
   * be asked for at once.
   */
  build(service: string, files: Files, tag: string): Promise<BuiltImage>;
  /** Removes what was built. */
  close(): Promise<void>;
}

export interface BuiltImage {
  /** `registry/prefix/service@sha256:…` */
  readonly reference: string;
  readonly bytesAboveBase: number;
}

/** More would not be faster on the two cores of a rehearsal. */
const buildsAtOnce = 2;

/** `files` give the packages whose installation needs no network. */
export async function openImageYard(
  engine: DockerEngine,
  { ecr }: Clients,
  { registry, prefix, files }: { registry: string; prefix: string; files: Files },
): Promise<ImageYard> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-platform-images-'));
  const contexts = new Map<Files, Promise<string>>();
  const packageFolder = await contextOf(files);
  const client = connectDocker(engine.host);
  const base = await ensureBaseImage(client);
  const buildImage = await ensureBuildImage(client, await seedNpmCache({ packageFolder }));
  await logIn();
  const baseBytes = (await client.getImage(base).inspect()).Size;
  const made: string[] = [];
  const repositories = new Map<string, Promise<unknown>>();
  const builds = new Lanes(buildsAtOnce);
  /** The first push carries the layers that all images have in common; the registry has them for those after it. */
  let firstPush: Promise<void> | undefined;

  /** The folder of these sources; written once, whatever is built of them. */
  function contextOf(sources: Files): Promise<string> {
    const known = contexts.get(sources) ?? writeFiles(join(folder, `context-${contexts.size}`), sources);
    contexts.set(sources, known);
    return known;
  }

  async function logIn(): Promise<void> {
    const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
    const auth = required(authorizationData?.[0]?.authorizationToken, 'registry token');
    await writeFile(join(folder, 'config.json'), JSON.stringify({ auths: { [registry]: { auth } } }));
  }

  async function docker(...args: string[]): Promise<void> {
    const env = { ...process.env, DOCKER_HOST: engine.host, DOCKER_CONFIG: folder, DOCKER_BUILDKIT: '1' };
    const { code, stderr } = await runProgram(engine.dockerCli, args, { env });
    if (code !== 0) throw new Error(`docker ${args[0]} failed: ${stderr.slice(-2_000)}`);
  }

  async function ensureRepository(repositoryName: string): Promise<void> {
    const making =
      repositories.get(repositoryName) ??
      ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability: 'IMMUTABLE' }));
    repositories.set(repositoryName, making);
    await making;
  }

  async function push(name: string): Promise<void> {
    const before = firstPush;
    const pushing = (before ?? Promise.resolve()).then(() => docker('push', '--quiet', name));
    firstPush ??= pushing;
    await pushing;
  }

  return {
    async build(service, sources, tag) {
      const context = await contextOf(sources);
      const repositoryName = `${prefix}/${service}`;
      const name = `${registry}/${repositoryName}:${tag}`;
      await ensureRepository(repositoryName);
      const args = { SERVICE: service, BASE_IMAGE: base, BUILD_IMAGE: buildImage };
      const flags = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
      await builds.run(() => docker('build', '--network=none', '--quiet', ...flags, '--tag', name, context));
      made.push(name);
      await push(name);
      const { imageDetails } = await ecr.send(
        new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag: tag }] }),
      );
      const digest = required(imageDetails?.[0]?.imageDigest, `digest of ${name}`);
      const { Size } = await client.getImage(name).inspect();
      return { reference: `${registry}/${repositoryName}@${digest}`, bytesAboveBase: Size - baseBytes };
    },
    async close() {
      await Promise.all(made.map((name) => client.getImage(name).remove({ force: true })));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function writeFiles(folder: string, files: Files): Promise<string> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}
