import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import replyFrom, { type FastifyReplyFromOptions } from '@fastify/reply-from';
import type { FastifyReply, FastifyRequest, HTTPMethods, onRequestAsyncHookHandler } from 'fastify';
import type { Dispatcher } from 'undici';
import { type App, bodyLimitBytes } from '../lib/app.ts';
import { Problem } from '../lib/problem.ts';
import { limitBody, tooLarge } from './body-limit.ts';
import { forwardResponseHeaders } from './forwarding.ts';
import type { Passage } from './passage.ts';
import { isOpen, type Proxied, proxied, type UpstreamName } from './proxied.ts';
import type { Upstream, UpstreamRequest, UpstreamsOf } from './upstream.ts';

export interface ProxyParts {
  upstreams: UpstreamsOf<UpstreamName>;
  passage: Passage;
  /** Recognises who asks, and refuses who may not. */
  admit: (proxied: Proxied) => onRequestAsyncHookHandler;
}

/** Aborts when the client of the request that is being passed on has left; absent where that changes nothing. */
const leaving = new AsyncLocalStorage<AbortSignal | undefined>();

const methods: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** As nginx counts it. */
const clientLeft = 499;
/** What bounds a request that is passed on are the times of the upstream and of the client that sends it. */
const handlerTimeoutMs = 24 * 60 * 60 * 1000;

/** Registers the routes that are passed on. The result ends the event streams that are passing through. */
export async function registerProxy(app: App, parts: ProxyParts): Promise<{ endStreams: () => void }> {
  const streams = new Set<() => void>();
  for (const upstream of Object.values(parts.upstreams)) {
    // A scope for each: reply-from keeps one upstream in each.
    await app.register(async (scope) => {
      await scope.register(replyFrom, {
        base: upstream.url,
        undici: requester(upstream),
        disableRequestLogging: true,
      });
      // Bodies go through as they come; what is in them is the service's business.
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (_request, body, done) => done(null, limitBody(body)));
      // What nobody has read by then is let go, or the connection would wait for it: Node does that only for a body
      // that nobody has begun to read.
      scope.addHook('onResponse', async ({ raw }) => void raw.unpipe().resume());
      for (const one of proxied.filter(({ to }) => to === upstream.name)) {
        for (const url of [one.prefix, `${one.prefix}/*`]) {
          scope.route({
            method: methods,
            url,
            exposeHeadRoute: false,
            config: { handlerTimeoutMs },
            schema: { hide: true },
            onRequest: parts.admit(one),
            handler: (request, reply) => pass(request, reply),
          });
        }
      }
    });
  }

  async function pass(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    if (Number(request.headers['content-length'] ?? 0) > bodyLimitBytes) throw tooLarge();
    const { principal } = request;
    const identity = principal && (await parts.passage.sign(principal));
    const left = isReading(request) ? leftBy(reply) : undefined;
    return leaving.run(left, () =>
      reply.from(undefined, {
        rewriteRequestHeaders: () => parts.passage.headersFor(request, identity),
        rewriteHeaders: (headers) => forwardResponseHeaders(headers as IncomingHttpHeaders),
        // Retries are the upstream's, within its budget; reply-from would ask ten times after a 503.
        retryDelay: () => null,
        // Nobody hears the answer to a client that has left; it only ends the request.
        onError: (_reply, { error }) =>
          left?.aborted ? reply.code(clientLeft).send() : reply.send(error.cause ?? error),
        onResponse: (_request, _reply, { stream }) => {
          const hasNoEnd = String(reply.getHeader('content-type')).startsWith('text/event-stream');
          return reply.send(hasNoEnd ? endable(stream) : stream);
        },
      }),
    );
  }

  /** Makes a stream that has no end of its own one that we can end. */
  function endable(source: Readable): Readable {
    const passing = new PassThrough();
    const end = () => {
      source.destroy();
      passing.end();
    };
    streams.add(end);
    passing.once('close', () => {
      streams.delete(end);
      source.destroy();
    });
    source.once('error', end).pipe(passing);
    return passing;
  }

  const endStreams = () => {
    for (const end of streams) end();
  };
  app.addHook('preClose', async () => endStreams());
  return { endStreams };
}

/** Of what only reads, nothing is lost when it is not done to its end. */
function isReading({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Aborts when the connection of an answer ends, having been given in whole or not. */
function leftBy({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController();
  raw.once('close', () => left.abort());
  return left.signal;
}

/** Refuses a path that would be another one at the service, such as `/orders/../metrics`. */
function readPath(request: FastifyRequest): URL {
  const [path = ''] = request.url.split('?', 1);
  const url = new URL(request.url, 'http://gateway');
  if (url.pathname !== path)
    throw new Problem('REQUEST_INVALID', 'Write the path without dots and backslashes.');
  return url;
}

/** Says whether a request needs no token here. */
export function isOpenRequest(request: FastifyRequest): boolean {
  return isOpen(request.method, readPath(request));
}

/** Has reply-from send by the upstream, with its breaker and retries. */
function requester(upstream: Upstream): FastifyReplyFromOptions['undici'] {
  type Done = (error: unknown, answer?: Dispatcher.ResponseData) => void;
  const request = (options: UpstreamRequest, done: Done) => {
    // An empty text stands for no body.
    const body = options.body === '' ? null : options.body;
    const { method, path, headers } = options;
    const signal = leaving.getStore();
    upstream.send({ method, path, headers, body, ...(signal && { signal }) }).then(
      (answer) => done(null, answer),
      (error: unknown) => done(error),
    );
  };
  // Its types are of the undici it brings along, ours of the one that sends; at this point both are the same call.
  return { request } as unknown as FastifyReplyFromOptions['undici'];
}
