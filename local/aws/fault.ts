/**
 * A refusal in AWS's own words: `code` is the error code on the wire (`ServiceNotFoundException`,
 * `TargetGroupNotFound`), `status` the HTTP status, `details` further members of the error's shape.
 *
 * Anything else that a handler throws reaches the caller as a 500 `InternalFailure`.
 */
export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status = 400, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'AwsFault';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}
