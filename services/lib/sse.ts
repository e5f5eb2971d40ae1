import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from './clock.ts';

/** One event of a stream; `data` may have several lines. */
export interface StreamEvent {
  readonly id?: string;
  readonly event?: string;
  readonly data: string;
}

/** An open answer of type `text/event-stream`. */
export interface EventStream {
  /** Writes an event. A client with more than 1 MiB unread is cut off: it would hold memory for all the others. */
  send(event: StreamEvent): void;
  /** Aborts once the stream has ended; the reason is `slow` for a client that was cut off, otherwise `ended`. */
  readonly closed: AbortSignal;
  close(): void;
}

const unreadLimitBytes = 1024 * 1024;

/**
 * Answers with server-sent events (WHATWG HTML, section 9.2). Headers that hooks have set are kept. A comment is sent
 * every `heartbeatMs`, so that nothing on the way takes the silence for an end.
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  options: { heartbeatMs: number; clock: Clock },
): EventStream {
  const { heartbeatMs, clock } = options;
  const closed = new AbortController();
  const out = reply.raw;
  // A handler's time-out ends here: the stream is the answer, for as long as the client wants it.
  reply.hijack();

  function end(reason: 'slow' | 'ended'): void {
    if (closed.signal.aborted) return;
    closed.abort(reason);
    if (reason === 'slow') out.destroy();
    else out.end();
  }

  function write(text: string): void {
    if (closed.signal.aborted) return;
    out.write(text);
    if (out.writableLength > unreadLimitBytes) end('slow');
  }

  async function beat(): Promise<void> {
    while (!closed.signal.aborted) {
      await clock.sleep(heartbeatMs, closed.signal);
      write(':\n\n');
    }
  }

  out.on('close', () => end('ended')).on('error', () => end('ended'));
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) out.setHeader(name, value);
  }
  out.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  // Sends the headers at once, so that the client knows it is connected.
  write(':\n\n');
  beat().catch(() => request.log.trace('event stream ended'));
  return { send: (event) => write(render(event)), closed: closed.signal, close: () => end('ended') };
}

function render({ id, event, data }: StreamEvent): string {
  const head = `${id === undefined ? '' : `id: ${id}\n`}${event === undefined ? '' : `event: ${event}\n`}`;
  return `${head}data: ${data.replaceAll('\n', '\ndata: ')}\n\n`;
}
