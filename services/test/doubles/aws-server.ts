import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Thrown to refuse a call, with the error code AWS has for it. */
export class AwsFault extends Error {
  override readonly name = 'AwsFault';
  readonly code: string;
  readonly status: number;

  constructor(code: string, status = 400) {
    super(`${code} by the double`);
    this.code = code;
    this.status = status;
  }
}

/** What is behind an AWS that somebody plays; throws `AwsFault` to refuse. */
export interface AwsParts<Input> {
  /** Answers a call of SQS, SSM or Secrets Manager; `undefined` says that there is no such operation. */
  carryOut(operation: string, input: Input): unknown;
  /** Takes an object of S3; `path` is `/bucket/key`. */
  putObject(path: string, text: string): void | Promise<void>;
}

export interface AwsServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Plays AWS on 127.0.0.1, over the protocols that the SDK speaks: JSON by operation, and S3's PUT. */
export async function startAwsServer<Input>(parts: AwsParts<Input>): Promise<AwsServer> {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    if (request.method === 'PUT') {
      await parts.putObject(new URL(request.url ?? '/', 'http://s3').pathname, text);
      response.writeHead(200, { etag: '"0"' }).end();
      return;
    }
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const output = await parts.carryOut(operation, JSON.parse(text));
    if (output === undefined) throw new AwsFault('UnknownOperationException');
    response.writeHead(200, contentType).end(JSON.stringify(output));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => refuse(response, error));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The entry of a message that SQS has accepted, in the answer to SendMessageBatch. */
export function acceptedEntry({ Id, MessageBody }: { Id: string; MessageBody: string }) {
  return { Id, MessageId: randomUUID(), MD5OfMessageBody: md5(MessageBody) };
}

/** The checksum by which the SDK sees that a message arrived whole. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const contentType = { 'content-type': 'application/x-amz-json-1.0' };

function refuse(response: ServerResponse, error: unknown): void {
  const { code, status, message } = error instanceof AwsFault ? error : new AwsFault('InternalFailure', 500);
  response.writeHead(status, contentType).end(JSON.stringify({ __type: `com.amazonaws#${code}`, message }));
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}
