import { AwsFault } from '../fault.ts';

/** AWS takes a signature that is up to five minutes old, or ahead. */
const LONGEST_SKEW_MS = 5 * 60_000;

/**
 * The refusal of a signature made too long before or after the server's time, `undefined` when it is taken.
 * `signedAt` is `X-Amz-Date` (`20261121T090000Z`); without one there is nothing to refuse.
 */
export function clockSkewFault(
  signedAt: string | undefined,
  serverNow: number,
  service: string | undefined,
): AwsFault | undefined {
  const at = parseBasicDate(signedAt);
  if (at === undefined || Math.abs(serverNow - at) <= LONGEST_SKEW_MS) return undefined;
  const edge = serverNow > at ? serverNow - LONGEST_SKEW_MS : serverNow + LONGEST_SKEW_MS;
  const [signed, limit, server] = [at, edge, serverNow].map(basicDate);
  const message =
    serverNow > at
      ? `Signature expired: ${signed} is now earlier than ${limit} (${server} - 5 min.)`
      : `Signature not yet current: ${signed} is still later than ${limit} (${server} + 5 min.)`;
  if (service === 's3') {
    const said = 'The difference between the request time and the current time is too large.';
    return new AwsFault('RequestTimeTooSkewed', said, 403);
  }
  return service === 'elasticloadbalancing' || service === 'sts' || service === 'iam'
    ? new AwsFault('SignatureDoesNotMatch', message, 403)
    : new AwsFault('InvalidSignatureException', message);
}

function parseBasicDate(text: string | undefined): number | undefined {
  const parts = text
    ?.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/)
    ?.slice(1)
    .map(Number);
  const [year, month, day, hour, minute, second] = parts ?? [];
  if (year === undefined || month === undefined) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const basicDate = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '');
