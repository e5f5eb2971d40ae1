import { createHash } from 'node:crypto';
import { AwsFault } from '../fault.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { isImmutable } from './mutability.ts';
import type { ImageRecord, RepositoryRecord } from './records.ts';
import { startScan } from './scan.ts';

export type ImagePush = {
  manifest: string;
  /** What the pusher said the manifest is. */
  mediaType?: string;
  tag?: string;
  /** The digest the pusher expects. */
  digest?: string;
  /** Epoch milliseconds. */
  now: number;
};

/**
 * Files a manifest in a repository, under a tag where one is given, by ECR's rules, and gives its image.
 *
 * `existed` tells that the same manifest was there under the same tag (or at all, without a tag) already;
 * nothing changes then. Throws `ImageTagAlreadyExistsException` for an immutable tag that names another
 * image, `LayersNotFoundException`, `ReferencedImagesNotFoundException`, `ImageDigestDoesNotMatchException`
 * and `InvalidParameterException`; nothing has changed when it throws.
 * Source: ECR API, PutImage (read 2026-11).
 */
export function pushImage(
  repository: RepositoryRecord,
  push: ImagePush,
): { image: ImageRecord; existed: boolean } {
  const digest = `sha256:${createHash('sha256').update(push.manifest).digest('hex')}`;
  if (push.digest !== undefined && push.digest !== digest) {
    const message = `The digest '${push.digest}' does not match the manifest's, which is '${digest}'.`;
    throw new AwsFault('ImageDigestDoesNotMatchException', message);
  }
  const known = repository.imagesByDigest.get(digest);
  const tagged = push.tag === undefined ? undefined : repository.digestsByTag.get(push.tag);
  if (known && (push.tag === undefined || tagged === digest)) return { image: known, existed: true };
  if (push.tag !== undefined) assertTagFree(repository, push.tag, tagged);
  const image = known ?? imageOf(repository, digest, parseManifest(push.manifest, push.mediaType), push);
  repository.imagesByDigest.set(digest, image);
  if (!known && repository.scanOnPush && image.members.length === 0) startScan(repository, image, push.now);
  if (push.tag !== undefined) repository.digestsByTag.set(push.tag, digest);
  return { image, existed: false };
}

function assertTagFree(repository: RepositoryRecord, tag: string, tagged: string | undefined): void {
  if (!/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(tag)) {
    const message = `Invalid parameter at 'ImageTag' failed to satisfy constraint: 'must satisfy regular expression '[a-zA-Z0-9-_.]+''`;
    throw new AwsFault('InvalidParameterException', message);
  }
  if (tagged === undefined || !isImmutable(repository, tag)) return;
  throw new AwsFault(
    'ImageTagAlreadyExistsException',
    `The image tag '${tag}' already exists in the '${repository.name}' repository and cannot be overwritten because the tag is immutable.`,
  );
}

function imageOf(
  repository: RepositoryRecord,
  digest: string,
  manifest: Manifest,
  push: ImagePush,
): ImageRecord {
  const { blobs, ...described } = manifest;
  const { members } = manifest;
  const missingLayers = blobs.filter((blob) => !blob.isForeign && !repository.layers.has(blob.digest));
  if (missingLayers.length > 0) {
    const list = missingLayers.map((blob) => `'${blob.digest}'`).join(', ');
    throw new AwsFault(
      'LayersNotFoundException',
      `Layers with digests ${list} required for pushing image do not exist.`,
    );
  }
  const images = members.map((member) => repository.imagesByDigest.get(member));
  const missing = members.filter((_, index) => images[index] === undefined);
  if (missing.length > 0) {
    const list = missing.map((member) => `'${member}'`).join(', ');
    throw new AwsFault(
      'ReferencedImagesNotFoundException',
      `The images referenced by the list are not found: ${list}.`,
    );
  }
  const own = blobs.reduce((sum, blob) => sum + blob.sizeBytes, 0);
  const sizeBytes = Math.max(own, ...images.map((image) => image?.sizeBytes ?? 0));
  return { ...described, digest, manifest: push.manifest, sizeBytes, pushedAt: push.now };
}
