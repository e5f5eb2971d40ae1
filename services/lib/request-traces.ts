import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { type App, isQuiet } from './app.ts';
import { type Span, type Tracer, within } from './trace.ts';

const spans = new WeakMap<FastifyRequest, Span>();

/**
 * Makes each request a span, in the trace that its `traceparent` names, else in that of the load balancer, and lets
 * everything done for it run within. The header becomes that of the span: who passes it on, or tells an event with it,
 * names this request as the cause. Machines' routes are left out.
 */
export function registerTraces(app: App, tracer: Tracer): void {
  app.addHook('onRequest', (request, reply, done) => {
    if (isQuiet(request)) return done();
    const { method, headers } = request;
    const route = request.routeOptions.url ?? 'unknown';
    const attributes = { 'http.request.method': method, 'http.route': route };
    const span = tracer.begin({ name: `${method} ${route}`, kind: 'server', attributes }, parentOf(headers));
    spans.set(request, span);
    headers.traceparent = span.traceparent;
    reply.raw.once('close', () => {
      const { statusCode } = reply.raw;
      const failed = statusCode >= 500 ? { error: new Error('5xx') } : {};
      span.end({ attributes: { 'http.response.status_code': statusCode }, ...failed });
    });
    within(span, done);
  });
}

/** Does something as part of a request's span. */
export function withinRequest<Result>(request: FastifyRequest, work: () => Result): Result {
  const span = spans.get(request);
  return span ? within(span, work) : work();
}

function parentOf({ traceparent, 'x-amzn-trace-id': amazon }: IncomingHttpHeaders): string | undefined {
  if (typeof traceparent === 'string') return traceparent;
  const [, time, rest] = /Root=1-([0-9a-f]{8})-([0-9a-f]{24})/.exec(String(amazon)) ?? [];
  // The load balancer has no span of its own: the end of its id stands for it.
  return rest === undefined ? undefined : `00-${time}${rest}-${rest.slice(8)}-01`;
}
