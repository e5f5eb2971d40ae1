import type { IncomingMessage } from 'node:http';
import type { RawHeaders } from './headers.ts';

/** What rules and redirects look at in a request. */
export interface RoutedRequest {
  method: string;
  /** Without a port. */
  host: string;
  /** As sent, without the query. */
  path: string;
  /** The text behind `?`; empty when there is none. */
  query: string;
  headers: RawHeaders;
  /** The address of the connection, whatever X-Forwarded-For says. */
  clientAddress: string;
}

export function readRoutedRequest(request: IncomingMessage): RoutedRequest {
  const url = request.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers: request.rawHeaders,
    clientAddress: request.socket.remoteAddress ?? '127.0.0.1',
  };
}
