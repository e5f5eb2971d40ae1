import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import {
  bulkhead,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  isBrokenCircuitError,
  isBulkheadRejectedError,
  retry,
  wrap,
} from 'cockatiel';
import { type Dispatcher, Pool } from 'undici';
import { Problem } from '../lib/problem.ts';
import { type Span, traced } from '../lib/trace.ts';
import { createRetryBudget } from './retry-budget.ts';

export type UpstreamRequest = Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'body' | 'signal'> & {
  headers: IncomingHttpHeaders;
};

/** One service behind the gateway, with its connections. */
export interface Upstream {
  readonly name: string;
  /** Its base, such as `http://order:3001`. */
  readonly url: string;
  /**
   * Sends a request and gives the answer once it begins, whatever its status. Throws UPSTREAM_UNAVAILABLE when the
   * service does not answer, and OVERLOADED when too many requests wait for it.
   */
  send(request: UpstreamRequest): Promise<Dispatcher.ResponseData>;
  /** Says whether requests are refused at once because the service has not been answering. */
  isBroken(): boolean;
  close(): Promise<void>;
}

export type UpstreamsOf<Name extends string> = Readonly<Record<Name, Upstream>>;

/** Requests that wait for one service at once, and as many more that wait for their turn. */
const inFlight = 64;
const connectTimeoutMs = 1_000;
/** A stream that says nothing for this long is dead; ours send something every 15 s. */
const bodyTimeoutMs = 60_000;
/** Half of the last twenty requests without an answer, at least five, break the circuit; it is tried again after: */
const breaker = { size: 20, threshold: 0.5, minimumNumberOfCalls: 5 };
const restMs = 5_000;

/** Methods that change nothing, so that sending them twice does no harm. */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

function createUpstream(options: { name: string; url: string; timeoutMs: number }): Upstream {
  const { name, url, timeoutMs } = options;
  const pool = new Pool(url, {
    // No limit: a stream holds its connection for as long as somebody reads. The bulkhead limits who waits.
    connections: null,
    headersTimeout: timeoutMs,
    bodyTimeout: bodyTimeoutMs,
    connect: { timeout: Math.min(connectTimeoutMs, timeoutMs) },
  });
  const budget = createRetryBudget();
  const circuit = circuitBreaker(handleWhen(isUnanswered), {
    halfOpenAfter: restMs,
    breaker: new CountBreaker(breaker),
  });
  const guarded = wrap(circuit, bulkhead(inFlight, inFlight));
  const again = retry(handleWhen(isUnanswered), {
    maxAttempts: 1,
    backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 200 }),
  });

  async function once(request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    const attributes = { 'http.request.method': request.method, 'peer.service': name };
    return traced({ name: `${request.method} ${name}`, kind: 'client', attributes }, (span) =>
      guarded.execute(() =>
        pool
          .request(span ? { ...request, headers: withTrace(request, span) } : request)
          .catch((error: unknown) => {
            throw wasCutByClient(request) ? error : new UnansweredError(error);
          }),
      ),
    );
  }

  async function atMostTwice(request: UpstreamRequest): Promise<Dispatcher.ResponseData> {
    let last: unknown;
    return again.execute(async ({ attempt }) => {
      if (attempt > 0 && !budget.tryTake()) throw last;
      try {
        return await once(request);
      } catch (error) {
        last = error;
        throw error;
      }
    });
  }

  return {
    name,
    url,
    async send(request) {
      budget.deposit();
      const isRepeatable = repeatable.has(request.method) && !(request.body instanceof Readable);
      try {
        return await (isRepeatable ? atMostTwice(request) : once(request));
      } catch (error) {
        throw toUpstreamProblem(name, error);
      }
    },
    isBroken: () => circuit.state === CircuitState.Open,
    close: () => pool.destroy(),
  };
}

/** Opens services by the URLs of their names. Connects on first use. */
export function openUpstreams<Name extends string>(
  urls: Readonly<Record<Name, string>>,
  timeoutMs: number,
): UpstreamsOf<Name> {
  const opened = Object.entries<string>(urls).map(
    ([name, url]) => [name, createUpstream({ name, url, timeoutMs })] as const,
  );
  return Object.fromEntries(opened) as UpstreamsOf<Name>;
}

function withTrace({ headers }: UpstreamRequest, { traceparent }: Span): IncomingHttpHeaders {
  return { ...headers, traceparent };
}

/** The service gave no answer: away, cut off or too slow. */
class UnansweredError extends Error {
  constructor(cause: unknown) {
    super('no answer', { cause });
  }
}

function isUnanswered(error: unknown): boolean {
  return error instanceof UnansweredError;
}

/** Who stops sending or waiting is no fault of the service. */
function wasCutByClient({ body, signal }: UpstreamRequest): boolean {
  const isAborted = signal instanceof AbortSignal && signal.aborted;
  return isAborted || (body instanceof Readable && body.errored !== null);
}

function toUpstreamProblem(name: string, error: unknown): unknown {
  const extras = { retryAfterSeconds: restMs / 1000, cause: error };
  if (isBulkheadRejectedError(error)) {
    return new Problem('OVERLOADED', `Too many requests wait for ${name}.`, extras);
  }
  if (isUnanswered(error) || isBrokenCircuitError(error)) {
    return new Problem('UPSTREAM_UNAVAILABLE', `The service ${name} does not answer.`, extras);
  }
  return error;
}
