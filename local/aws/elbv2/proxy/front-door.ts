import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { attributeNumber } from '../attributes.ts';
import type { ResolveTarget } from '../health/health-checks.ts';
import { forwardTargets, type ListenerRecord, type TargetGroupRecord } from '../records.ts';
import type { Timer } from '../timer.ts';
import { answerFixed, answerOwn } from './answers.ts';
import { type Exchange, forward, forwardUpgrade } from './forward.ts';
import { selectActions } from './rule-match.ts';
import { pickByWeight, routableTargets } from './target-choice.ts';

export interface FrontDoorDependencies {
  now(): number;
  timer: Timer;
  random(): number;
  resolveTarget: ResolveTarget;
  targetGroup(arn: string): TargetGroupRecord | undefined;
  /** The load balancer's `idle_timeout.timeout_seconds`, in milliseconds. */
  idleMs(listener: ListenerRecord): number;
}

type OpenDoor = { server: Server; sockets: Set<Socket> };

/** The data plane: one HTTP server on 127.0.0.1 for each listener. */
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
    const server = createServer({
      keepAliveTimeout: this.#dependencies.idleMs(listener),
      requestTimeout: 0,
      shouldUpgradeCallback: (request) => request.headers.upgrade?.toLowerCase() === 'websocket',
    });
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    server.on('request', (request, response) => this.#answer(listener, request, response));
    server.on('upgrade', (request, socket, head) => {
      if (socket instanceof Socket) this.#answerUpgrade(listener, request, socket, head);
    });
    const port = (await tryListen(server, listener.askedPort)) ?? (await tryListen(server, 0));
    if (port === undefined) throw new Error('no free port on 127.0.0.1 for a listener');
    this.#open.set(listener, { server, sockets });
    return port;
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

  #answer(listener: ListenerRecord, request: IncomingMessage, response: ServerResponse): void {
    const exchange = this.#route(listener, request, response);
    if (exchange) forward(exchange);
  }

  #answerUpgrade(listener: ListenerRecord, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.on('finish', () => socket.end());
    socket.on('error', () => socket.destroy());
    const exchange = this.#route(listener, request, response);
    if (exchange) forwardUpgrade(exchange, socket, head);
  }

  /** Finds the target of a request, or answers it and returns `undefined`. */
  #route(listener: ListenerRecord, request: IncomingMessage, response: ServerResponse): Exchange | undefined {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const action = selectActions(listener, { host, path }).at(-1);
    if (!action) return void answerOwn(response, 404);
    if (action.FixedResponseConfig) return void answerFixed(response, action.FixedResponseConfig);
    const group = this.#chooseGroup(action);
    const target = group && nextTarget(group);
    if (!target) return void answerOwn(response, 503);
    const { now, timer, resolveTarget, idleMs } = this.#dependencies;
    return {
      request,
      response,
      target,
      address: resolveTarget(target.id, target.port),
      forwarding: {
        clientAddress: request.socket.remoteAddress ?? '127.0.0.1',
        listenerPort: listener.port,
        traceId: this.#traceId(),
        upgrade: request.headers.upgrade?.toLowerCase() === 'websocket' ? 'websocket' : undefined,
      },
      idle: { timer, now, idleMs: idleMs(listener) },
    };
  }

  #chooseGroup(action: Action): TargetGroupRecord | undefined {
    const choice = pickByWeight(forwardTargets(action), this.#dependencies.random());
    return choice && this.#dependencies.targetGroup(choice.arn);
  }

  #traceId(): string {
    const { now, random } = this.#dependencies;
    const seconds = Math.floor(now() / 1000)
      .toString(16)
      .padStart(8, '0');
    const hex = () =>
      Math.floor(random() * 2 ** 48)
        .toString(16)
        .padStart(12, '0');
    return `1-${seconds.slice(-8)}-${hex()}${hex()}`;
  }
}

function nextTarget(group: TargetGroupRecord) {
  const minimum = attributeNumber(
    group,
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count',
  );
  const targets = routableTargets(group.targets.values(), minimum);
  return targets[group.turn++ % targets.length];
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
