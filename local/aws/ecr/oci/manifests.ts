import { text } from 'node:stream/consumers';
import { lookUpPullable } from '../api-images.ts';
import { isDigest } from '../manifest.ts';
import { pushImage } from '../push-image.ts';
import { referrersOf } from '../records.ts';
import { answerEmpty, answerText, type Exchange, type RegistryParts } from './exchange.ts';
import { RegistryFault } from './registry-fault.ts';

const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

/** Gives a manifest by tag or digest, or only its headers. */
export function serveManifest(parts: RegistryParts, exchange: Exchange, reference: string): void {
  const id = isDigest(reference) ? { imageDigest: reference } : { imageTag: reference };
  const lookup = lookUpPullable(exchange.repository, id, parts.now());
  if ('failure' in lookup) {
    throw new RegistryFault(
      'MANIFEST_UNKNOWN',
      `${lookup.failure.failureReason}: ${exchange.repository.name}, ${reference}`,
      404,
    );
  }
  const { image } = lookup;
  if (exchange.method === 'GET') image.pulledAt = parts.now();
  answerText(exchange, image.manifest, {
    'content-type': image.mediaType,
    'docker-content-digest': image.digest,
    etag: `"${image.digest}"`,
  });
}

/** Takes a manifest under a tag or its digest. The same manifest under the same tag again is a success. */
export async function takeManifest(
  parts: RegistryParts,
  exchange: Exchange,
  reference: string,
): Promise<void> {
  const { request, response, repository } = exchange;
  const manifest = await text(request);
  const name = isDigest(reference) ? { digest: reference } : { tag: reference };
  const mediaType = request.headers['content-type'];
  const now = parts.now();
  const { image, existed } = pushImage(repository, { manifest, mediaType, ...name, now });
  if (!existed) parts.replication.copy(repository, image, { ...name, now });
  answerEmpty(response, 201, {
    location: `/v2/${repository.name}/manifests/${image.digest}`,
    'docker-content-digest': image.digest,
    ...(image.subject === undefined ? {} : { 'oci-subject': image.subject }),
  });
}

/** Lists tags in lexical order, `n` at a time from after `last`. */
export function listTags(exchange: Exchange): void {
  const { repository, query } = exchange;
  const last = query.get('last') ?? '';
  const tags = [...repository.digestsByTag.keys()].sort().filter((tag) => tag > last);
  const count = Number(query.get('n') ?? tags.length);
  const page = tags.slice(0, count);
  const next = `/v2/${repository.name}/tags/list?n=${count}&last=${page.at(-1)}`;
  answerText(exchange, JSON.stringify({ name: repository.name, tags: page }), {
    'content-type': 'application/json',
    ...(page.length > 0 && tags.length > page.length ? { link: `<${next}>; rel="next"` } : {}),
  });
}

/** Lists what was pushed about an image (signatures, attestations), as an image index. */
export function listReferrers(exchange: Exchange, digest: string): void {
  const { repository, query } = exchange;
  const wanted = query.get('artifactType');
  const manifests = referrersOf(repository, digest)
    .filter((image) => wanted === null || image.artifactMediaType === wanted)
    .map((image) => ({
      mediaType: image.mediaType,
      digest: image.digest,
      size: Buffer.byteLength(image.manifest),
      artifactType: image.artifactMediaType,
      ...(image.annotations && { annotations: image.annotations }),
    }));
  answerText(exchange, JSON.stringify({ schemaVersion: 2, mediaType: INDEX_TYPE, manifests }), {
    'content-type': INDEX_TYPE,
    ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
  });
}
