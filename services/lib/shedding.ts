import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Counter, type Registry } from 'prom-client';
import { calmLimit, isTaken, limitAfter, windowMs } from './load-limit.ts';
import { Problem, renderProblem } from './problem.ts';

/** Goes through a line as a request does: resolves or rejects when its turn has come. */
export type PassLine = () => Promise<unknown>;

/** Has another line count beside that for the event loop: the longest wait is what matters. */
export type WatchLine = (pass: PassLine) => void;

/** Pause between two measurements, in milliseconds. */
const measureEveryMs = 10;
/** One answer for all: what it costs to refuse is what those that are taken have to wait for. */
const refusal = JSON.stringify(renderProblem(new Problem('OVERLOADED', 'Too much to do at the moment.')));
const refusalHeaders = {
  'content-type': 'application/problem+json',
  'content-length': refusal.length,
  'retry-after': '1',
};
const inHand = new WeakMap<IncomingMessage, () => void>();

/** What stands before the handler of a server. */
export interface Shedding {
  guard(handler: RequestListener): RequestListener;
  watchLine: WatchLine;
}

/**
 * Refuses requests with 503 and Retry-After while work stands in line, so that those in hand are answered in time: before
 * anything but their head is read, and never those of `quietPaths`, which machines ask about our health. `aboveMs` is the
 * wait that counts as standing in line. Waits are measured only while requests arrive or are answered; where none is in hand,
 * nobody waits. A WebSocket is no request here: it does not come to a server's handler.
 */
export function createShedding(settings: {
  aboveMs: number;
  registry: Registry;
  quietPaths: ReadonlySet<string | undefined>;
}): Shedding {
  const { aboveMs, registry, quietPaths } = settings;
  const shed = new Counter({
    name: 'http_requests_shed_total',
    help: 'Requests refused because work stood in line.',
    registers: [registry],
  });
  const line = createLine(aboveMs);
  let count = 0;
  return {
    watchLine: line.watch,
    guard: (handler) => (request, response) => {
      if (quietPaths.has(request.url)) return handler(request, response);
      if (!line.takes(count)) {
        shed.inc();
        refuse(response);
        return;
      }
      count += 1;
      inHand.set(request, () => {
        count -= 1;
        line.left(count);
      });
      response.once('close', () => letGo(request));
      handler(request, response);
    },
  };
}

/** Says that the answer to a request has begun: it is no longer in hand, however long it goes on. */
export function letGo(request: IncomingMessage): void {
  inHand.get(request)?.();
  inHand.delete(request);
}

/** Node reads away what comes of the body. */
function refuse(response: ServerResponse): void {
  response.writeHead(503, refusalHeaders);
  response.end(refusal);
}

interface WatchedLine {
  /** Whether one that comes is taken, with so many in hand before it. */
  takes(inHand: number): boolean;
  /** One was answered, and so many are still in hand. */
  left(inHand: number): void;
  watch: WatchLine;
}

/** Measures what has to be waited for, and holds the limit. */
function createLine(aboveMs: number): WatchedLine {
  const passes: PassLine[] = [() => nextTurn()];
  let limit = calmLimit;
  let windowBeganAt = performance.now();
  let leastWaitMs: number | undefined;
  /** When the last measurement was begun, and since when it waits in line. */
  let measuredAt = 0;
  let inLineSince: number | undefined;
  let isMeasuring = false;
  let lastWaitMs = 0;

  async function measure(): Promise<void> {
    // The rest of this turn is the work of those that came with it; who must wait a whole turn more stands in line.
    await nextTurn();
    inLineSince = performance.now();
    await Promise.allSettled(passes.map((pass) => pass()));
    lastWaitMs = performance.now() - inLineSince;
    leastWaitMs = Math.min(leastWaitMs ?? lastWaitMs, lastWaitMs);
    inLineSince = undefined;
    isMeasuring = false;
  }

  function measureNowAndThen(now: number): void {
    if (isMeasuring || now - measuredAt < measureEveryMs) return;
    isMeasuring = true;
    measuredAt = now;
    void measure();
  }

  /** One that is still in line has waited for so long at least. */
  const waitingFor = (now: number): number => (inLineSince === undefined ? 0 : now - inLineSince);

  return {
    watch: (pass) => void passes.push(pass),
    takes(count) {
      const now = performance.now();
      const windows = Math.floor((now - windowBeganAt) / windowMs);
      if (windows > 0) {
        limit = limitAfter(limit, { windows, leastWaitMs: leastWaitMs ?? waitingFor(now) }, aboveMs);
        windowBeganAt = now;
        leastWaitMs = undefined;
      }
      measureNowAndThen(now);
      const waitMs = Math.max(lastWaitMs, waitingFor(now));
      return isTaken({ inHand: count, limit, waitMs }, aboveMs);
    },
    left(count) {
      // Measured as a burst ends too: by its beginning alone it would look like a line that never does.
      if (count > 0) measureNowAndThen(performance.now());
      else leastWaitMs = 0;
    },
  };
}
