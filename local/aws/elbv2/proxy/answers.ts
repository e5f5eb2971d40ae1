import type { ServerResponse } from 'node:http';
import type { FixedResponseActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';

/** What the load balancer itself answers when it has no answer of a target. */
export type OwnStatus = 400 | 404 | 502 | 503 | 504;

const titles: Record<OwnStatus, string> = {
  400: '400 Bad Request',
  404: '404 Not Found',
  502: '502 Bad Gateway',
  503: '503 Service Temporarily Unavailable',
  504: '504 Gateway Time-out',
};

/** The page an Application Load Balancer shows for an error of its own. */
export function ownPage(status: OwnStatus): string {
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

function answer(response: ServerResponse, status: number, type: string, body: string): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(status, {
    Server: 'awselb/2.0',
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** Answers with the load balancer's own page; once an answer has begun the connection is cut instead. */
export function answerOwn(response: ServerResponse, status: OwnStatus): void {
  answer(response, status, 'text/html', ownPage(status));
}

/** Carries out a `fixed-response` action. */
export function answerFixed(response: ServerResponse, config: FixedResponseActionConfig): void {
  const status = Number(config.StatusCode);
  answer(response, status, `${config.ContentType ?? 'text/plain'}; charset=utf-8`, config.MessageBody ?? '');
}
