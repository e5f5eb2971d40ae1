import type { FastifyRequest } from 'fastify';
import { decodeJwt } from 'jose';
import { type Static, Type } from 'typebox';
import Value from 'typebox/value';
import type { WebSocket } from 'ws';
import { principalOf, type RequireRole } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import type { Clock } from '../lib/clock.ts';
import { toProblem } from '../lib/problem.ts';
import { slowSocketBytes, socketEnds } from '../lib/sockets.ts';
import type { Client, Hub } from './hub.ts';
import type { OpenTopic } from './topic.ts';

export interface SocketParts {
  hub: Hub;
  openTopic: OpenTopic;
  requireRole: RequireRole;
  clock: Clock;
}

const MessageSchema = Type.Object(
  { type: Type.Union([Type.Literal('subscribe'), Type.Literal('unsubscribe')]), topic: Type.String() },
  { additionalProperties: false },
);

const heartbeatMs = 30_000;
const topicsAtMost = 100;
/** A longer timer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Lets a token come with a WebSocket. Browsers cannot set headers on a socket: the token is the second of the
 * subprotocols `bearer, <token>`, and the first is the one that is agreed on.
 */
export function registerSocketTokens(app: App): void {
  app.addHook('onRequest', async (request) => {
    const token = /^bearer, *(\S+)$/.exec(request.headers['sec-websocket-protocol'] ?? '')?.[1];
    if (token !== undefined && request.headers.authorization === undefined) {
      request.headers.authorization = `Bearer ${token}`;
    }
  });
}

/** When the token of a request expires, in epoch milliseconds; it has been verified before. */
export function expiryOf(request: FastifyRequest): number {
  const token = (request.headers.authorization ?? '').replace(/^Bearer +/i, '').trim();
  return (decodeJwt(token).exp ?? 0) * 1000;
}

/** Registers `GET /ws`: live events over a WebSocket. */
export function registerSocketRoute(app: App, parts: SocketParts): void {
  app.get('/ws', { websocket: true, onRequest: parts.requireRole() }, (socket, request) =>
    serveSocket(socket, request, parts),
  );
}

/**
 * Talks with one client: it sends `{"type":"subscribe","topic":…}` and gets `subscribed` or `refused` with a code, and
 * then an `event` each time. The connection lives as long as the token it was opened with.
 */
function serveSocket(socket: WebSocket, request: FastifyRequest, parts: SocketParts): void {
  const { hub, openTopic, clock } = parts;
  const principal = principalOf(request);
  const watching = new Map<string, () => void>();
  const gone = new AbortController();
  let isAlive = true;

  function send(message: Buffer | object): void {
    const text = Buffer.isBuffer(message) ? message : Buffer.from(JSON.stringify(message));
    socket.send(text, { binary: false });
    if (socket.bufferedAmount <= slowSocketBytes || gone.signal.aborted) return;
    hub.countDropped();
    end();
    socket.terminate();
  }

  const client: Client = {
    take: ({ message }) => send(message),
    restart: () => socket.close(socketEnds.restart, 'This instance goes away; connect again.'),
  };
  const leave = hub.join(client, 'ws');

  function end(): void {
    gone.abort();
    leave();
  }

  async function subscribe(topic: string): Promise<void> {
    if (watching.size >= topicsAtMost && !watching.has(topic)) {
      const detail = `A connection watches at most ${topicsAtMost} topics.`;
      send({ type: 'refused', topic, code: 'TOO_MANY_REQUESTS', detail });
      return;
    }
    if (!watching.has(topic)) {
      // Taken before the answer is there, so that many at once are counted too.
      watching.set(topic, () => undefined);
      try {
        const found = await openTopic(topic, principal, request);
        // It may have been given up meanwhile.
        if (gone.signal.aborted || !watching.has(topic)) return;
        watching.set(topic, hub.watch(client, found));
      } catch (error) {
        watching.delete(topic);
        const { code, message } = toProblem(error);
        send({ type: 'refused', topic, code, detail: message });
        return;
      }
    }
    send({ type: 'subscribed', topic });
  }

  function unsubscribe(topic: string): void {
    watching.get(topic)?.();
    watching.delete(topic);
    send({ type: 'unsubscribed', topic });
  }

  async function beat(): Promise<void> {
    while (!gone.signal.aborted) {
      await clock.sleep(heartbeatMs, gone.signal);
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }
  }

  async function expire(): Promise<void> {
    await clock.sleep(Math.min(expiryOf(request) - clock.now(), longestTimerMs), gone.signal);
    socket.close(socketEnds.policy, 'The token has expired.');
  }

  socket.on('close', end);
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.on('message', (data) => {
    const message = tryReadMessage(String(data));
    if (message === undefined) {
      const detail = 'Send {"type":"subscribe","topic":"order:<id>"}, or "unsubscribe".';
      send({ type: 'refused', code: 'BODY_INVALID', detail });
    } else if (message.type === 'subscribe') void subscribe(message.topic);
    else unsubscribe(message.topic);
  });
  for (const task of [beat, expire]) task().catch(() => request.log.trace('socket ended'));
}

function tryReadMessage(text: string): Static<typeof MessageSchema> | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return Value.Check(MessageSchema, message) ? message : undefined;
  } catch {
    return undefined;
  }
}
