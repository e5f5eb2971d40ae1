import { AwsFault } from '../fault.ts';
import type { BlobStore, Upload } from './blob-store.ts';
import type { RepositoryRecord } from './records.ts';

/** Uploads under way, each known only to the repository it was begun in. */
export interface Uploads {
  begin(repository: RepositoryRecord): Promise<Upload>;
  /** Throws `UploadNotFoundException`. */
  find(repository: RepositoryRecord, id: string): Upload;
  /** Ends an upload; the repository has the layer when its digest is the expected one. */
  finish(
    repository: RepositoryRecord,
    id: string,
    expected: string,
  ): Promise<{ digest: string; kept: boolean }>;
  abandon(repository: RepositoryRecord, id: string): Promise<void>;
}

export function createUploads(blobs: BlobStore, newId: () => string): Uploads {
  const uploads = new Map<string, { repository: RepositoryRecord; upload: Upload }>();
  const find = (repository: RepositoryRecord, id: string): Upload => {
    const known = uploads.get(id);
    if (known?.repository === repository) return known.upload;
    const message = `The upload with id '${id}' does not exist in the repository with name '${repository.name}'`;
    throw new AwsFault('UploadNotFoundException', message);
  };
  return {
    async begin(repository) {
      const upload = await blobs.begin(newId());
      uploads.set(upload.id, { repository, upload });
      return upload;
    },
    find,
    async finish(repository, id, expected) {
      const upload = find(repository, id);
      uploads.delete(id);
      const outcome = await blobs.finish(upload, expected);
      if (outcome.kept) repository.layers.add(outcome.digest);
      return outcome;
    },
    async abandon(repository, id) {
      const upload = find(repository, id);
      uploads.delete(id);
      await blobs.abandon(upload);
    },
  };
}
