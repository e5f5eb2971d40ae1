import { AwsFault } from '../../fault.ts';

/** A refusal of the registry: one of the OCI specification's codes, and what Docker shows to its user. */
export class RegistryFault extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = 'RegistryFault';
    this.code = code;
    this.status = status;
  }
}

/** ECR's faults and what its registry answers in their place. */
const REGISTRY_CODES: Readonly<Record<string, [code: string, status: number]>> = {
  RepositoryNotFoundException: ['NAME_UNKNOWN', 404],
  ImageTagAlreadyExistsException: ['TAG_INVALID', 400],
  ImageDigestDoesNotMatchException: ['DIGEST_INVALID', 400],
  LayersNotFoundException: ['MANIFEST_BLOB_UNKNOWN', 400],
  ReferencedImagesNotFoundException: ['MANIFEST_UNKNOWN', 400],
  UploadNotFoundException: ['BLOB_UPLOAD_UNKNOWN', 404],
  InvalidParameterException: ['MANIFEST_INVALID', 400],
};

/** The registry's spelling of a fault; `undefined` for anything that is no refusal. */
export function registryFaultOf(error: unknown): RegistryFault | undefined {
  if (error instanceof RegistryFault) return error;
  if (!(error instanceof AwsFault)) return undefined;
  const [code, status] = REGISTRY_CODES[error.code] ?? ['UNSUPPORTED', error.status];
  return new RegistryFault(code, error.message, status);
}
