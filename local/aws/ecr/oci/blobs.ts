import { pipeline } from 'node:stream/promises';
import { isDigest } from '../manifest.ts';
import type { RepositoryRecord } from '../records.ts';
import { answerEmpty, type Exchange, type RegistryParts } from './exchange.ts';
import { RegistryFault } from './registry-fault.ts';

/** Gives a blob of the repository, or only its size. */
export async function serveBlob(parts: RegistryParts, exchange: Exchange, digest: string): Promise<void> {
  const { request, response, repository, method } = exchange;
  const size = repository.layers.has(digest) ? await parts.blobs.sizeOf(digest) : undefined;
  if (size === undefined)
    throw new RegistryFault('BLOB_UNKNOWN', `The blob ${digest} is not in the repository.`, 404);
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
  };
  response.writeHead(200, { ...headers, 'content-length': size });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  // A client that goes away in the middle is no error of ours.
  await pipeline(parts.blobs.read(digest), response).catch(() => request.destroy());
}

/** Begins an upload; with `mount` and `from` takes a blob over, with `digest` takes it whole. */
export async function beginUpload(parts: RegistryParts, exchange: Exchange): Promise<void> {
  const { request, response, query, repository } = exchange;
  const mount = query.get('mount');
  if (mount && isMountable(parts, exchange, mount)) {
    repository.layers.add(mount);
    return answerCreated(exchange, mount);
  }
  const upload = await parts.uploads.begin(repository);
  const digest = query.get('digest');
  if (digest) {
    await parts.blobs.append(upload, request);
    return finishUpload(parts, exchange, upload.id, digest);
  }
  answerEmpty(response, 202, uploadHeaders(repository, upload));
}

function isMountable(parts: RegistryParts, { query, repository }: Exchange, digest: string): boolean {
  const registry = { accountId: repository.registryId, region: repository.region };
  const source = parts.repositories.tryFind(registry, query.get('from') ?? '');
  return source?.layers.has(digest) ?? false;
}

/** Takes a chunk (PATCH), the end (PUT), a question about the state (GET) or the end without a blob (DELETE). */
export async function continueUpload(
  parts: RegistryParts,
  exchange: Exchange,
  uploadId: string,
): Promise<void> {
  const { request, response, method, query, repository } = exchange;
  const upload = parts.uploads.find(repository, uploadId);
  if (method === 'GET') return answerEmpty(response, 204, uploadHeaders(repository, upload));
  if (method === 'DELETE') {
    await parts.uploads.abandon(repository, uploadId);
    return answerEmpty(response, 204);
  }
  const start = request.headers['content-range']?.match(/^(\d+)-/)?.[1];
  if (start !== undefined && Number(start) !== upload.sizeBytes) {
    return answerEmpty(response, 416, uploadHeaders(repository, upload));
  }
  await parts.blobs.append(upload, request);
  if (method === 'PATCH') return answerEmpty(response, 202, uploadHeaders(repository, upload));
  return finishUpload(parts, exchange, uploadId, query.get('digest') ?? '');
}

async function finishUpload(parts: RegistryParts, exchange: Exchange, uploadId: string, expected: string) {
  if (!isDigest(expected))
    throw new RegistryFault('DIGEST_INVALID', `'${expected}' is not a sha256 digest.`, 400);
  const { digest, kept } = await parts.uploads.finish(exchange.repository, uploadId, expected);
  if (!kept) {
    throw new RegistryFault(
      'DIGEST_INVALID',
      `The digest ${expected} is not the content's, which is ${digest}.`,
      400,
    );
  }
  answerCreated(exchange, digest);
}

function answerCreated({ response, repository }: Exchange, digest: string): void {
  answerEmpty(response, 201, {
    location: `/v2/${repository.name}/blobs/${digest}`,
    'docker-content-digest': digest,
  });
}

function uploadHeaders(repository: RepositoryRecord, upload: { id: string; sizeBytes: number }) {
  return {
    location: `/v2/${repository.name}/blobs/uploads/${upload.id}`,
    range: `0-${Math.max(0, upload.sizeBytes - 1)}`,
    'docker-upload-uuid': upload.id,
  };
}
