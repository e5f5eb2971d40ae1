import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errorCodeOf } from '../error-code.ts';
import { AwsFault } from '../fault.ts';
import { ConnectionReset } from '../faults/connection-reset.ts';
import type { PrivateNames } from '../private-names.ts';
import type { CredentialScope } from '../wire/credential-scope.ts';
import { type AwsResponse, type AwsService, operationOf, type RequestContext } from '../wire/service.ts';
import { forward } from './backend-proxy.ts';
import { refusal } from './refusal.ts';
import { type OwnService, type Route, routeOf, serviceOfForm, splitUrl } from './route.ts';
import { Tunnels } from './tunnels.ts';

/**
 * Answers an admin call, by which a test sets what AWS would find out by itself. `path` is what follows the
 * room's name, for instance `/scan-findings`; the body is what the caller sent, an answer's body is JSON.
 */
export type AdminRoom = (call: {
  method: string;
  path: string;
  body: string;
}) => Promise<{ status: number; body: string }>;

/** A call that the back end answers, as far as it is known. */
export type BackendCall = {
  /** Signing name. */
  service?: string;
  operation?: string;
  target?: string;
  signedAt?: string;
  context: RequestContext;
  method: string;
  /** Path and query. */
  url: string;
  host?: string;
  /** `x-amz-copy-source` of S3. */
  copySource?: string;
  /** Read only where it has to be: of a role's JSON call or form, and of what is overheard. */
  body?: string;
};

/**
 * Stands around calls to the back end. `run` passes the call on and gives the status; the answer of the back
 * end is then with the caller already, unless it is to get lost. Gives an answer of its own where there is one.
 */
export type AroundBackend = (
  call: BackendCall,
  run: (losesAnswer: boolean) => Promise<number>,
) => Promise<AwsResponse | undefined>;

/** What the gateway passes requests on to. */
export type GatewayRooms = {
  services: Readonly<Record<OwnService, AwsService>>;
  registry: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Answers `/_berth/…`, which tasks read credentials and metadata from; gets the Authorization header. */
  taskEndpoints: (path: string, authorization?: string) => Promise<{ status: number; body: string }>;
  /** Admin calls: `/_berth/<name>/…` goes to the room of that name. */
  admin?: Readonly<Record<string, AdminRoom>>;
  /** Base URL of the back end for everything else. */
  backend: string;
  /** Operations of the back end's services that it lacks, by their `X-Amz-Target`: answered here in its stead. */
  standIns?: Readonly<Record<string, AwsService>>;
  /**
   * Hears a request to ACM or IAM on its way to the back end: certificates are imported there with private
   * keys that never come out again, and a listener needs them.
   */
  overhear?: (target: string | undefined, body: string) => void;
  aroundBackend?: AroundBackend;
  /** Who signed; throws an `AwsFault` for credentials that have expired or are unknown. */
  contextOf: (scope: CredentialScope | undefined) => RequestContext;
  /** Hears of a request that broke for no fault of its caller. */
  onBug: (what: string, error: unknown) => void;
};

export type Gateway = {
  port: number;
  /** `http://127.0.0.1:<port>` */
  endpoint: string;
  /** Begins to answer; requests that came before have waited for it. */
  serve(rooms: GatewayRooms): void;
  stop(): Promise<void>;
};

/** Larger than any AWS Query or JSON request that our services take; layer parts go up to 10 MiB in base64. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;
/** Longer than SDK clients keep an idle connection, so that none is closed while it is taken up again. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Opens the one HTTP server of the local AWS on 127.0.0.1, and on a unix socket where a path is given.
 * A port that is taken is replaced by a free one; 0 asks for any. Tasks reach `names` by it.
 */
export async function openGateway(where: {
  port: number;
  socketPath?: string;
  names?: PrivateNames;
}): Promise<Gateway> {
  const rooms = Promise.withResolvers<GatewayRooms>();
  const listen = (request: IncomingMessage, response: ServerResponse) => {
    void rooms.promise.then((ready) =>
      serve(ready, request, response).catch((error: unknown) => answerError(ready, request, response, error)),
    );
  };
  const servers = [await listenOnPort(listen, where.port)];
  const port = portOf(servers[0]);
  if (where.socketPath) servers.push(await listenAt(listen, { path: where.socketPath }));
  const tunnels = where.names && new Tunnels(where.names);
  for (const server of servers) tunnels?.serve(server);
  return {
    port,
    endpoint: `http://127.0.0.1:${port}`,
    serve: rooms.resolve,
    async stop() {
      tunnels?.close();
      await Promise.all(servers.map(close));
    },
  };
}

