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

/** Pause between two looks at who stands in line, in milliseconds. */
const lookEveryMs = 10;
/** So many looks tell that a line does not end: one alone may have met the whole of a burst. */
const leastLooks = 5;
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

/** A line by itself, and the clock that times those who stand in it, in milliseconds. */
interface Line {
  readonly pass: PassLine;
  readonly now: () => number;
  /** When the one that is in line now came into it. */
  since?: number | undefined;
}

interface WatchedLine {
  /** Whether one that comes is taken, with so many in hand before it. */
  takes(inHand: number): boolean;
  /** One was answered, and so many are still in hand. */
  left(inHand: number): void;
  watch: WatchLine;
}

/**
 * What this thread has worked. Timed by it, a turn is as long as the work of those before: a host with too much to do, or
 * a task that has used up its share of a processor, holds up a turn too, and to refuse requests would end neither.
 */
function workedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Goes through one line and gives how long that took. */
async function stand(line: Line): Promise<number> {
  const since = line.now();
  line.since = since;
  // Nobody is served where none comes through; how long that took is what counts.
  await line.pass().catch(() => undefined);
  line.since = undefined;
  return line.now() - since;
}

/** Measures what has to be waited for, and holds the limit. */
function createLine(aboveMs: number): WatchedLine {
  const lines: Line[] = [{ pass: () => nextTurn(), now: workedMs }];
  let limit = calmLimit;
  let windowBeganAt = performance.now();
  let leastWaitMs: number | undefined;
  let looks = 0;
  let lookedAt = 0;
  let isMeasuring = false;
  let lastWaitMs = 0;

  async function measure(): Promise<void> {
    // The rest of this turn is the work of those that came with it; who must wait a whole turn more stands in line.
    await nextTurn();
    lastWaitMs = Math.max(...(await Promise.all(lines.map(stand))));
    leastWaitMs = Math.min(leastWaitMs ?? lastWaitMs, lastWaitMs);
    isMeasuring = false;
  }

  /** Puts somebody in line, or sees who still stands there. */
  function look(now: number): void {
    if (now - lookedAt < lookEveryMs) return;
    lookedAt = now;
    looks += 1;
    if (isMeasuring) return;
    isMeasuring = true;
    void measure();
  }

  /** One that is still in line has waited for so long at least. */
  const waitingFor = (): number =>
    Math.max(0, ...lines.map(({ now, since }) => (since === undefined ? 0 : now() - since)));

  /** Has a new window begin, unless too little was seen of a line in this one. */
  function decide(now: number, windows: number): void {
    const leastMs = leastWaitMs ?? waitingFor();
    if (leastMs > aboveMs && looks < leastLooks) return;
    limit = limitAfter(limit, { windows, leastWaitMs: leastMs }, aboveMs);
    windowBeganAt = now;
    leastWaitMs = undefined;
    looks = 0;
  }

  return {
    watch: (pass) => void lines.push({ pass, now: () => performance.now() }),
    takes(count) {
      const now = performance.now();
      const windows = Math.floor((now - windowBeganAt) / windowMs);
      if (windows > 0) decide(now, windows);
      look(now);
      // The usual case, for which no clock is read again.
      if (count < limit) return true;
      return isTaken({ inHand: count, limit, waitMs: Math.max(lastWaitMs, waitingFor()) }, aboveMs);
    },
    left(count) {
      // Looked at as a burst ends too: by its beginning alone it would look like a line that never does.
      if (count > 0) look(performance.now());
      else leastWaitMs = 0;
    },
  };
}
