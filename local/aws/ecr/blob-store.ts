import { createHash, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream, type ReadStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorCodeOf } from '../error-code.ts';

/** An upload that is under way: what came so far lies in a file of its own. */
export type Upload = { id: string; path: string; sizeBytes: number; hash: Hash };

/** Blobs on disk under their digests, and uploads on their way to become one. */
export interface BlobStore {
  begin(id: string): Promise<Upload>;
  /** Appends a stream or bytes. */
  append(upload: Upload, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Keeps the upload under its digest and gives that; with another digest than `expected` it is dropped. */
  finish(upload: Upload, expected: string): Promise<{ digest: string; kept: boolean }>;
  abandon(upload: Upload): Promise<void>;
  /** Bytes of a blob, `undefined` when it is not there. */
  sizeOf(digest: string): Promise<number | undefined>;
  read(digest: string): ReadStream;
}

/** Stores blobs below `folder`, which is made when first needed and belongs to the caller. */
export function createBlobStore(folder: string): BlobStore {
  const pathOf = (digest: string) => join(folder, 'blobs', digest.replace(':', '-'));
  return {
    async begin(id) {
      await mkdir(join(folder, 'blobs'), { recursive: true });
      return { id, path: join(folder, `upload-${id}`), sizeBytes: 0, hash: createHash('sha256') };
    },
    async append(upload, content) {
      const count = new Transform({
        transform(chunk: Uint8Array, _encoding, done) {
          upload.sizeBytes += chunk.length;
          upload.hash.update(chunk);
          done(null, chunk);
        },
      });
      await pipeline(content, count, createWriteStream(upload.path, { flags: 'a' }));
    },
    async finish(upload, expected) {
      const digest = `sha256:${upload.hash.digest('hex')}`;
      const kept = digest === expected;
      if (kept) await rename(upload.path, pathOf(digest));
      else await rm(upload.path, { force: true });
      return { digest, kept };
    },
    abandon: (upload) => rm(upload.path, { force: true }),
    async sizeOf(digest) {
      try {
        return (await stat(pathOf(digest))).size;
      } catch (error) {
        if (errorCodeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
    read: (digest) => createReadStream(pathOf(digest)),
  };
}
