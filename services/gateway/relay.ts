import type { FastifyRequest } from 'fastify';
import { type RawData, WebSocket } from 'ws';
import { principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import { slowSocketBytes, socketEnds } from '../lib/sockets.ts';
import type { Hub } from './hub.ts';
import type { Passage } from './passage.ts';
import type { Upstream } from './upstream.ts';

const handshakeTimeoutMs = 5_000;

/** Registers `GET /tracking/ws`: the WebSocket of tracking, frame by frame. */
export function registerTrackingRelay(
  app: App,
  deps: { tracking: Upstream; hub: Hub; passage: Passage; requireRole: RequireRole },
): void {
  const { tracking, hub, passage } = deps;
  const url = new URL('/tracking/ws', tracking.url);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

  app.get('/tracking/ws', { websocket: true, onRequest: deps.requireRole('driver') }, (client, request) => {
    // Nothing is read before there is somebody to hand it to.
    client.pause();
    const leave = hub.join(
      {
        take: () => undefined,
        restart: () => client.close(socketEnds.restart, 'This instance goes away; connect again.'),
      },
      'ws',
    );
    client.once('close', leave);
    connect(request).then(
      (upstream) => join(client, upstream),
      (error: unknown) => {
        request.log.warn({ err: error }, 'tracking not reached');
        client.resume();
        client.close(socketEnds.tryLater, 'The service tracking does not answer.');
      },
    );
  });

  async function connect(request: FastifyRequest): Promise<WebSocket> {
    const identity = await passage.sign(principalOf(request));
    const { host: _host, ...headers } = passage.headersFor(request, identity);
    const kept = Object.entries(headers).filter(([name]) => !name.startsWith('sec-websocket-'));
    const upstream = new WebSocket(url, protocolsOf(request), {
      headers: Object.fromEntries(kept) as Record<string, string>,
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false,
    });
    return new Promise((resolve, reject) => {
      upstream.once('open', () => resolve(upstream)).once('error', reject);
    });
  }
}

function protocolsOf(request: FastifyRequest): string[] {
  return (request.headers['sec-websocket-protocol'] ?? '').split(/, */).filter((name) => name !== '');
}

/** Hands each frame of either side to the other, no faster than it reads; the end of one is the end of both. */
function join(client: WebSocket, upstream: WebSocket): void {
  for (const [from, to] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    from.on('message', (data: RawData, isBinary: boolean) => {
      to.send(data, { binary: isBinary }, () => from.resume());
      if (to.bufferedAmount > slowSocketBytes) from.pause();
    });
    from.on('close', (code, reason) => to.close(isSendable(code) ? code : undefined, reason));
    from.on('error', () => to.terminate());
  }
  if (client.readyState !== WebSocket.OPEN) upstream.close();
  client.resume();
}

/** 1005 and 1006 say that there was no code; nobody may send them. */
function isSendable(code: number): boolean {
  return (
    code === 1000 || (code >= 1001 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || code >= 3000
  );
}
