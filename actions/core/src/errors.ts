import { tryRegionHint } from './region.ts';

/** The part of Berth a fault belongs to; the first half of every error code. */
export type ErrorArea =
  | 'INPUT'
  | 'MANIFEST'
  | 'CREDENTIALS'
  | 'GIT'
  | 'IMAGE'
  | 'TASK_DEFINITION'
  | 'SMOKE'
  | 'CLUSTER'
  | 'SERVICE'
  | 'DEPLOYMENT'
  | 'ROLLBACK'
  | 'TERRAFORM'
  | 'GITHUB'
  | 'AWS';

/** One spelling for every error: `<AREA>_<FAULT>`, for example `MANIFEST_INVALID`. */
export type ErrorCode = `${ErrorArea}_${Uppercase<string>}`;

/** A place in a user's file. `line` and `column` count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing wrong in a user's file, with the place it was read at. */
export interface Fault {
  readonly message: string;
  readonly place?: Place;
}

/**
 * A mistake the user can mend. The message says what happened, what was expected and what to write instead;
 * no stack trace is shown for it. `place` is where the first fault was found, when it is in a file.
 */
export class UserError extends Error {
  readonly code: ErrorCode;
  readonly place: Place | undefined;

  constructor(code: ErrorCode, message: string, options: { place?: Place; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'UserError';
    this.code = code;
    this.place = options.place;
  }
}

/** AWS did not answer, wherever it was asked: no mistake is known, and the same may be asked again later. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** Joins several faults into one `UserError`: `title`, then one line a fault as `file:line:column  message`. */
export function faultsError(code: ErrorCode, title: string, faults: readonly Fault[]): UserError {
  const lines = faults.map(({ message, place }) => `  ${place ? `${renderPlace(place)}  ` : ''}${message}`);
  return new UserError(code, [title, ...lines].join('\n'), { place: faults.find((f) => f.place)?.place });
}

/** `file:line:column`, the form editors and terminals open on a click. */
function renderPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** What an AWS SDK exception tells; `operation` is filled by the clients of `aws-clients.ts`. */
export interface AwsFailure {
  readonly name: string;
  readonly message: string;
  readonly operation: string | undefined;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
}

/** Reads an AWS SDK exception, or gives `undefined` when `error` is something else (our own mistake, a socket). */
export function tryAwsFailure(error: unknown): AwsFailure | undefined {
  if (!(error instanceof Error) || error instanceof UserError) return undefined;
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    return undefined;
  const { $metadata, operation } = error as Error & {
    $metadata?: { httpStatusCode?: number; requestId?: string };
    operation?: string;
  };
  if (!$metadata && !operation) return undefined;
  return {
    name: error.name,
    message: error.message,
    operation,
    status: $metadata?.httpStatusCode,
    requestId: $metadata?.requestId,
  };
}

/** True when `error` is the AWS exception of that name, for example `ServiceNotFoundException`. */
export function isAwsFailure(error: unknown, name: string): boolean {
  return tryAwsFailure(error)?.name === name;
}

/**
 * Renders whatever was thrown for the log of a job. A user's mistake and a refusal of AWS are sentences;
 * anything else is our own fault, says so, and keeps its stack.
 */
export function renderError(error: unknown): string {
  if (error instanceof UserError || error instanceof NoAnswerError) return error.message;
  const failure = tryAwsFailure(error);
  if (failure) return renderAwsFailure(failure);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `This is a mistake in Berth, not in your files; please report it with these lines.\n${detail}`;
}

/** The action AWS names: `ecs:RegisterTaskDefinition` may be refused for want of `iam:PassRole`. */
function refusedAction(message: string): string | undefined {
  return /not authorized to perform: ([\w-]+:\w+)/.exec(message)?.[1];
}

/** What to write instead, for failures that lie with who asks and not with what was asked. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [/^Error: Region is missing/, 'Give the input "region", or set AWS_REGION.'],
  [
    /^CredentialsProviderError: Could not load credentials/,
    'In a job give a role, as "role-to-assume" or under `roles` in the manifest; in a shell a profile, as AWS_PROFILE.',
  ],
  [
    /^(ExpiredToken|RequestExpired)/,
    'In a shell get new credentials, as by `aws sso login`; in a job run it again.',
  ],
  [
    /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|AuthFailure)/,
    'Look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_PROFILE: together they are nobody that AWS knows.',
  ],
];

function renderAwsFailure({ name, message, operation, requestId }: AwsFailure): string {
  const call = operation ?? 'A call to AWS';
  const request = requestId ? ` (request ${requestId})` : '';
  const remedy = /AccessDenied|NotAuthorized|UnauthorizedOperation/i.test(name)
    ? `Allow ${refusedAction(message) ?? operation ?? 'this action'} in the policy of the role this step uses.`
    : REMEDIES.find(([form]) => form.test(`${name}: ${message}`))?.[1];
  const said = tryRegionHint(message) ?? `${name}: ${message.replace(/\.$/, '')}${request}.`;
  return `${call} failed: ${said}${remedy === undefined ? '' : ` ${remedy}`}`;
}
