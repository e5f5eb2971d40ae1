import type { AwsResponse, RequestContext } from '../wire/service.ts';

/** One call: who asked for what, and what came of it. */
export type CallRecord = {
  /** Epoch milliseconds. */
  at: number;
  /** `arn:aws:sts::…:assumed-role/…` of a role session, else `arn:aws:iam::<account>:root`. */
  caller: string;
  accountId: string;
  region: string;
  /** Signing name; absent where nobody signed. */
  service?: string;
  /** Absent where it cannot be told without the body (S3 and other REST services). */
  operation?: string;
  /** HTTP status; 0 where the connection was reset. */
  status: number;
  /** AWS's error code, where the call was refused. */
  errorCode?: string;
};

export interface CallLog {
  record(call: Omit<CallRecord, 'at' | 'caller' | 'accountId' | 'region'>, context: RequestContext): void;
  /** The newest calls, oldest first. */
  list(): readonly CallRecord[];
  clear(): void;
}

const MOST_CALLS = 10_000;

/** Keeps the newest 10,000 calls. `callerOf` gives the ARN behind an access key, `undefined` for root keys. */
export function createCallLog(callerOf: (accessKeyId: string) => string | undefined): CallLog {
  let calls: CallRecord[] = [];
  return {
    record(call, { now, accountId, region, accessKeyId }) {
      // Cut back in one go now and then, since shifting an array at each call would cost its whole length.
      if (calls.length >= 2 * MOST_CALLS) calls = calls.slice(-MOST_CALLS);
      const caller = callerOf(accessKeyId) ?? `arn:aws:iam::${accountId}:root`;
      calls.push({ at: now, caller, accountId, region, ...call });
    },
    list: () => calls.slice(-MOST_CALLS),
    clear() {
      calls = [];
    },
  };
}

/** The error code of an answer, from its header (JSON) or its body (XML); `undefined` for a success. */
export function errorCodeOfAnswer({ status, headers, body }: AwsResponse): string | undefined {
  if (status < 400) return undefined;
  return headers['x-amzn-errortype'] ?? body.match(/<Code>([^<]*)<\/Code>/)?.[1];
}
