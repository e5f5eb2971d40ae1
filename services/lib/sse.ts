import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Clock } from './clock.ts';
import { letGo } from './shedding.ts';

export interface StreamEvent {
  /** What the client sends as `Last-Event-ID` when it comes back; one line. */
  readonly id?: string;
  /** Kind of the event, one line; `message` if not given. */
  readonly event?: string;
  /** Text of any length and lines, JSON in most cases: who sends one event to many encodes it once. */
  readonly data: string;
}

/** Why a stream is over: the client went, it read too slowly, or the service ended it. */
export type StreamEnd = 'gone' | 'slow' | 'ended';

export interface EventStream {
  /** Sends one event; nothing once the stream is closed. A client that has 1 MiB unread is dropped. */
  send(event: StreamEvent): void;
  /** Aborts when the stream is over; its `reason` is a `StreamEnd`. */
  readonly closed: AbortSignal;
  /** Ends the stream in order; the client comes back by itself. */
  close(): void;
}

/** The answer of a route that opens one, for its schema. */
export const EventStreamAnswer = {
  description: 'Events, for as long as the connection is kept.',
  content: { 'text/event-stream': { schema: Type.String() } },
} as const;

const slowBytes = 1024 * 1024;
/** How long a client waits before it comes back, in milliseconds. */
const retryMs = 2_000;

/**
 * Makes the answer to a request a stream of server-sent events (HTML standard, section 9.2). From here on the reply is
 * this stream's alone: refuse what is to be refused before. A comment goes out every `heartbeatMs`, so that neither
 * side's idle time-out cuts a quiet stream. Must be closed when the service drains.
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { heartbeatMs, clock }: { heartbeatMs: number; clock: Clock },
): EventStream {
  const over = new AbortController();
  const end = (reason: StreamEnd) => over.abort(reason);
  const { raw } = reply.hijack();
  letGo(request.raw);
  const headers = {
    ...reply.getHeaders(),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // A proxy that buffers would hold events back.
    'x-accel-buffering': 'no',
  };
  raw.writeHead(200, headers as OutgoingHttpHeaders);
  for (const sign of ['close', 'error']) raw.on(sign, () => end('gone'));

  function write(text: string): void {
    if (over.signal.aborted) return;
    raw.write(text);
    if (raw.writableLength <= slowBytes) return;
    request.log.warn({ unread: raw.writableLength }, 'a reader was too slow and is dropped');
    end('slow');
    raw.destroy();
  }

  async function beat(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(heartbeatMs, over.signal).catch(() => undefined);
      write(':\n\n');
    }
  }

  write(`retry: ${retryMs}\n\n`);
  void beat();
  return {
    send({ id, event, data }) {
      const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
      write(`${head}data: ${data.replaceAll('\n', '\ndata: ')}\n\n`);
    },
    closed: over.signal,
    close() {
      if (over.signal.aborted) return;
      end('ended');
      raw.end();
    },
  };
}
