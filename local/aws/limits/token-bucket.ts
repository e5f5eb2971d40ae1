/** How many calls may come at once, and how many a second are added again up to that. */
export type BucketLimit = { burst: number; refillPerSecond: number };

/** Tokens that are left (not whole ones only) since `at`, in epoch milliseconds. */
export type TokenBucket = { tokens: number; at: number };

export const fullBucket = ({ burst }: BucketLimit, at: number): TokenBucket => ({ tokens: burst, at });

/** Takes one token at `now`; `undefined` when there is none. A clock that went back refills nothing. */
export function takeToken(bucket: TokenBucket, limit: BucketLimit, now: number): TokenBucket | undefined {
  const elapsedSeconds = Math.max(0, now - bucket.at) / 1000;
  const tokens = Math.min(limit.burst, bucket.tokens + elapsedSeconds * limit.refillPerSecond);
  return tokens < 1 ? undefined : { tokens: tokens - 1, at: Math.max(now, bucket.at) };
}
