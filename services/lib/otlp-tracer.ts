import {
  type Span as RecordedSpan,
  ROOT_CONTEXT,
  SpanKind,
  type Tracer as SpanMaker,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { readTraceparent, type Span, type SpanFacts, type Tracer } from './trace.ts';

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
} as const;

/**
 * Makes the tracer that sends spans to a collector as OTLP over HTTP, in batches, at `<endpoint>/v1/traces`. What a
 * caller marked as not recorded is not recorded here either. A collector that is away costs spans, nothing else.
 */
export function createOtlpTracer(options: { service: string; version: string; endpoint: string }): Tracer {
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`;
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.version': options.version,
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  });
  const maker = provider.getTracer('berth');
  return {
    begin(facts, parent) {
      const known = readTraceparent(parent);
      const context = known && {
        traceId: known.traceId,
        spanId: known.spanId,
        traceFlags: known.isRecorded ? TraceFlags.SAMPLED : TraceFlags.NONE,
        isRemote: true,
      };
      return spanOf(maker, facts, context ? trace.setSpanContext(ROOT_CONTEXT, context) : ROOT_CONTEXT);
    },
    close: () => provider.shutdown(),
  };
}

function spanOf(maker: SpanMaker, facts: SpanFacts, parent: typeof ROOT_CONTEXT): Span {
  const { name, kind, attributes = {} } = facts;
  const recorded: RecordedSpan = maker.startSpan(name, { kind: kinds[kind], attributes }, parent);
  const { traceId, spanId, traceFlags } = recorded.spanContext();
  return {
    traceId,
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    child: (below) => spanOf(maker, below, trace.setSpan(ROOT_CONTEXT, recorded)),
    end({ attributes: known = {}, error } = {}) {
      recorded.setAttributes(known);
      // Its kind alone: a message may hold what must not leave the service.
      if (error !== undefined) {
        recorded.setAttribute('error.type', error instanceof Error ? error.name : 'unknown');
        recorded.setStatus({ code: SpanStatusCode.ERROR });
      }
      recorded.end();
    },
  };
}
