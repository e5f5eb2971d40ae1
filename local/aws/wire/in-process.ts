import { Readable } from 'node:stream';
import { type HttpHandler, type HttpRequest, HttpResponse } from '@smithy/core/protocols';
import { parseCredentialScope } from './credential-scope.ts';
import type { AwsService, RequestContext } from './service.ts';

/**
 * An SDK `requestHandler` that answers from a service in this process: the bytes of the wire, no socket.
 *
 * `contextOf` gets what the request was signed with; an unsigned request has an empty access key id.
 */
export function inProcessHandler(
  service: AwsService,
  contextOf: (signer: { accessKeyId: string; region: string }) => RequestContext,
): HttpHandler {
  return {
    async handle(request: HttpRequest) {
      const scope = parseCredentialScope(header(request, 'authorization'));
      const context = contextOf(scope ?? { accessKeyId: '', region: 'us-east-1' });
      const body = textOf(request.body);
      const signedAt = header(request, 'x-amz-date');
      const answer = await service({ target: header(request, 'x-amz-target'), body, context, signedAt });
      const response = new HttpResponse({
        statusCode: answer.status,
        headers: { ...answer.headers },
        body: Readable.from([Buffer.from(answer.body)]),
      });
      return { response };
    },
    metadata: { handlerProtocol: 'http/1.1' },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

function header(request: HttpRequest, name: string): string | undefined {
  return Object.entries(request.headers).find(([key]) => key.toLowerCase() === name)?.[1];
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  if (body === undefined || body === null) return '';
  throw new TypeError(
    `A request body of ${typeof body} cannot be read in process; text or bytes were expected.`,
  );
}
