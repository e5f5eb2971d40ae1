import { AsyncLocalStorage } from 'node:async_hooks';

/** What a piece of work is, for whoever looks at traces; names and attributes hold nothing personal. */
export interface SpanFacts {
  /** Of few values, such as `GET /orders/:id`. */
  readonly name: string;
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** By the names of OpenTelemetry's semantic conventions. */
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** A piece of work within a trace. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** What is sent along, so that work done elsewhere becomes part of the trace (W3C Trace Context). */
  readonly traceparent: string;
  child(facts: SpanFacts): Span;
  /** Ends it, with what became known meanwhile; with an error, as failed. */
  end(outcome?: { attributes?: SpanFacts['attributes']; error?: unknown }): void;
}

export interface Tracer {
  /** Begins a span below `parent`, a traceparent; in a trace of its own when that is missing or malformed. */
  begin(facts: SpanFacts, parent?: string): Span;
  /** Sends what has not been sent. */
  close(): Promise<void>;
}

const active = new AsyncLocalStorage<Span>();

/** Does work as part of a span: what it logs carries the trace, what it asks of others becomes a child. */
export function within<Result>(span: Span, work: () => Result): Result {
  return active.run(span, work);
}

/** The span that what runs now is part of. */
export function currentSpan(): Span | undefined {
  return active.getStore();
}

/** Runs work in a child of the current span, if there is one. */
export async function traced<Result>(
  facts: SpanFacts,
  work: (span: Span | undefined) => Promise<Result>,
): Promise<Result> {
  const span = currentSpan()?.child(facts);
  if (!span) return work(undefined);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end({ error });
    throw error;
  }
}

/** Makes the tracer that records nothing: traces are continued, or begun, only for the log and for who records. */
export function createPlainTracer(random: () => number): Tracer {
  return {
    begin: (_facts, parent) => plainSpan(readTraceparent(parent) ? String(parent) : newTraceparent(random)),
    close: async () => undefined,
  };
}

/** Its children are itself: who records none of them has no ids to give them. */
function plainSpan(traceparent: string): Span {
  const span: Span = {
    traceId: traceparent.slice(3, 35),
    traceparent,
    child: () => span,
    end: () => undefined,
  };
  return span;
}

/** Marked as recorded, which leaves to others whether they record it. */
function newTraceparent(random: () => number): string {
  const ids = Buffer.allocUnsafe(24);
  for (let at = 0; at < ids.length; at += 4) ids.writeUInt32BE(Math.floor(random() * 0xffff_ffff) + 1, at);
  return `00-${ids.toString('hex', 0, 16)}-${ids.toString('hex', 16)}-01`;
}

/** The parts of a traceparent; `undefined` for none or a malformed one. */
export function readTraceparent(
  text: string | undefined,
): { traceId: string; spanId: string; isRecorded: boolean } | undefined {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '');
  const [, traceId = '', spanId = '', flags = ''] = parts ?? [];
  if (!parts || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isRecorded: (Number.parseInt(flags, 16) & 1) === 1 };
}
