import { JsonCodec2 } from '@smithy/core/protocols';
import { AwsFault } from '../fault.ts';
import { assertJsonShape, missingMembers, parseJsonObject, refuseNull } from './json-shape.ts';
import {
  asFault,
  assertCarriedOut,
  assertKnown,
  findHandler,
  operationsOf,
  requestIds,
} from './operations.ts';
import type { AwsRequest, AwsResponse, AwsService, HandlersOf, ServiceOptions } from './service.ts';

const EPOCH_SECONDS = 7;
const CONTENT_TYPE = 'application/x-amz-json-1.1';

/**
 * Speaks AWS JSON 1.1 (ECS, ECR) for the operations of an SDK client package.
 *
 * Handlers get the command's input with dates as `Date` and blobs as bytes, and return its output; members
 * the schema does not know are dropped both ways. A top-level member that the schema requires is there.
 */
export function jsonService<Client extends object, Handlers extends HandlersOf<Client>>(
  client: Client,
  handlers: Handlers,
  options: ServiceOptions = {},
): AwsService {
  const codec = new JsonCodec2({
    timestampFormat: { useTrait: true, default: EPOCH_SECONDS },
    jsonName: false,
  });
  const operations = operationsOf(client);
  assertKnown(operations, handlers);
  const nextRequestId = requestIds();
  const refuseMissing = options.refuseMissing ?? refuseNull;
  const refuseInvalid =
    options.refuseInvalid ?? ((message) => new AwsFault('InvalidParameterException', message));

  async function answer(name: string, request: AwsRequest): Promise<string> {
    const { operation, handler } = findHandler(operations, handlers, name);
    const json = parseJsonObject(request.body);
    assertJsonShape(operation.input, json, refuseInvalid);
    assertCarriedOut(options, name, Object.keys(json));
    const missing = missingMembers(operation.input, json);
    if (missing.length > 0) throw refuseMissing(missing);
    const input: unknown = await codec.createDeserializer().read(operation.input, request.body || '{}');
    const output = await handler(input, request.context);
    const serializer = codec.createSerializer();
    serializer.write(operation.output, output ?? {});
    return new TextDecoder().decode(serializer.flush());
  }

  return async (request) => {
    const name = request.target?.split('.').pop() ?? '';
    const headers = { 'content-type': CONTENT_TYPE, 'x-amzn-requestid': nextRequestId() };
    try {
      return { status: 200, headers, body: await answer(name, request) };
    } catch (error) {
      const fault = asFault(error);
      if (fault !== error) options.onBug?.(name, error);
      return jsonError(fault, headers);
    }
  };
}

function jsonError(fault: AwsFault, headers: Record<string, string>): AwsResponse {
  return {
    status: fault.status,
    headers: { ...headers, 'x-amzn-errortype': fault.code },
    body: JSON.stringify({ ...fault.details, __type: fault.code, message: fault.message }),
  };
}
