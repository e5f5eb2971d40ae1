import type { AwsFault } from '../fault.ts';

/** Who calls, where and when; the gateway fills it from the request's signature. */
export type RequestContext = {
  /** 12 digits. */
  accountId: string;
  region: string;
  /** The role behind the access key, absent for a caller without a role. */
  roleArn?: string;
  accessKeyId: string;
  /** Epoch milliseconds. */
  now: number;
  /** A read of ECS may not yet see writes of the last so many milliseconds. */
  staleMs?: number;
};

/** One request in a protocol without paths: the operation is in `target` (JSON) or in the body (Query). */
export type AwsRequest = {
  target?: string;
  body: string;
  context: RequestContext;
  /** When the caller signed, as it is in `X-Amz-Date` (`20261121T090000Z`). */
  signedAt?: string;
};

/** The operation a request names: in `X-Amz-Target`, in a path of RPC v2, or as the `Action` of its form. */
export function operationOf({
  target,
  body,
  url = '',
}: Pick<AwsRequest, 'target' | 'body'> & { url?: string }): string | undefined {
  if (target !== undefined) return target.split('.').pop();
  const [, ofPath] = url.match(/^\/service\/[^/]+\/operation\/([A-Za-z0-9]+)$/) ?? [];
  if (ofPath !== undefined) return ofPath;
  return body.match(/(?:^|&)Action=([A-Za-z0-9]+)(?:&|$)/)?.[1];
}

export type AwsResponse = { status: number; headers: Record<string, string>; body: string };

/** Answers one request; never rejects: every failure is an AWS error response. */
export type AwsService = (request: AwsRequest) => Promise<AwsResponse>;

export type ServiceOptions = {
  /** Hears of a handler that broke, with the operation it broke in. */
  onBug?: (operation: string, error: unknown) => void;
  /** The service's refusal of a JSON request that lacks required members; by default that of ECS. */
  refuseMissing?: (members: readonly string[]) => AwsFault;
  /** The service's refusal of a JSON request with a member that AWS does not have; by default that of ECS. */
  refuseInvalid?: (message: string) => AwsFault;
  /** Top-level parameters that AWS has and that are refused by name, by operation. */
  notCarriedOut?: Readonly<Record<string, readonly string[]>>;
};

type CommandTypes<C> = C extends {
  resolveMiddleware(...args: never[]): (args: { input: infer I }) => Promise<{ output: infer O }>;
}
  ? { input: I; output: Omit<O, '$metadata'> }
  : never;

type InputOf<C> = C extends abstract new (
  ...args: never[]
) => infer Instance
  ? CommandTypes<Instance> extends { input: infer I }
    ? I
    : never
  : never;

type OutputOf<C> = C extends abstract new (
  ...args: never[]
) => infer Instance
  ? CommandTypes<Instance> extends { output: infer O }
    ? O
    : never
  : never;

/**
 * The operations of an SDK client package by name, each a function of the command's own input and output
 * types. An operation that is left out answers an error that names it.
 */
export type HandlersOf<Client> = {
  [K in keyof Client as K extends `${infer Operation}Command` ? Operation : never]?: (
    input: InputOf<Client[K]>,
    context: RequestContext,
  ) => OutputOf<Client[K]> | Promise<OutputOf<Client[K]>>;
};
