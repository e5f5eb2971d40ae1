import { AwsFault } from '../fault.ts';

type Descriptor = { digest: string; sizeBytes: number; isForeign: boolean };

/** What ECR reads of a manifest. */
export type Manifest = {
  mediaType: string;
  artifactMediaType?: string;
  /** Configuration and layers of an image; empty for an index. */
  blobs: readonly Descriptor[];
  /** Digests of an index's images; empty for an image. */
  members: readonly string[];
  subject?: string;
  annotations?: Readonly<Record<string, string>>;
};

const INDEX_TYPES: readonly string[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
const IMAGE_TYPES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a manifest's text: an image of Docker (schema 2) or OCI, or an index of either.
 *
 * `contentType` is what the pusher said it is; the document's own `mediaType` goes first. Throws
 * `InvalidParameterException` for anything else, Docker's schema 1 included.
 */
export function parseManifest(text: string, contentType: string | undefined): Manifest {
  const document = parse(text);
  const mediaType =
    typeof document.mediaType === 'string' ? document.mediaType : guessType(document, contentType);
  const subject = isRecord(document.subject) ? digestOf(document.subject) : undefined;
  const artifactMediaType =
    typeof document.artifactType === 'string' ? document.artifactType : configType(document);
  const annotations = annotationsOf(document);
  if (INDEX_TYPES.includes(mediaType)) {
    const members = recordsOf(document.manifests).map(digestOf);
    return { mediaType, artifactMediaType, blobs: [], members, subject, annotations };
  }
  if (!IMAGE_TYPES.includes(mediaType)) throw invalid(`media type '${mediaType}' is not supported`);
  if (!isRecord(document.config)) throw invalid('it has no config');
  const blobs = [document.config, ...recordsOf(document.layers)].map(descriptorOf);
  return { mediaType, artifactMediaType, blobs, members: [], subject, annotations };
}

function parse(text: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON');
  }
  if (!isRecord(document) || document.schemaVersion !== 2) throw invalid("its 'schemaVersion' is not 2");
  return document;
}

function guessType(document: Record<string, unknown>, contentType: string | undefined): string {
  const declared = contentType?.split(';')[0]?.trim() ?? '';
  if (INDEX_TYPES.includes(declared) || IMAGE_TYPES.includes(declared)) return declared;
  return (Array.isArray(document.manifests) ? INDEX_TYPES[0] : IMAGE_TYPES[0]) ?? '';
}

function configType(document: Record<string, unknown>): string | undefined {
  return isRecord(document.config) && typeof document.config.mediaType === 'string'
    ? document.config.mediaType
    : undefined;
}

function annotationsOf({ annotations }: Record<string, unknown>): Record<string, string> | undefined {
  if (!isRecord(annotations)) return undefined;
  return Object.fromEntries(Object.entries(annotations).map(([name, value]) => [name, String(value)]));
}

function recordsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function descriptorOf(value: Record<string, unknown>): Descriptor {
  const isForeign = Array.isArray(value.urls) && value.urls.length > 0;
  return { digest: digestOf(value), sizeBytes: Number(value.size ?? 0), isForeign };
}

function digestOf(value: Record<string, unknown>): string {
  const digest = String(value.digest);
  if (!isDigest(digest)) throw invalid(`'${digest}' is not a sha256 digest`);
  return digest;
}

/** Whether a text is a digest of the one algorithm ECR has. */
export function isDigest(text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text);
}

function invalid(why: string): AwsFault {
  return new AwsFault('InvalidParameterException', `Invalid parameter at 'ImageManifest': ${why}.`);
}
