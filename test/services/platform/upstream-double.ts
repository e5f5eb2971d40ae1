import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service of the test's own making, behind the gateway. */
export interface UpstreamDouble {
  readonly base: string;
  /** The requests it has got. */
  readonly got: readonly IncomingMessage[];
  /** Says how the next ones are answered. */
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startUpstreamDouble(): Promise<UpstreamDouble> {
  const got: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    got.push(request);
    double.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const double: UpstreamDouble = {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    answer: (_request, response) => void response.end('{}'),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return double;
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
