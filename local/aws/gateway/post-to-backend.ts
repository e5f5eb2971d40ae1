/** A call of AWS's JSON protocol, for an account and Region. `target` is its `X-Amz-Target`, `service` the signing name. */
export interface BackendCall {
  accountId: string;
  region: string;
  service: string;
  target: string;
  input: object;
}

/**
 * Sends a call to the server at `endpoint` that stands behind the gateway. It goes by the signature's scope, which names
 * the account, the Region and the service, and checks no signature.
 */
export function postToBackend(
  endpoint: string,
  fetch: typeof globalThis.fetch,
  { accountId, region, service, target, input }: BackendCall,
): Promise<Response> {
  const scope = `${accountId}/20260101/${region}/${service}/aws4_request`;
  return fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      'x-moto-account-id': accountId,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
}
