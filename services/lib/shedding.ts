import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Counter, type Registry } from 'prom-client';
import { type App, isQuiet } from './app.ts';
import { calmLimit, isTaken, limitAfter, windowMs } from './load-limit.ts';
import { Problem, renderProblem } from './problem.ts';

/** Goes through a line as a request does: resolves or rejects when its turn has come. */
export type PassLine = () => Promise<unknown>;

/** Has another line count beside that for the event loop: the longest wait is what matters. */
export type WatchLine = (pass: PassLine) => void;

const retryAfterSeconds = 1;
/** Pause between two measurements, in milliseconds. */
const measureEveryMs = 5;
const inHand = new WeakMap<FastifyRequest, () => void>();

/**
 * Refuses requests with 503 and Retry-After while work stands in line, so that those in hand are answered in time: before
 * anything but their head is read, in every scope, and never those that machines ask about our health. `aboveMs` is the
 * wait that counts as standing in line. Waits are measured only while requests arrive.
 */
export function registerShedding(
  app: App,
  { aboveMs, registry }: { aboveMs: number; registry: Registry },
): WatchLine {
  const shed = new Counter({
    name: 'http_requests_shed_total',
    help: 'Requests refused because work stood in line.',
    registers: [registry],
  });
  const line = createLine(aboveMs);
  let count = 0;
  app.addHook('onRequest', (request, reply, done) => {
    if (isQuiet(request)) return done();
    if (!line.takes(count)) {
      shed.inc();
      refuse(request, reply);
      return;
    }
    // A WebSocket is a request that ends with its connection.
    if (request.headers.upgrade === undefined) {
      count += 1;
      inHand.set(request, () => {
        count -= 1;
      });
    }
    done();
  });
  return line.watch;
}

/** Says that the answer to a request has begun: it is no longer in hand, however long it goes on. */
export function letGo(request: FastifyRequest): void {
  inHand.get(request)?.();
  inHand.delete(request);
}

function refuse(request: FastifyRequest, reply: FastifyReply): void {
  const problem = new Problem('OVERLOADED', 'Too much to do at the moment.');
  reply
    .code(problem.status)
    .header('retry-after', retryAfterSeconds)
    .type('application/problem+json')
    .send(JSON.stringify(renderProblem(problem, request.id)));
}

/** Measures what has to be waited for, and holds the limit. */
function createLine(aboveMs: number): { takes(inHand: number): boolean; watch: WatchLine } {
  const passes: PassLine[] = [() => nextTurn()];
  let limit = calmLimit;
  let windowBeganAt = performance.now();
  let leastWaitMs: number | undefined;
  let measuredAt = 0;
  let isMeasuring = false;
  let lastWaitMs = 0;

  function measure(now: number): void {
    if (isMeasuring || now - measuredAt < measureEveryMs) return;
    isMeasuring = true;
    measuredAt = now;
    void Promise.allSettled(passes.map((pass) => pass())).then(() => {
      isMeasuring = false;
      lastWaitMs = performance.now() - measuredAt;
      leastWaitMs = Math.min(leastWaitMs ?? lastWaitMs, lastWaitMs);
    });
  }

  /** One that is still in line has waited for so long at least. */
  function waitingFor(now: number): number {
    return isMeasuring ? now - measuredAt : 0;
  }

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
      measure(now);
      const waitMs = Math.max(lastWaitMs, waitingFor(now));
      return isTaken({ inHand: count, limit, waitMs }, aboveMs);
    },
  };
}
