import type { ServerResponse } from 'node:http';
import type { FixedResponseActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';

/** What the load balancer itself answers when it has no answer of a target. */
export type OwnStatus = 301 | 302 | 400 | 404 | 502 | 503 | 504;

/** Changes the header fields of an answer, names and values in turn, as the listener's attributes say. */
export type Dress = (headers: string[]) => string[];

const titles: Record<OwnStatus, string> = {
  301: '301 Moved Permanently',
  302: '302 Found',
  400: '400 Bad Request',
  404: '404 Not Found',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

/** The page an Application Load Balancer shows for an answer of its own. */
function ownPage(status: OwnStatus): string {
  const title = titles[status];
  return [
    '<html>',
    `<head><title>${title}</title></head>`,
    '<body>',
    `<center><h1>${title}</h1></center>`,
    '</body>',
    '</html>',
    '',
  ].join('\r\n');
}

interface OwnAnswer {
  status: number;
  type: string;
  body: string;
  more?: string[];
}

function answer(response: ServerResponse, { status, type, body, more = [] }: OwnAnswer, dress: Dress): void {
  if (response.headersSent) return void response.destroy();
  const length = String(Buffer.byteLength(body));
  const headers = ['Server', 'awselb/2.0', 'Content-Type', type, 'Content-Length', length, ...more];
  response.writeHead(status, dress(headers));
  response.end(body);
}

/** Answers with the load balancer's own page; once an answer has begun the connection is cut instead. */
export function answerOwn(response: ServerResponse, status: OwnStatus, dress: Dress): void {
  answer(response, { status, type: 'text/html', body: ownPage(status) }, dress);
}

/** Carries out a `fixed-response` action. */
export function answerFixed(response: ServerResponse, config: FixedResponseActionConfig, dress: Dress): void {
  const type = `${config.ContentType ?? 'text/plain'}; charset=utf-8`;
  answer(response, { status: Number(config.StatusCode), type, body: config.MessageBody ?? '' }, dress);
}

/** Carries out a `redirect` action. */
export function answerRedirect(
  response: ServerResponse,
  status: 301 | 302,
  location: string,
  dress: Dress,
): void {
  const more = ['Location', location];
  answer(response, { status, type: 'text/html', body: ownPage(status), more }, dress);
}

/** The bytes that answer what is no HTTP request. */
export function malformedAnswer(): string {
  const body = ownPage(400);
  const head = ['HTTP/1.1 400 Bad Request', 'Server: awselb/2.0', 'Content-Type: text/html'];
  return [...head, `Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close', '', body].join('\r\n');
}
