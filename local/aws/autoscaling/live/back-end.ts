import { postToBackend } from '../../gateway/post-to-backend.ts';
import type { MetricPlace } from '../engine/metrics.ts';

/** Asks an operation of a back end's service for an account and Region; rejects with what it answered instead. */
export type AskBackend = (
  place: MetricPlace,
  call: { service: 'monitoring' | 'sqs'; operation: string; input: object },
) => Promise<unknown>;

const TARGETS = { monitoring: 'GraniteServiceVersion20100801', sqs: 'AmazonSQS' };

/** Asks over the JSON protocol at `endpoint`. */
export function backendAt(endpoint: string, fetch: typeof globalThis.fetch): AskBackend {
  return async ({ accountId, region }, { service, operation, input }) => {
    const target = `${TARGETS[service]}.${operation}`;
    const answer = await postToBackend(endpoint, fetch, { accountId, region, service, target, input });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${operation} was answered ${answer.status}: ${text.slice(0, 200)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
}
