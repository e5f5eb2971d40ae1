import { NoAnswerError, tryAwsFailure, UserError } from '../errors.ts';

const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceededException$/;
const CONNECTION_CODES =
  /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_\w+)$/;

/**
 * Tells whether a read that failed with this may simply be made again: throttling, a fault of AWS, or a
 * connection that broke. A refusal (permission, wrong name, expired credentials) is none of these.
 */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof UserError) return false;
  if (error instanceof NoAnswerError) return true;
  const failure = tryAwsFailure(error);
  if (failure && (THROTTLED.test(failure.name) || (failure.status ?? 0) >= 500)) return true;
  const { code } = error as Error & { code?: string };
  return (
    CONNECTION_CODES.test(code ?? '') || /TimeoutError|socket hang up/.test(`${error.name} ${error.message}`)
  );
}
