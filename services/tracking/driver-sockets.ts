import type { WebSocket } from '@fastify/websocket';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Clock } from '../lib/clock.ts';
import { Problem } from '../lib/problem.ts';
import { slowSocketBytes, socketEnds } from '../lib/sockets.ts';
import type { PingIntake } from './ping-intake.ts';
import type { Reporter } from './positions.ts';

/** The sockets over which drivers report their positions. */
export interface DriverSockets {
  /** Throws `OVERLOADED` once this instance goes away. */
  assertOpen(): void;
  /** Takes a socket whose driver has been recognised; `expiresAt`, in epoch milliseconds, ends it. */
  accept(socket: WebSocket, driver: Reporter, expiresAt: number): void;
  /** Sees to the sockets until `stopped` aborts: asks whether they live, ends those that are not good any more. */
  watch(stopped: AbortSignal): Promise<void>;
  /** Sends every driver to another instance (1012). */
  drain(): void;
}

/** Why a socket was dropped by us. */
const drops = ['silent', 'slow', 'idle', 'expired', 'limited'] as const;
type Drop = (typeof drops)[number];

interface Client {
  readonly driver: Reporter;
  readonly expiresAt: number;
  /** Our ping frames since anything came from it. */
  unanswered: number;
  /** When it last sent a position. */
  activeAt: number;
  /** The positions before this one, which go first. */
  work: Promise<void>;
}

export function createDriverSockets(deps: {
  intake: PingIntake;
  clock: Clock;
  log: Logger;
  registry: Registry;
  heartbeatMs: number;
  idleMs: number;
}): DriverSockets {
  const { intake, clock, log, heartbeatMs, idleMs } = deps;
  const clients = new Map<WebSocket, Client>();
  let isDraining = false;
  const dropped = registerMetrics(deps.registry, () => clients.size);

  function drop(socket: WebSocket, reason: Drop): void {
    dropped.inc({ reason });
    clients.delete(socket);
    // One that does not read would not read a close frame either.
    if (reason === 'silent' || reason === 'slow') socket.terminate();
    else socket.close(socketEnds.policy, reason);
  }

  /** Says whether the socket may stay; drops it otherwise. */
  function check(socket: WebSocket, client: Client, now: number): boolean {
    const reason = reasonToDrop(socket.bufferedAmount, client, now, idleMs);
    if (reason) drop(socket, reason);
    return reason === undefined;
  }

  async function take(socket: WebSocket, { driver }: Client, text: string): Promise<void> {
    const result = await intake.reportText(driver, text);
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify({ result }));
  }

  const onFault = (error: unknown) => log.error({ err: error }, 'a position was not taken');

  return {
    assertOpen() {
      if (!isDraining) return;
      throw new Problem('OVERLOADED', 'This instance goes away; connect again.', { retryAfterSeconds: 1 });
    },
    accept(socket, driver, expiresAt) {
      const now = clock.now();
      const client: Client = { driver, expiresAt, unanswered: 0, activeAt: now, work: Promise.resolve() };
      clients.set(socket, client);
      socket.on('close', () => clients.delete(socket));
      socket.on('pong', () => {
        client.unanswered = 0;
      });
      socket.on('message', (message) => {
        client.unanswered = 0;
        if (!clients.has(socket) || !check(socket, client, clock.now())) return;
        client.activeAt = clock.now();
        if (!intake.admit(driver, 1)) drop(socket, 'limited');
        else client.work = client.work.then(() => take(socket, client, String(message))).catch(onFault);
      });
    },
    async watch(stopped) {
      while (!stopped.aborted) {
        await clock.sleep(heartbeatMs, stopped).catch(() => undefined);
        for (const [socket, client] of clients) {
          if (!check(socket, client, clock.now())) continue;
          client.unanswered += 1;
          socket.ping();
        }
      }
    },
    drain() {
      isDraining = true;
      for (const socket of clients.keys()) socket.close(socketEnds.restart, 'restart');
      clients.clear();
    },
  };
}

/**
 * Why a socket may not stay, or `undefined`. A client has two heartbeats to answer one. They are counted, not timed:
 * when this instance itself was held up, the answers are there and have only not been read yet.
 */
export function reasonToDrop(
  unreadBytes: number,
  client: Pick<Client, 'unanswered' | 'activeAt' | 'expiresAt'>,
  now: number,
  idleMs: number,
): Drop | undefined {
  if (now >= client.expiresAt) return 'expired';
  if (unreadBytes > slowSocketBytes) return 'slow';
  if (client.unanswered >= 2) return 'silent';
  return now - client.activeAt > idleMs ? 'idle' : undefined;
}

function registerMetrics(registry: Registry, count: () => number): Counter<'reason'> {
  const registers = [registry];
  new Gauge({
    name: 'ws_clients',
    help: 'Open sockets.',
    labelNames: ['hub'],
    registers,
    collect() {
      this.set({ hub: 'drivers' }, count());
    },
  });
  const dropped = new Counter({
    name: 'ws_dropped_total',
    help: 'Sockets dropped by us, by reason.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of drops) dropped.inc({ reason }, 0);
  return dropped;
}
