import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Bus } from '../lib/bus.ts';
import type { Clock } from '../lib/clock.ts';
import { type EventStream, openEventStream } from '../lib/sse.ts';
import type { Update } from './timeline.ts';

/** Who looks at a timeline may see part of it: gives the update as they see it, or `undefined`. */
export type View = (update: Update) => Update | undefined;

export interface Watching {
  readonly orderId: string;
  /** Only what happened after the update of that id; `0` for everything. */
  readonly after: string;
  readonly view: View;
  /** The stream ends then at the latest, in epoch milliseconds; the client comes back with a fresh token. */
  readonly until: number;
}

/** Timelines as streams of server-sent events. */
export interface TimelineStreams {
  /** Answers with a stream. Rejects, with nothing sent yet, when the timeline cannot be read. */
  open(request: FastifyRequest, reply: FastifyReply, watching: Watching): Promise<void>;
  /** Ends every stream, and each new one after what there is: its client comes back to another instance. */
  drain(): void;
}

/** No stream lives longer: whoever may not look any more is gone then. */
const lifeMs = 15 * 60_000;

/**
 * Updates come from PostgreSQL, in the order of their ids, so that nothing is missed between two instances: a live
 * message only says that there may be some. While none arrive (NATS is away) each heartbeat looks. Positions come
 * from the live messages, and a lost one is made up for by the next.
 */
export function createTimelineStreams(deps: {
  read: (orderId: string, after: string) => Promise<Update[]>;
  bus: Bus;
  clock: Clock;
  log: Logger;
  heartbeatMs: number;
}): TimelineStreams {
  const { read, bus, clock, log, heartbeatMs } = deps;
  const streams = new Set<EventStream>();
  let isDraining = false;

  async function open(request: FastifyRequest, reply: FastifyReply, watching: Watching): Promise<void> {
    const { orderId, view, until } = watching;
    let { after } = watching;
    const first = await read(orderId, after);
    const stream = openEventStream(request, reply, { heartbeatMs, clock });
    streams.add(stream);
    let isLooking = false;
    let isStale = false;

    function send(updates: readonly Update[]): void {
      for (const update of updates) {
        after = update.id;
        const seen = view(update);
        if (seen) stream.send({ id: update.id, event: 'update', data: JSON.stringify(seen) });
      }
    }

    /** One reading at a time; what is told during one is seen by another after it. */
    function look(): void {
      isStale = true;
      if (!isLooking) void lookAgain();
    }

    async function lookAgain(): Promise<void> {
      isLooking = true;
      while (isStale && !stream.closed.aborted) {
        isStale = false;
        send(
          await read(orderId, after).catch((error: unknown) => {
            log.warn({ err: error }, 'timeline not read; the next heartbeat looks again');
            return [];
          }),
        );
      }
      isLooking = false;
    }

    send(first);
    const stopListening = bus.listenLive(`live.order.${orderId}`, (_topic, text) => {
      const message = JSON.parse(text) as { type?: unknown; point?: unknown; at?: unknown };
      if (message.type !== 'position') look();
      else stream.send({ event: 'position', data: JSON.stringify({ point: message.point, at: message.at }) });
    });
    stream.closed.addEventListener('abort', () => {
      stopListening();
      streams.delete(stream);
    });
    if (isDraining) stream.close();
    // What was written between the reading and the listening.
    look();
    const end = Math.min(until, clock.now() + lifeMs);
    while (!stream.closed.aborted && clock.now() < end) {
      await clock.sleep(Math.min(heartbeatMs, end - clock.now()), stream.closed).catch(() => undefined);
      look();
    }
    stream.close();
  }

  return {
    open,
    drain() {
      isDraining = true;
      for (const stream of streams) stream.close();
    },
  };
}
