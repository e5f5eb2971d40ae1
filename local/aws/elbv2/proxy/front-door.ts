import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ResolveTarget } from '../health/health-checks.ts';
import { dressOf } from '../listener-attributes.ts';
import type { RequestRecord } from '../metrics/request-record.ts';
import type { ListenerRecord } from '../records.ts';
import type { Timer } from '../timer.ts';
import { answerFixed, answerOwn, answerRedirect, malformedAnswer } from './answers.ts';
import type { CookieSeal } from './cookies.ts';
import { makeDoorServer, retuneDoorServer } from './door-server.ts';
import { type Exchange, forward, forwardUpgrade } from './forward.ts';
import type { Forwarding } from './headers.ts';
import { redirectLocation } from './redirect.ts';
import { type RouteDependencies, routeForward } from './route-request.ts';
import { type RoutedRequest, readRoutedRequest } from './routed-request.ts';
import { selectActions } from './rule-match.ts';

export interface FrontDoorDependencies extends RouteDependencies {
  now(): number;
  timer: Timer;
  resolveTarget: ResolveTarget;
  seal: CookieSeal;
  /** The load balancer's `idle_timeout.timeout_seconds`, in milliseconds. */
  idleMs(listener: ListenerRecord): number;
  /** The port that the load balancer's listener for an asked port really has. */
  realPort(listener: ListenerRecord, askedPort: number): number;
  /** Hears of each request once, when its answer begins. */
  record(request: RequestRecord): void;
}

type OpenDoor = { server: Server; sockets: Set<Socket> };
type Turn = { listener: ListenerRecord; request: IncomingMessage; response: ServerResponse };

/** The data plane: one HTTP or HTTPS server on 127.0.0.1 for each listener. */
export class FrontDoor {
  readonly #dependencies: FrontDoorDependencies;
  readonly #open = new Map<ListenerRecord, OpenDoor>();

  constructor(dependencies: FrontDoorDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Opens the asked port if it is free and not below 1024, else one that the system gives, and returns it.
   */
  async open(listener: ListenerRecord): Promise<number> {
    const server = makeDoorServer(listener, {
      keepAliveTimeout: this.#dependencies.idleMs(listener),
      requestTimeout: 0,
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    });
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.on('request', (request, response) => this.#answer({ listener, request, response }));
    server.on('upgrade', (request, socket, head) => {
      if (socket instanceof Socket) this.#answerUpgrade(listener, request, socket, head);
    });
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end(malformedAnswer());
      else socket.destroy();
    });
    const port = (await tryListen(server, listener.askedPort)) ?? (await tryListen(server, 0));
    if (port === undefined) throw new Error('no free port on 127.0.0.1 for a listener');
    this.#open.set(listener, { server, sockets });
    return port;
  }

  /** Lets new connections have the listener's present certificate and security policy. */
  retune(listener: ListenerRecord): void {
    const door = this.#open.get(listener);
    if (door) retuneDoorServer(door.server, listener);
  }

  /** Closes the listener's port and cuts every connection through it. */
  async close(listener: ListenerRecord): Promise<void> {
    const door = this.#open.get(listener);
    if (!door) return;
    this.#open.delete(listener);
    const closed = new Promise<void>((resolve) => door.server.close(() => resolve()));
    for (const socket of door.sockets) socket.destroy();
    await closed;
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((listener) => this.close(listener)));
  }

  #answer(turn: Turn): void {
    const exchange = this.#route(turn);
    if (exchange) forward(exchange);
  }

  #answerUpgrade(listener: ListenerRecord, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    socket.on('error', () => socket.destroy());
    const exchange = this.#route({ listener, request, response });
    if (exchange) forwardUpgrade(exchange, socket, head);
  }

  /** Finds the target of a request, or answers it and returns `undefined`. */
  #route(turn: Turn): Exchange | undefined {
    const { listener, request, response } = turn;
    const routed = readRoutedRequest(request);
    const action = selectActions(listener, routed).at(-1);
    if (action && action.Type !== 'forward') return void this.#answerAction(turn, action, routed);
    const { now, random, seal, record, resolveTarget, timer, idleMs } = this.#dependencies;
    const sticking = { seal, now: now(), headers: routed.headers, isSecure: listener.tls !== undefined };
    const route = action && routeForward(action, sticking, this.#dependencies);
    const dress = dressOf(listener.attributes);
    if (!route?.target) {
      answerOwn(response, 503, dress);
      record({ listener, by: 'load-balancer', status: 503, group: route?.group });
      return undefined;
    }
    const { target, group, cookies } = route;
    return {
      request,
      response,
      target,
      cookies,
      dress,
      address: resolveTarget(target.id, target.port),
      forwarding: forwardingOf(turn, routed, traceId(now(), random)),
      idle: { timer, now, idleMs: idleMs(listener) },
      ended: (end) => record({ listener, group, ...end }),
    };
  }

  #answerAction({ listener, response }: Turn, action: Action, request: RoutedRequest): void {
    const { realPort, record } = this.#dependencies;
    const dress = dressOf(listener.attributes);
    const { FixedResponseConfig, RedirectConfig } = action;
    if (FixedResponseConfig) {
      answerFixed(response, FixedResponseConfig, dress);
      record({ listener, by: 'fixed-response', status: Number(FixedResponseConfig.StatusCode) });
      return;
    }
    if (!RedirectConfig) return;
    const status = RedirectConfig.StatusCode === 'HTTP_301' ? 301 : 302;
    const location = redirectLocation(RedirectConfig, {
      request,
      protocol: protocolOf(listener),
      listenerPort: listener.port,
      realPort: (asked) => realPort(listener, asked),
    });
    answerRedirect(response, status, location, dress);
    record({ listener, by: 'redirect', status });
  }
}

const protocolOf = ({ tls }: ListenerRecord) => (tls ? 'https' : 'http');

function forwardingOf({ listener, request }: Turn, { clientAddress }: RoutedRequest, id: string): Forwarding {
  return {
    clientAddress,
    protocol: protocolOf(listener),
    listenerPort: listener.port,
    traceId: id,
    upgrade: request.headers.upgrade?.toLowerCase() === 'websocket' ? 'websocket' : undefined,
  };
}

function traceId(now: number, random: () => number): string {
  const seconds = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  const hex = () =>
    Math.floor(random() * 2 ** 48)
      .toString(16)
      .padStart(12, '0');
  return `1-${seconds.slice(-8)}-${hex()}${hex()}`;
}

/** `undefined` where the port cannot be had: taken, or not ours to take. */
function tryListen(server: Server, port: number): Promise<number | undefined> {
  if (port !== 0 && port < 1024) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const refused = () => resolve(undefined);
    server.once('error', refused);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', refused);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : undefined);
    });
  });
}
