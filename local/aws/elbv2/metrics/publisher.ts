import type { RegionRecord } from '../records.ts';
import type { Timer } from '../timer.ts';
import type { MetricSink } from './metric-datum.ts';
import type { RequestCounts } from './request-counts.ts';

const PERIOD_MS = 60_000;

export interface PublisherOptions {
  now(): number;
  timer: Timer;
  /** Multiplies the period of one minute. */
  timeScale: number;
  counts: RequestCounts;
  regions(): Iterable<RegionRecord>;
  sink: MetricSink;
  log(line: string): void;
}

/**
 * Sends what has been counted once a period until `signal` is raised. What cannot be sent is lost, and said
 * once until sending works again.
 */
export function publishMetrics(options: PublisherOptions, signal: AbortSignal): void {
  const { now, timer, timeScale, counts, regions, sink, log } = options;
  let isFailing = false;
  const send = async (at: number) => {
    try {
      for (const batch of counts.take(regions(), at)) await sink(batch);
      isFailing = false;
    } catch (error) {
      if (!isFailing && !signal.aborted) log(`Load balancer metrics are lost: ${String(error)}`);
      isFailing = true;
    }
  };
  const next = () => {
    const beganAt = now();
    timer.after(
      PERIOD_MS * timeScale,
      () => {
        void send(beganAt);
        next();
      },
      signal,
    );
  };
  next();
}
