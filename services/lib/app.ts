import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyTypeProvider,
  LogController,
  type RawServerDefault,
} from 'fastify';
import type { Logger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { addFormats } from './formats.ts';
import { registerHandlerTimeout } from './handler-timeout.ts';
import { type HealthChecks, registerHealthRoutes } from './health.ts';
import { registerJsonBodies } from './json-body.ts';
import type { Metrics } from './metrics.ts';
import { Problem, renderProblem, toProblem } from './problem.ts';
import { registerTraces, withinRequest } from './request-traces.ts';
import { createShedding, letGo, type Shedding, type WatchLine } from './shedding.ts';
import type { Tracer } from './trace.ts';

/** Makes a TypeBox schema the type of a route's body, parameters and answer. */
export interface TypeBoxProvider extends FastifyTypeProvider {
  validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse<IncomingMessage>,
  Logger,
  TypeBoxProvider
>;

export interface AppOptions {
  identity: { service: string; version: string };
  log: Logger;
  metrics: Metrics;
  /** Without one nothing is traced. */
  tracer?: Tracer;
  /** The wait in line above which requests are refused, in milliseconds; without one, or with 0, none is. */
  shedAboveMs?: number;
  health: HealthChecks;
  renderMetrics: () => Promise<{ type: string; text: string }>;
}

/** Every time-out of the HTTP server, in milliseconds. */
const timeouts = {
  /** Above the load balancer's idle time-out (60 s), so that it closes an idle connection, never we: no 502. */
  keepAliveTimeout: 65_000,
  /** Above keepAliveTimeout: older Node releases counted both from the same moment. */
  headersTimeout: 66_000,
  /** For a whole request to arrive; Node wants it above headersTimeout. */
  requestTimeout: 70_000,
  /** A socket on which nothing happens at all. */
  connectionTimeout: 75_000,
  /** For a plugin to load at start. */
  pluginTimeout: 10_000,
};

/** For a handler to answer, in milliseconds: below the load balancer's 60 s, so that the client sees our 503, not its 504. */
const handlerTimeoutMs = 30_000;

/** Largest body, in bytes: what one SQS message may hold. */
export const bodyLimitBytes = 256 * 1024;

/** Paths asked every few seconds by machines: logged at debug only, so that they do not drown the rest. */
const quietPaths: ReadonlySet<string | undefined> = new Set(['/health', '/ready', '/metrics']);

/** Says whether a request is one of those. */
export function isQuiet(request: FastifyRequest): boolean {
  return quietPaths.has(request.routeOptions.url);
}

/** Refuses nobody. */
const unguarded: Shedding = { guard: (handler) => handler, watchLine: () => undefined };

/**
 * Makes the HTTP application of a service: time-outs, problem documents, one log line a request, metrics, shedding of
 * load, `/health`, `/ready`, `/metrics` and `/version`.
 *
 * Not listening yet. After `beginDrain`, `/ready` answers 503 and every answer carries `Connection: close`, while all
 * routes go on answering; `app.close()` then finishes the requests in flight, new ones on open connections included.
 */
export function createApp(options: AppOptions): { app: App; beginDrain: () => void; watchLine: WatchLine } {
  const state = { draining: false };
  const { shedAboveMs: aboveMs = 0 } = options;
  const { registry } = options.metrics;
  const shedding = aboveMs > 0 ? createShedding({ aboveMs, registry, quietPaths }) : unguarded;
  const { connectionTimeout, pluginTimeout, ...serverTimeouts } = timeouts;
  const app: App = fastify({
    pluginTimeout,
    // Requests are refused in front of it: there that costs a tenth.
    serverFactory: (handler) =>
      createServer(serverTimeouts, shedding.guard(handler)).setTimeout(connectionTimeout),
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    // Not one for each request: what is logged for one carries its trace, as the line that says how it ended.
    childLoggerFactory: (log) => log,
    genReqId: createRequestIds(),
    // The load balancer is the one proxy before us.
    trustProxy: (_address, hop) => hop === 0,
    bodyLimit: bodyLimitBytes,
    // Answering 503 to requests that arrive while closing would be the very burst of errors a drain is to avoid.
    return503OnClosing: false,
    // A body means what it says: no field is dropped in silence, no "1" becomes 1.
    ajv: {
      customOptions: { removeAdditional: false, coerceTypes: false, useDefaults: true },
      onCreate: addFormats,
    },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply),
  });
  registerJsonBodies(app);
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request) => {
    throw new Problem('ROUTE_UNKNOWN', `There is no ${request.method} ${pathOf(request)}.`);
  });
  closeUnused(app);
  if (options.tracer) registerTraces(app, options.tracer);
  registerHandlerTimeout(app, handlerTimeoutMs);
  app.addHook('onRequest', (_request, reply, done) => {
    options.metrics.requestsInFlight.inc();
    // Not by the hook onResponse, which is not run for a client that has left, nor for a WebSocket.
    reply.raw.once('close', () => options.metrics.requestsInFlight.dec());
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    // What is left to do is the client's and the network's.
    letGo(request.raw);
    // Not when it came: it may have been in hand when the drain began, and an idle connection would hold up the end.
    if (state.draining) reply.header('connection', 'close');
    done();
  });
  app.addHook('preClose', async () => {
    state.draining = true;
  });
  const record = createRecord(options);
  app.addHook('onResponse', (request, reply, done) => {
    withinRequest(request, () => record(request, reply));
    done();
  });
  registerHealthRoutes(app, options, () => state.draining);
  return { app, watchLine: shedding.watchLine, beginDrain: () => (state.draining = true) };
}

