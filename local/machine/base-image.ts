import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { baseImageEntries, file, folderEntries } from './base-image-content.ts';
import { followProgress } from './docker-progress.ts';
import { MachineError } from './machine-error.ts';
import { node24 } from './node-24.ts';
import type { NpmSeed } from './npm-cache.ts';
import { renderTar, type TarEntry } from './tar.ts';

/** Taken where no image can be made from this machine's own Node, because that is not a Linux program. */
const publicNodeImage = 'node:24-bookworm-slim';

const searchPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Where an image of ours has npm; the same path as in the public Node images. */
const npmTarget = 'usr/local/lib/node_modules/npm';

/**
 * Makes sure the engine has an image with Node 24 and nothing else, and gives its reference.
 *
 * On Linux it is made `FROM scratch` out of the running Node binary (so no public registry is needed), once
 * per engine and content: `berth/base:<hash>`. Elsewhere it is the public Node image, pulled if absent.
 * It has no shell: health checks are written `["CMD", "node", …]`. Takes about two seconds when it is made.
 */
export async function ensureBaseImage(
  docker: Docker,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  if (platform !== 'linux') return ensurePulled(docker, publicNodeImage);
  return ensureImported(docker, 'berth/base', await baseImageEntries(node24().path));
}

/**
 * Makes sure the engine has the base image with npm and a filled npm cache, and gives its reference
 * `berth/build:<hash>`. In it `node /usr/local/lib/node_modules/npm/bin/npm-cli.js ci --ignore-scripts`
 * installs the seeded packages without a network (npm's own built-in configuration says so).
 */
export async function ensureBuildImage(
  docker: Docker,
  seed: NpmSeed,
  platform: NodeJS.Platform = process.platform,
): Promise<string> {
  if (platform !== 'linux') return ensurePulled(docker, publicNodeImage);
  return ensureImported(docker, 'berth/build', [
    ...(await baseImageEntries(node24().path)),
    ...(await folderEntries(seed.npmFolder, npmTarget)),
    ...(await folderEntries(seed.cacheFolder, 'npm-cache/_cacache')),
    file(`${npmTarget}/npmrc`, seed.configuration),
  ]);
}

async function ensureImported(
  docker: Docker,
  repository: string,
  entries: readonly TarEntry[],
): Promise<string> {
  const reference = `${repository}:${hashOf(entries)}`;
  if (await isPresent(docker, reference)) return reference;
  const [repo, tag] = reference.split(':');
  const answer = await docker.importImage(Readable.from(renderTar(entries)), {
    repo,
    tag,
    changes: [`ENV ${searchPath}`, 'WORKDIR /', 'CMD ["node"]'],
  });
  await followToEnd(answer, reference);
  return reference;
}

async function ensurePulled(docker: Docker, reference: string): Promise<string> {
  if (await isPresent(docker, reference)) return reference;
  await followToEnd(await docker.pull(reference), reference);
  return reference;
}

async function followToEnd(answer: NodeJS.ReadableStream, reference: string): Promise<void> {
  await followProgress(answer).catch((error: Error) => {
    throw new MachineError('MACHINE_BASE_IMAGE', `The image ${reference} cannot be made: ${error.message}.`);
  });
}

function isPresent(docker: Docker, reference: string): Promise<boolean> {
  return docker
    .getImage(reference)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

function hashOf(entries: readonly TarEntry[]): string {
  const hash = createHash('sha256').update(searchPath);
  for (const entry of entries) {
    hash.update(JSON.stringify({ ...entry, content: undefined }));
    if (entry.kind === 'file') hash.update(entry.content);
  }
  return hash.digest('hex').slice(0, 16);
}
