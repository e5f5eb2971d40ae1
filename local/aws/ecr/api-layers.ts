import type * as ecr from '@aws-sdk/client-ecr';
import { AwsFault } from '../fault.ts';
import type { RequestContext } from '../wire/service.ts';
import { registryOf } from './api-repositories.ts';
import type { BlobStore } from './blob-store.ts';
import { isDigest } from './manifest.ts';
import type { RepositoryRecord } from './records.ts';
import type { Repositories } from './repositories.ts';
import type { Uploads } from './uploads.ts';

const PART_BYTES = 10 * 1024 * 1024;

/** Handlers for layers: whether they are there, and their upload in parts. */
export function layerHandlers(repositories: Repositories, blobs: BlobStore, uploads: Uploads) {
  const find = (context: RequestContext, input: { repositoryName?: string; registryId?: string }) =>
    repositories.find(registryOf(context, input.registryId), input.repositoryName ?? '');

  return {
    async BatchCheckLayerAvailability(
      input: ecr.BatchCheckLayerAvailabilityRequest,
      context: RequestContext,
    ) {
      const repository = find(context, input);
      const digests = input.layerDigests ?? [];
      const valid = digests.filter(isDigest);
      return {
        layers: await Promise.all(valid.map((digest) => layerOf(repository, blobs, digest))),
        failures: digests
          .filter((digest) => !isDigest(digest))
          .map((layerDigest) => invalidDigest(layerDigest)),
      };
    },
    async InitiateLayerUpload(input: ecr.InitiateLayerUploadRequest, context: RequestContext) {
      const upload = await uploads.begin(find(context, input));
      return { uploadId: upload.id, partSize: PART_BYTES };
    },
    async UploadLayerPart(input: ecr.UploadLayerPartRequest, context: RequestContext) {
      const repository = find(context, input);
      const upload = uploads.find(repository, input.uploadId ?? '');
      const identity = {
        registryId: repository.registryId,
        repositoryName: repository.name,
        uploadId: upload.id,
      };
      if (input.partFirstByte !== upload.sizeBytes) {
        const message = `The layer part begins at byte ${input.partFirstByte}; byte ${upload.sizeBytes} was expected.`;
        throw new AwsFault('InvalidLayerPartException', message, 400, {
          ...identity,
          lastValidByteReceived: upload.sizeBytes - 1,
        });
      }
      await blobs.append(upload, toStream(input.layerPartBlob ?? new Uint8Array()));
      return { ...identity, lastByteReceived: upload.sizeBytes - 1 };
    },
    async CompleteLayerUpload(input: ecr.CompleteLayerUploadRequest, context: RequestContext) {
      const repository = find(context, input);
      const expected = input.layerDigests?.[0] ?? '';
      const { digest, kept } = await uploads.finish(repository, input.uploadId ?? '', expected);
      if (!kept) {
        const message = `The digest '${expected}' does not match the layer's, which is '${digest}'.`;
        throw new AwsFault('InvalidLayerException', message);
      }
      const { registryId, name: repositoryName } = repository;
      return { registryId, repositoryName, uploadId: input.uploadId, layerDigest: digest };
    },
  };
}

async function* toStream(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function layerOf(repository: RepositoryRecord, blobs: BlobStore, digest: string): Promise<ecr.Layer> {
  const layerSize = repository.layers.has(digest) ? await blobs.sizeOf(digest) : undefined;
  return layerSize === undefined
    ? { layerDigest: digest, layerAvailability: 'UNAVAILABLE' }
    : { layerDigest: digest, layerAvailability: 'AVAILABLE', layerSize };
}

function invalidDigest(layerDigest: string): ecr.LayerFailure {
  return {
    layerDigest,
    failureCode: 'InvalidLayerDigest',
    failureReason: `'${layerDigest}' is not a sha256 digest`,
  };
}
