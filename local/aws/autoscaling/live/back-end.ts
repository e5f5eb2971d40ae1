import type { MetricPlace } from '../engine/metrics.ts';

/** Asks an operation of a back end's service for an account and Region; rejects with what it answered instead. */
export type AskBackend = (
  place: MetricPlace,
  call: { service: 'monitoring' | 'sqs'; operation: string; input: object },
) => Promise<unknown>;

const TARGETS = { monitoring: 'GraniteServiceVersion20100801', sqs: 'AmazonSQS' };

/** Asks over the JSON protocol at `endpoint`; a local server goes by the signature's scope and checks none. */
export function backendAt(endpoint: string, fetch: typeof globalThis.fetch): AskBackend {
  return async ({ accountId, region }, { service, operation, input }) => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${TARGETS[service]}.${operation}`,
        'x-moto-account-id': accountId,
        authorization:
          `AWS4-HMAC-SHA256 Credential=${accountId}/20260101/${region}/${service}/aws4_request,` +
          ' SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(input),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${operation} was answered ${answer.status}: ${text.slice(0, 200)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
