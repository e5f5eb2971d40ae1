export type StateLocation = {
  /** Base URL of the local AWS. */
  endpoint: string;
  bucket: string;
  /** `dev/foundation.tfstate`. */
  key: string;
  region?: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
};

/**
 * Gives the arguments of `terraform init` that keep state in a bucket of the local AWS, locked by a file that S3
 * makes only once (`use_lockfile`): a second apply at the same time is refused.
 */
export function stateBackendArguments(location: StateLocation): string[] {
  const { endpoint, bucket, key, region = 'us-east-1', credentials } = location;
  const settings: Record<string, string> = {
    bucket,
    key,
    region,
    access_key: credentials.accessKeyId,
    secret_key: credentials.secretAccessKey,
    use_lockfile: 'true',
    use_path_style: 'true',
    endpoints: `{s3="${endpoint}",sts="${endpoint}",iam="${endpoint}"}`,
    skip_credentials_validation: 'true',
    skip_metadata_api_check: 'true',
    skip_requesting_account_id: 'true',
    skip_region_validation: 'true',
  };
  return Object.entries(settings).map(([name, value]) => `-backend-config=${name}=${value}`);
}
