import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel';
import type { Logger } from 'pino';
import { Type } from 'typebox';
import Value from 'typebox/value';
import { metresBetween, type Position } from './position.ts';

/** Says how long drivers need to a pickup. */
export interface RouteEstimator {
  /** Seconds from each place, in their order; infinite where there is no way. Never rejects. */
  estimate(from: readonly Position[], to: Position): Promise<number[]>;
}

/** What traffic in a town makes of the straight line: 30 km/h. */
const straightMetresPerSecond = 30 / 3.6;
const timeoutMs = 1_000;
const halfOpenAfterMs = 10_000;

const TableSchema = Type.Object({
  code: Type.Literal('Ok'),
  durations: Type.Array(Type.Array(Type.Union([Type.Number(), Type.Null()]), { minItems: 1 })),
});

/** Seconds by the straight line. */
export function straightSeconds(from: readonly Position[], to: Position): number[] {
  return from.map((place) => metresBetween(place, to) / straightMetresPerSecond);
}

/**
 * Road times of an OSRM server, by its table service; straight lines while it is away, in the same unit, so that one
 * matching may hold both. Asked again ten seconds after five failures in a row.
 *
 * Source: OSRM API, "Table service" (read 2026-11): `sources` and `destinations` are indices of the coordinates, the
 * durations have a row a source, and null means that there is no way.
 */
export function createOsrmEstimator(deps: { url: string; log: Logger }): RouteEstimator {
  const breaker: CircuitBreakerPolicy = circuitBreaker(handleAll, {
    breaker: new ConsecutiveBreaker(5),
    halfOpenAfter: halfOpenAfterMs,
  });
  breaker.onBreak(() => deps.log.warn('OSRM does not answer; straight lines decide'));
  const guarded = wrap(breaker, timeout(timeoutMs, TimeoutStrategy.Aggressive));

  async function ask(from: readonly Position[], to: Position, signal: AbortSignal): Promise<number[]> {
    const places = [...from, to].map(({ lat, lon }) => `${lon},${lat}`).join(';');
    const sources = [...from.keys()].join(';');
    const url = `${deps.url}/table/v1/driving/${places}?sources=${sources}&destinations=${from.length}`;
    const response = await fetch(url, { signal });
    const table: unknown = await response.json();
    if (!Value.Check(TableSchema, table) || table.durations.length !== from.length) {
      throw new Error(`OSRM answered ${response.status} without a table of ${from.length} durations.`);
    }
    return table.durations.map(([seconds]) => seconds ?? Number.POSITIVE_INFINITY);
  }

  return {
    estimate: (from, to) =>
      guarded.execute(({ signal }) => ask(from, to, signal)).catch(() => straightSeconds(from, to)),
  };
}
