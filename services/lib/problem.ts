import { type Static, Type } from 'typebox';

/** Every fault a service can answer: one code, one status, one title. */
export const problems = {
  BODY_INVALID: { status: 400, title: 'The body does not match the schema' },
  BODY_NOT_JSON: { status: 400, title: 'The body is not JSON' },
  BODY_TOO_LARGE: { status: 413, title: 'The body is too large' },
  BODY_MEDIA_TYPE: { status: 415, title: 'The media type is not supported' },
  REQUEST_INVALID: { status: 400, title: 'The request is not valid' },
  REQUEST_TOO_SLOW: { status: 503, title: 'The request took too long' },
  ROUTE_UNKNOWN: { status: 404, title: 'There is no such resource' },
  TOKEN_MISSING: { status: 401, title: 'A token is needed' },
  TOKEN_WRONG: { status: 401, title: 'The token is not valid' },
  LOGIN_REFUSED: { status: 401, title: 'The login is not valid' },
  TOKEN_UNCHECKED: { status: 503, title: 'The token cannot be checked now' },
  MESSAGE_REFUSED: { status: 400, title: 'The message was refused' },
  QUEUE_UNAVAILABLE: { status: 503, title: 'The message cannot be queued now' },
  STORE_UNAVAILABLE: { status: 503, title: 'The data cannot be reached now' },
  ACCESS_DENIED: { status: 403, title: 'This is not allowed' },
  RESOURCE_UNKNOWN: { status: 404, title: 'There is no such resource' },
  VERSION_STALE: { status: 409, title: 'It has changed meanwhile' },
  STATE_CONFLICT: { status: 409, title: 'Its state does not allow this' },
  ALREADY_EXISTS: { status: 409, title: 'There is one already' },
  KEY_IN_USE: { status: 409, title: 'The same request is still being answered' },
  KEY_REUSED: { status: 422, title: 'The idempotency key belongs to another request' },
  TOO_MANY_REQUESTS: { status: 429, title: 'Too many requests' },
  OVERLOADED: { status: 503, title: 'The service has too much to do now' },
  UPSTREAM_UNAVAILABLE: { status: 503, title: 'A service this one needs does not answer' },
  HEALTH_FAILING: { status: 503, title: 'The service does not work' },
  INTERNAL_FAULT: { status: 500, title: 'The service failed' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** An RFC 9457 problem document; `code` is stable and meant for programs, `detail` for people. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String()),
    instance: Type.Optional(Type.String({ description: 'The request id, as in the log.' })),
    field: Type.Optional(
      Type.String({ description: 'Dotted path of the faulty field, such as data.email_sender.' }),
    ),
  },
  { $id: 'Problem' },
);
export type ProblemDocument = Static<typeof ProblemSchema>;

export interface ProblemExtras {
  field?: string;
  /** Seconds after which trying again makes sense; sent as Retry-After. */
  retryAfterSeconds?: number;
  cause?: unknown;
}

/** An answer other than success. Thrown anywhere below a route, turned into its document by the one error handler. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, { cause: extras.cause });
    this.code = code;
    this.extras = extras;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** Renders the document of a problem; `instance` is the request id. */
export function renderProblem(problem: Problem, instance?: string): ProblemDocument {
  const { status, title } = problems[problem.code];
  const { field } = problem.extras;
  return {
    type: 'about:blank',
    title,
    status,
    code: problem.code,
    detail: problem.message,
    ...(instance !== undefined && { instance }),
    ...(field !== undefined && { field }),
  };
}

/** The form in which Fastify's validator and parser report a fault. */
interface FrameworkError {
  code?: string;
  statusCode?: number;
  message?: string;
  validationContext?: string;
  validation?: {
    keyword: string;
    instancePath: string;
    message?: string;
    params?: {
      missingProperty?: unknown;
      additionalProperty?: unknown;
      allowedValue?: unknown;
      allowedValues?: readonly unknown[];
      format?: string;
    };
  }[];
}

const parserFaults: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'BODY_MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_NOT_JSON',
};

/** What to do instead, where the parser only says that it does not do. */
const parserAdvice: Readonly<Partial<Record<ProblemCode, string>>> = {
  BODY_MEDIA_TYPE: 'Send the body as application/json.',
};

/**
 * Turns whatever was thrown into a problem.
 *
 * A 5xx never carries the message of its cause: that goes to the log only.
 */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const fault = (typeof error === 'object' && error !== null ? error : {}) as FrameworkError;
  if (fault.validation?.[0] !== undefined) return toValidationProblem(fault, error);
  const code = parserFaults[fault.code ?? ''];
  if (code !== undefined) {
    return new Problem(code, parserAdvice[code] ?? fault.message ?? code, { cause: error });
  }
  const status = fault.statusCode ?? 500;
  if (status >= 400 && status < 500) {
    return new Problem('REQUEST_INVALID', fault.message ?? 'The request is not valid.', { cause: error });
  }
  return new Problem('INTERNAL_FAULT', 'The request could not be completed.', { cause: error });
}

function toValidationProblem(fault: FrameworkError, cause: unknown): Problem {
  const [first] = fault.validation ?? [];
  const path = (first?.instancePath ?? '').split('/').filter((part) => part !== '');
  const { missingProperty, additionalProperty } = first?.params ?? {};
  const last = missingProperty ?? additionalProperty;
  const field = [...path, ...(last === undefined ? [] : [String(last)])].join('.');
  const complaint =
    missingProperty !== undefined
      ? 'is required'
      : additionalProperty !== undefined
        ? 'is not a known field'
        : (expectationOf(fault) ?? first?.message ?? 'is not valid');
  const where = field === '' ? `The ${fault.validationContext ?? 'request'}` : field;
  const extras = field === '' ? { cause } : { field, cause };
  return new Problem('BODY_INVALID', `${where} ${complaint}.`, extras);
}

/** How a text of a format is written. */
const formatHints: Readonly<Record<string, string>> = {
  'date-time': 'a time such as 2026-11-30T08:00:00Z',
  email: 'an e-mail address',
  uuid: 'a UUID such as 01a22d73-3c90-7767-a3c5-2bdd7c706929',
};

/** What to write instead, where the validator only says that it is something else. */
function expectationOf({ validation = [] }: FrameworkError): string | undefined {
  const [{ instancePath, params: { allowedValues, format = '' } = {} } = {}] = validation;
  // Of a union of literals, each has a fault of its own.
  const literals = validation.filter((one) => one.keyword === 'const' && one.instancePath === instancePath);
  const allowed = allowedValues ?? literals.map(({ params }) => params?.allowedValue);
  if (allowed.length > 0) return `must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}`;
  const hint = formatHints[format];
  return hint && `must be ${hint}`;
}
