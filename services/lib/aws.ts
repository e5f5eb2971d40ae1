import type { SQSClientConfig } from '@aws-sdk/client-sqs';
import { Sha256 } from './sha256.ts';

/** Where AWS is and as whom; empty in production, where the SDK finds both by itself (AWS_ENDPOINT_URL, task role). */
export type AwsAccess = Pick<SQSClientConfig, 'endpoint' | 'credentials' | 'requestHandler'>;

export interface AwsTiming {
  /** Longest time for one attempt, answer included, in milliseconds. */
  requestTimeoutMs: number;
  /** Attempts in all, the first one included. */
  maxAttempts: number;
}

/** Connections of one client at most, and the longest time to make one, in milliseconds. */
export const awsConnections = { most: 64, withinMs: 1_000 };

/** The options every SDK client of a service is made with: region, retries and written-down time-outs. */
export function awsClientOptions(region: string, timing: AwsTiming, access: AwsAccess) {
  return {
    region,
    maxAttempts: timing.maxAttempts,
    retryMode: 'standard',
    // Nobody adds to a client's middleware later, so a command's way through it is put together once.
    cacheMiddleware: true,
    sha256: Sha256,
    requestHandler: {
      connectionTimeout: awsConnections.withinMs,
      requestTimeout: timing.requestTimeoutMs,
      // Without this the SDK only warns when a request takes too long.
      throwOnRequestTimeout: true,
      httpsAgent: { keepAlive: true, maxSockets: awsConnections.most },
      httpAgent: { keepAlive: true, maxSockets: awsConnections.most },
    },
    ...access,
  } as const;
}