/**
 * Ends, when the application closes, the connections on which nothing was ever asked: to Node these are not idle, and
 * closing would wait for them.
 */
function closeUnused(app: App): void {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.addHook('onRequest', (request, _reply, done) => {
    unused.delete(request.raw.socket);
    done();
  });
  app.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy();
  });
}

/** The load balancer's trace id where there is one, so that a log line is found from either side. */
function createRequestIds(): (request: IncomingMessage) => string {
  let count = 0;
  return (request) => {
    const trace = request.headers['x-amzn-trace-id'];
    const root = typeof trace === 'string' ? /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(trace)?.[1] : undefined;
    count += 1;
    return root ?? `request-${count}`;
  };
}

function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error);
  if (problem.status >= 500) {
    withinRequest(request, () => request.log.error({ request: request.id, err: error }, 'request failed'));
  }
  const { retryAfterSeconds } = problem.extras;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds);
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).type('application/problem+json').send(renderProblem(problem, request.id));
}

/** Makes what notes an answered request: its time in the metrics, and a line in the log. */
function createRecord({ metrics, log }: AppOptions) {
  // To look for secrets costs more than the rest of a line; each request has this one, and it holds none.
  const lines = log.child({}, { redact: [] });
  return (request: FastifyRequest, reply: FastifyReply): void => {
    const { id, method } = request;
    const { statusCode: status, elapsedTime } = reply;
    const route = request.routeOptions.url ?? 'unknown';
    metrics.requestSeconds.observe({ route, method, status: String(status) }, elapsedTime / 1000);
    const ms = Math.round(elapsedTime * 10) / 10;
    const line = { request: id, method, path: pathOf(request), status, ms };
    if (isQuiet(request)) lines.debug(line, 'request');
    else lines.info(line, 'request');
  };
}

/** The path without the query, which may hold what must not be logged. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}

const brokenRequests: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Answers what is not even HTTP; there is no request object at that point. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = brokenRequests[error.code ?? ''] ?? '400 Bad Request';
  const body = JSON.stringify({
    type: 'about:blank',
    title: status.slice(4),
    status: Number(status.slice(0, 3)),
    code: 'REQUEST_INVALID',
  });
  const headers = `content-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close`;
  socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\n\r\n${body}`);
}
