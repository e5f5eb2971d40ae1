import { Readable } from 'node:stream';
import type { AwsAccess } from '../../src/aws-clients.ts';
import { fixedKeys } from './action-deps.ts';

/** One call as it was on the wire. */
export interface WireCall {
  /** For instance `UpdateService`. */
  operation: string;
  input: WireInput;
}

/** The fields of inputs that tests look into; each call has those of its operation only. */
export interface WireInput {
  clientToken?: string;
  forceNewDeployment?: boolean;
  imageIds?: { imageTag?: string }[];
  nextToken?: string;
  NextToken?: string;
  ParameterFilters?: { Values: string[] }[];
  serviceDeploymentArns?: string[];
  serviceRevisionArns?: string[];
  services?: string[];
  startedBy?: string;
  tags?: object[];
  taskDefinition?: string;
  tasks?: string[];
}

/** The answer to a call: an object, or a refusal by `refuse` or `hangUp`. */
export type Answer = object | { readonly [refusal]: { status: number; code: string; message: string } };

const refusal = Symbol('refusal');

/** An AWS JSON service whose answers a test writes; the SDK's serialisation and retries are real. */
export interface ScriptedAws {
  readonly access: AwsAccess;
  readonly calls: WireCall[];
  /** Names of the operations called, in order. */
  operations(): string[];
}

/** `answer` gets the call and how often this operation was called before; times are epoch seconds, as on the wire. */
export function scriptedAws(answer: (call: WireCall, before: number) => Answer): ScriptedAws {
  const calls: WireCall[] = [];
  const handle = async (request: { headers: Record<string, string>; body: string | Uint8Array }) => {
    const operation = request.headers['x-amz-target']?.split('.').at(-1) ?? '';
    const before = calls.filter((call) => call.operation === operation).length;
    const call = { operation, input: JSON.parse(textOf(request.body)) as WireInput };
    calls.push(call);
    return { response: toResponse(answer(call, before)) };
  };
  const requestHandler = {
    handle,
    metadata: { handlerProtocol: 'http/1.1' },
  } as unknown as AwsAccess['requestHandler'];
  return {
    access: { region: 'us-east-1', credentials: fixedKeys, requestHandler },
    calls,
    operations: () => calls.map(({ operation }) => operation),
  };
}

/** An error of AWS. */
export function refuse(code: string, message = code, status = 400): Answer {
  return { [refusal]: { status, code, message } };
}

/** Breaks the connection, as after a write whose answer is lost. */
export function hangUp(): never {
  throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function textOf(body: string | Uint8Array): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

function toResponse(answer: Answer) {
  const refused = refusal in answer ? answer[refusal] : undefined;
  const body = refused ? { __type: refused.code, message: refused.message } : answer;
  return {
    statusCode: refused?.status ?? 200,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r-1' },
    body: Readable.from([Buffer.from(JSON.stringify(body))]),
  };
}