async function serve(rooms: GatewayRooms, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = routeOf({
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
  });
  if (route.to === 'registry') return rooms.registry(request, response);
  if (route.to === 'task') {
    const { status, body } = await answerOwnPath(rooms, request, route.path);
    return answer(response, { status, headers: { 'content-type': 'application/json' }, body });
  }
  const context = rooms.contextOf(route.scope);
  const target = single(request.headers['x-amz-target']);
  const signedAt = single(request.headers['x-amz-date']);
  const call = {
    ...{ service: route.scope?.service, target, signedAt, context },
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    host: request.headers.host,
    copySource: single(request.headers['x-amz-copy-source']),
  };
  if (route.to === 'backend') {
    const isHeard = rooms.overhear !== undefined && isOverheard(route.scope);
    const isRead = isHeard || isJudgedByBody(request, call) || standInOf(rooms, call) !== undefined;
    if (!isRead) return passOn(rooms, request, response, call);
    const heard = await bodyOf(request);
    if (isHeard) rooms.overhear?.(target, heard);
    return passOn(rooms, request, response, call, heard);
  }
  const body = await bodyOf(request);
  const service = route.to === 'service' ? route.service : serviceOfForm(body);
  if (!service) {
    if (isOverheard(route.scope)) rooms.overhear?.(target, body);
    return passOn(rooms, request, response, call, body);
  }
  return answer(response, await rooms.services[service]({ target, body, context, signedAt }));
}

/** Passes a call on to the back end; `body` is what has been read of it already. */
async function passOn(
  rooms: GatewayRooms,
  request: IncomingMessage,
  response: ServerResponse,
  call: BackendCall,
  body?: string,
): Promise<void> {
  const { backend, aroundBackend } = rooms;
  const read = body !== undefined && request.method !== 'GET' ? { body } : {};
  const standIn = standInOf(rooms, call);
  const run = async (losesAnswer: boolean) => {
    const { context, target, signedAt } = call;
    if (!standIn) {
      return forward(request, response, { backend, accountId: context.accountId, losesAnswer, ...read });
    }
    const given = await standIn({ target, body: body ?? '', context, signedAt });
    if (!losesAnswer) answer(response, given);
    return given.status;
  };
  if (!aroundBackend) {
    await run(false);
    return;
  }
  const operation = operationOf({ target: call.target, body: body ?? '', url: call.url });
  const own = await aroundBackend({ ...call, operation, ...(body !== undefined && { body }) }, run);
  if (own) answer(response, own);
}

function standInOf({ standIns = {} }: GatewayRooms, { target = '' }: BackendCall): AwsService | undefined {
  return Object.hasOwn(standIns, target) ? standIns[target] : undefined;
}

/** `/_berth/<name>/…` is an admin call where there is a room of that name, else for a task. */
async function answerOwnPath(rooms: GatewayRooms, request: IncomingMessage, path: string) {
  const [, name = '', rest = ''] = /^\/_berth\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const room = rooms.admin && Object.hasOwn(rooms.admin, name) ? rooms.admin[name] : undefined;
  if (!room) return rooms.taskEndpoints(path, request.headers.authorization);
  return room({ method: request.method ?? 'GET', path: rest, body: await bodyOf(request) });
}

const single = (value: string | string[] | undefined) => (typeof value === 'string' ? value : undefined);

/** What a role may do depends on what its call names; S3 names it in the path and may send a lot. */
function isJudgedByBody({ headers }: IncomingMessage, { context, target }: BackendCall): boolean {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') ?? false;
  return context.roleArn !== undefined && (target !== undefined || isForm);
}

const isOverheard = (scope: CredentialScope | undefined) =>
  scope?.service === 'acm' || scope?.service === 'iam';

/** The body of a request, or its query where it has none: AWS Query can be asked by GET. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  if (request.method === 'GET') return splitUrl(request.url ?? '/')[1];
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST_BODY_BYTES)
      throw new AwsFault('RequestEntityTooLarge', 'The request is too large.', 413);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answer(response: ServerResponse, { status, headers, body }: AwsResponse): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}

function answerError(
  rooms: GatewayRooms,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
) {
  if (error instanceof ConnectionReset) return resetConnection(request);
  const known = error instanceof AwsFault;
  if (!known) rooms.onBug(`${request.method} ${request.url}`, error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const fault = known ? error : new AwsFault('InternalFailure', `The local AWS broke: ${String(error)}`, 500);
  const target = request.headers['x-amz-target'];
  const route: Route = routeOf({ method: 'POST', url: request.url ?? '/', headers: request.headers });
  const service = 'scope' in route ? route.scope?.service : undefined;
  answer(response, refusal(fault, { target: typeof target === 'string' ? target : undefined, service }));
}

/** Ends a connection without an answer: by RST over TCP, which a unix socket does not have. */
function resetConnection({ socket }: IncomingMessage): void {
  if (socket.remoteFamily === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

async function listenOnPort(listener: Listener, port: number): Promise<Server> {
  try {
    return await listenAt(listener, { port, host: '127.0.0.1' });
  } catch (error) {
    if (errorCodeOf(error) !== 'EADDRINUSE' || port === 0) throw error;
    return listenAt(listener, { port: 0, host: '127.0.0.1' });
  }
}

async function listenAt(
  listener: Listener,
  where: { port: number; host: string } | { path: string },
): Promise<Server> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, listener);
  server.listen(where);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server | undefined): number {
  const address: AddressInfo | string | null | undefined = server?.address();
  if (!address || typeof address === 'string') throw new Error('The gateway has no port.');
  return address.port;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
