/**
 * Header fields by which the back end tells whom a call is for: it looks at the signature's scope, not at the
 * signature.
 */
export function backendHeaders(
  { accountId, region }: { accountId: string; region: string },
  service: string,
): Record<string, string> {
  const credential = `${accountId}/20260101/${region}/${service}/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=local`,
    'x-moto-account-id': accountId,
  };
}
