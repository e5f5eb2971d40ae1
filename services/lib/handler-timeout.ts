import type { FastifyReply } from 'fastify';
import type { App } from './app.ts';
import { Problem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How long the route may take until its answer begins, in milliseconds, where that is another time. */
    handlerTimeoutMs?: number;
  }
}

/**
 * Answers 503 for a handler whose answer has not begun after `timeoutMs`, counted from the head of the request. What
 * the handler does goes on, and its answer is dropped.
 *
 * Stands for Fastify's own `handlerTimeout`, which takes the end of a request's body for the end of its client: no
 * request with a body would be bounded, and each would cost an exception (fastify/fastify#6725).
 */
export function registerHandlerTimeout(app: App, timeoutMs: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    const timer = setTimeout(refuse, request.routeOptions.config.handlerTimeoutMs ?? timeoutMs, reply);
    reply.raw.once('close', () => clearTimeout(timer));
    done();
  });
}

function refuse(reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) return;
  const detail = 'The answer was not ready in time.';
  reply.send(new Problem('REQUEST_TOO_SLOW', detail, { retryAfterSeconds: 5 }));
}
