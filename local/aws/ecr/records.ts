import type { EncryptionConfiguration, ImageStatus } from '@aws-sdk/client-ecr';
import type { LifecycleMark } from './lifecycle.ts';
import { type Mutability, readMutability } from './mutability.ts';
import type { ScanOutcome, ScanRecord } from './scan.ts';

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
  annotations?: Readonly<Record<string, string>>;
  /** Epoch milliseconds. */
  pushedAt: number;
  pulledAt?: number;
  /** When it was last put into the archive, if ever (epoch milliseconds). */
  archivedAt?: number;
  /** When it came or comes back from there; absent while nobody asked for it. */
  activeAt?: number;
  scan?: ScanRecord;
  /** What a scan of it finds, where that was set. */
  scanOutcome?: ScanOutcome;
  /** The registries it was copied to; those that did not take it say why by an error code of ECR. */
  copies?: readonly (RegistryId & { failureCode?: string })[];
};

export type RepositoryRecord = Mutability & {
  registryId: string;
  region: string;
  name: string;
  arn: string;
  createdAt: number;
  scanOnPush: boolean;
  /** Kept and given back; layers are files as they are. */
  encryption: EncryptionConfiguration;
  resourceTags: Map<string, string>;
  imagesByDigest: Map<string, ImageRecord>;
  digestsByTag: Map<string, string>;
  /** Digests of the blobs that were pushed to or mounted into this repository. */
  layers: Set<string>;
  repositoryPolicy?: string;
  lifecyclePolicy?: string;
  lifecyclePreview?: { text: string; marks: LifecycleMark[] };
  /** What a scan of any of its images finds, where that was set. */
  scanOutcome?: ScanOutcome;
};

/** A registry: one account's repositories in one Region. */
export type RegistryId = { accountId: string; region: string };

/** A repository as ECR makes it where nothing is said of it; `now` in epoch milliseconds. */
export function newRepository(
  { accountId, region }: RegistryId,
  name: string,
  now: number,
): RepositoryRecord {
  return {
    registryId: accountId,
    region,
    name,
    arn: `arn:aws:ecr:${region}:${accountId}:repository/${name}`,
    createdAt: now,
    ...readMutability(undefined, undefined),
    scanOnPush: false,
    encryption: { encryptionType: 'AES256' },
    resourceTags: new Map(),
    imagesByDigest: new Map(),
    digestsByTag: new Map(),
    layers: new Set(),
  };
}

/** The tags of a digest, in the order they were given. */
export function tagsOf(repository: RepositoryRecord, digest: string): string[] {
  return [...repository.digestsByTag].filter(([, tagged]) => tagged === digest).map(([tag]) => tag);
}

/** `ACTIVATING` from the moment an archived image was asked back until it can be pulled again. */
export function statusOf({ archivedAt, activeAt }: ImageRecord, now: number): ImageStatus {
  if (archivedAt === undefined) return 'ACTIVE';
  if (activeAt === undefined) return 'ARCHIVED';
  return now < activeAt ? 'ACTIVATING' : 'ACTIVE';
}

/** What was pushed about an image: signatures, attestations, bills of materials. */
export function referrersOf(repository: RepositoryRecord, digest: string): ImageRecord[] {
  return [...repository.imagesByDigest.values()].filter(({ subject }) => subject === digest);
}
