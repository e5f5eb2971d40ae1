import type { AwsFault } from '../fault.ts';
import type { AwsResponse } from '../wire/service.ts';
import { escapeXml } from '../wire/xml-writer.ts';

/**
 * An error body for a request that no service has seen, in the form its caller can read: JSON for a request
 * with `X-Amz-Target`, S3's form for S3, AWS Query's for the rest.
 */
export function refusal(fault: AwsFault, caller: { target?: string; service?: string }): AwsResponse {
  if (caller.target) {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': fault.code };
    return {
      status: fault.status,
      headers,
      body: JSON.stringify({ __type: fault.code, message: fault.message }),
    };
  }
  const error = `<Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message>`;
  const body =
    caller.service === 's3'
      ? `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${error}</Error>`
      : `<ErrorResponse><Error><Type>${fault.status >= 500 ? 'Receiver' : 'Sender'}</Type>${error}</Error></ErrorResponse>`;
  return { status: fault.status, headers: { 'content-type': 'text/xml' }, body };
}
