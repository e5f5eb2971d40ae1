import type { ImageTagMutability, ImageTagMutabilityExclusionFilter } from '@aws-sdk/client-ecr';

/** An image or image index as it was pushed. */
export type ImageRecord = {
  /** `sha256:` of the manifest's bytes. */
  digest: string;
  mediaType: string;
  artifactMediaType?: string;
  /** The manifest's text, byte for byte. */
  manifest: string;
  /** Bytes of layers and configuration; for an index, of its largest image. */
  sizeBytes: number;
  /** Digests of the images an index lists. */
  members: readonly string[];
  /** Digest of the image that this one says something about (OCI `subject`). */
  subject?: string;
  /** Epoch milliseconds. */
  pushedAt: number;
  pulledAt?: number;
};

export type RepositoryRecord = {
  registryId: string;
  region: string;
  name: string;
  arn: string;
  createdAt: number;
  tagMutability: ImageTagMutability;
  tagMutabilityExclusions: ImageTagMutabilityExclusionFilter[];
  scanOnPush: boolean;
  resourceTags: Map<string, string>;
  imagesByDigest: Map<string, ImageRecord>;
  digestsByTag: Map<string, string>;
  /** Digests of the blobs that were pushed to or mounted into this repository. */
  layers: Set<string>;
  repositoryPolicy?: string;
  lifecyclePolicy?: string;
};

/** A registry: one account's repositories in one Region. */
export type RegistryId = { accountId: string; region: string };

/** The tags of a digest, in the order they were given. */
export function tagsOf(repository: RepositoryRecord, digest: string): string[] {
  return [...repository.digestsByTag].filter(([, tagged]) => tagged === digest).map(([tag]) => tag);
}
