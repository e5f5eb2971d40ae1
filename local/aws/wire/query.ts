import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsFault } from '../fault.ts';
import { readForm } from './form-reader.ts';
import { renderUnknown } from './json-shape.ts';
import {
  asFault,
  assertCarriedOut,
  assertKnown,
  findHandler,
  operationsOf,
  requestIds,
  requiredMembers,
} from './operations.ts';
import type { AwsRequest, AwsService, HandlersOf, ServiceOptions } from './service.ts';
import { escapeXml, writeXmlMembers } from './xml-writer.ts';

/**
 * Speaks AWS Query (STS, ELBv2: form in, XML out) for the operations of an SDK client package.
 *
 * `xmlNamespace` is the service's, e.g. `https://sts.amazonaws.com/doc/2011-06-15/`. Faults carry the code
 * of the wire (`TargetGroupNotFound`), which the SDK turns into its class. A top-level member that the
 * schema requires is there when a handler runs.
 */
export function queryService<Client extends object, Handlers extends HandlersOf<Client>>(
  client: Client,
  xmlNamespace: string,
  handlers: Handlers,
  options: ServiceOptions = {},
): AwsService {
  const operations = operationsOf(client);
  assertKnown(operations, handlers);
  const nextRequestId = requestIds();

  async function answer(form: URLSearchParams, request: AwsRequest, requestId: string): Promise<string> {
    const name = form.get('Action') ?? '';
    if (!operations.has(name)) {
      throw new AwsFault(
        'InvalidAction',
        `The action ${name || '(none)'} is not valid for this web service.`,
      );
    }
    const { operation, handler } = findHandler(operations, handlers, name);
    assertFormNames(operation.input, form);
    assertCarriedOut(options, name, [...form.keys()].map(topOf));
    const input = readForm(operation.input, form);
    for (const member of requiredMembers(operation.input)) assertMember(input, member);
    const inner = writeXmlMembers(operation.output, await handler(input, request.context));
    const result = operation.output.isStructSchema() ? `<${name}Result>${inner}</${name}Result>` : '';
    return (
      `<${name}Response xmlns="${xmlNamespace}">${result}` +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`
    );
  }

  return async (request) => {
    const form = new URLSearchParams(request.body);
    const requestId = nextRequestId();
    const headers = { 'content-type': 'text/xml', 'x-amzn-requestid': requestId };
    try {
      return { status: 200, headers, body: await answer(form, request, requestId) };
    } catch (error) {
      const fault = asFault(error);
      if (fault !== error) options.onBug?.(form.get('Action') ?? '', error);
      return { status: fault.status, headers, body: xmlError(fault, xmlNamespace, requestId) };
    }
  };
}

const topOf = (key: string): string => key.split('.')[0] ?? '';

/** What a form has beside an operation's parameters: its name, and the signature of a request by GET. */
const isEnvelope = (name: string): boolean =>
  name === 'Action' ||
  name === 'Version' ||
  /^(X-Amz-|AWSAccessKeyId$|Signature|Timestamp$|Expires$)/i.test(name);

/** Throws for a parameter that AWS does not have, as far as the top level goes. */
function assertFormNames(schema: NormalizedSchema, form: URLSearchParams): void {
  const names = schema.isStructSchema()
    ? [...schema.structIterator()].map(([name, member]) => String(member.getMergedTraits().xmlName ?? name))
    : [];
  const stranger = [...form.keys()].map(topOf).find((name) => !isEnvelope(name) && !names.includes(name));
  if (stranger !== undefined) throw new AwsFault('ValidationError', renderUnknown(stranger, names));
}

function assertMember(input: unknown, name: string): void {
  if (typeof input === 'object' && input !== null && Reflect.get(input, name) !== undefined) return;
  const member = name.charAt(0).toLowerCase() + name.slice(1);
  throw new AwsFault(
    'ValidationError',
    `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
  );
}

/** An error body of the Query protocol; `Sender` for the caller's fault, `Receiver` for ours. */
function xmlError(fault: AwsFault, xmlNamespace: string, requestId: string): string {
  const type = fault.status >= 500 ? 'Receiver' : 'Sender';
  return (
    `<ErrorResponse xmlns="${xmlNamespace}"><Error><Type>${type}</Type><Code>${escapeXml(fault.code)}</Code>` +
    `<Message>${escapeXml(fault.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}
