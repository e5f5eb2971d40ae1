import type { TimedSource } from '../ecs/engine/engine.ts';
import { PERIOD_MS } from './engine/evaluate-target.ts';
import {
  type Datapoint,
  type MetricPlace,
  type MetricSource,
  type MetricStat,
  metricKey,
} from './engine/metrics.ts';

/** What a metric says: a number, or a function that is asked at the end of each period; `undefined` is no data. */
export type Gauge = number | (() => number | undefined);

/** Metrics of virtual time, which tests set. */
export interface ScriptedMetrics extends MetricSource, TimedSource {
  /** Lets a metric say something from now on; `undefined` makes it silent. */
  set(place: MetricPlace, stat: MetricStat, gauge: Gauge | undefined): void;
}

/** CloudWatch keeps more; no alarm looks back further. */
const KEPT_POINTS = 60;

/** Makes metrics that are sampled at the end of every period. */
export function createScriptedMetrics(startsAt: number, timeScale = 1): ScriptedMetrics {
  const periodMs = PERIOD_MS * timeScale;
  const gauges = new Map<string, Gauge>();
  const points = new Map<string, Datapoint[]>();
  let now = startsAt;

  function sample(at: number): void {
    for (const [key, gauge] of gauges) {
      const value = typeof gauge === 'function' ? gauge() : gauge;
      if (value === undefined) continue;
      points.set(key, [...(points.get(key) ?? []).slice(1 - KEPT_POINTS), { at, value }]);
    }
  }
  const nextPeriod = () => (Math.floor(now / periodMs) + 1) * periodMs;

  return {
    set(place, stat, gauge) {
      const key = metricKey(place, stat);
      if (gauge === undefined) gauges.delete(key);
      else gauges.set(key, gauge);
    },
    read: (place, stat, { from, to }) =>
      (points.get(metricKey(place, stat)) ?? []).filter(({ at }) => at > from && at <= to),
    nextDueAt: () => (gauges.size > 0 ? nextPeriod() : undefined),
    advance(to) {
      for (let at = nextPeriod(); at <= to; at = nextPeriod()) {
        now = at;
        sample(at);
      }
      now = Math.max(now, to);
    },
  };
}
