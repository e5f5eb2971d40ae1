import type { FastifyRequest } from 'fastify';
import type { Principal } from '../lib/principal.ts';
import { Problem, type ProblemCode, problems } from '../lib/problem.ts';
import type { Passage } from './passage.ts';
import type { UpstreamsOf } from './upstream.ts';

/** Who is asked. */
export type AskedName = 'identity' | 'order' | 'driver' | 'dispatch' | 'tracking';

/** Reads from the services on behalf of a request. */
export interface Asker {
  /**
   * Gives the JSON of a path, asked as `principal`. Throws the service's own problem, UPSTREAM_UNAVAILABLE when there
   * is none, and REQUEST_TOO_SLOW when it takes longer than `timeoutMs`.
   */
  read(
    to: AskedName,
    path: string,
    as: { request: FastifyRequest; principal: Principal; timeoutMs: number },
  ): Promise<unknown>;
}

/** Of the client's headers, those that tell one request from another in logs and traces. */
const traceHeaders = ['traceparent', 'tracestate', 'x-amzn-trace-id'];

export function createAsker(deps: { upstreams: UpstreamsOf<AskedName>; passage: Passage }): Asker {
  return {
    async read(to, path, { request, principal, timeoutMs }) {
      const signal = AbortSignal.timeout(timeoutMs);
      const forwarded = deps.passage.headersFor(request, await deps.passage.sign(principal));
      const headers = Object.fromEntries(
        Object.entries(forwarded).filter(([name]) => name.startsWith('x-') || traceHeaders.includes(name)),
      );
      try {
        const answer = await deps.upstreams[to].send({ method: 'GET', path, headers, signal });
        const body = await answer.body.json();
        if (answer.statusCode < 300) return body;
        throw toProblem(to, body);
      } catch (error) {
        if (error instanceof Problem) throw error;
        if (signal.aborted) {
          throw new Problem('REQUEST_TOO_SLOW', `The service ${to} took too long.`, { cause: error });
        }
        throw new Problem('UPSTREAM_UNAVAILABLE', `The service ${to} gave no answer we understand.`, {
          retryAfterSeconds: 5,
          cause: error,
        });
      }
    },
  };
}

function toProblem(to: AskedName, body: unknown): Problem {
  const { code, detail } = body as { code?: string; detail?: string };
  if (code !== undefined && Object.hasOwn(problems, code)) {
    return new Problem(code as ProblemCode, detail ?? `The service ${to} refused.`);
  }
  return new Problem('UPSTREAM_UNAVAILABLE', `The service ${to} failed.`, { retryAfterSeconds: 5 });
}
