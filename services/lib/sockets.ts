import websocket from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import { decodeJwt } from 'jose';
import type { App } from './app.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';
import type { TokenVerifier } from './tokens.ts';

/** Largest message a client may send, in bytes; a larger one ends its socket with 1009. */
export const socketMessageBytes = 16 * 1024;
/** A client with more unread bytes than this is too slow, and dropped. */
export const slowSocketBytes = 1024 * 1024;

/** Codes with which we end a socket (RFC 6455, section 7.4). */
export const socketEnds = {
  /** The client broke a rule, or its token has expired: connect again with another one. */
  policy: 1008,
  /** This instance goes away: connect again at once. */
  restart: 1012,
  /** What this socket leads to does not answer: connect again later. */
  tryLater: 1013,
} as const;

/**
 * Lets routes be WebSockets: `app.get(path, { websocket: true }, handler)`. Once a process, on the application itself:
 * a server has one upgrade listener, whatever services share it.
 */
export async function registerSockets(app: App): Promise<void> {
  await app.register(websocket, {
    options: {
      maxPayload: socketMessageBytes,
      handleProtocols: (offered) => (offered.has('bearer') ? 'bearer' : false),
    },
  });
}

/**
 * Says who opens a socket and until when their token is good, in epoch milliseconds. A browser cannot set headers
 * there, so the token comes as the second of two protocols: `Sec-WebSocket-Protocol: bearer, <access token>`. The one
 * that is agreed on is `bearer`; the token is never sent back.
 */
export async function recogniseSocket(
  request: FastifyRequest,
  tokens: TokenVerifier,
): Promise<{ principal: Principal; expiresAt: number }> {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim());
  const [protocol, token = '', ...rest] = offered;
  if (protocol !== 'bearer' || token === '' || rest.length > 0) {
    throw new Problem('TOKEN_MISSING', 'Send Sec-WebSocket-Protocol: bearer, <access token>.');
  }
  const principal = await tokens.verify(token);
  return { principal, expiresAt: expiryOf(token) };
}

/** When a verified token expires, in epoch milliseconds. */
export function expiryOf(token: string): number {
  return (decodeJwt(token).exp ?? 0) * 1000;
}
