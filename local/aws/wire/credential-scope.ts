export type CredentialScope = { accessKeyId: string; region: string; service: string };

/**
 * Reads who signed a request, for where and for which service, from an `Authorization` header
 * (`AWS4-HMAC-SHA256 Credential=…`) or the value of a presigned URL's `X-Amz-Credential`.
 * `undefined` when the request is not signed with SigV4.
 */
export function parseCredentialScope(credential: string | undefined): CredentialScope | undefined {
  const match = credential?.match(/(?:Credential=|^)([^/\s,]+)\/\d{8}\/([^/\s,]+)\/([^/\s,]+)\/aws4_request/);
  const [, accessKeyId, region, service] = match ?? [];
  return accessKeyId && region && service ? { accessKeyId, region, service } : undefined;
}
