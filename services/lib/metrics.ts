import { performance } from 'node:perf_hooks';
import { AggregatorRegistry, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics every service has; a service registers its own on the same `registry`. */
export interface Metrics {
  readonly registry: Registry;
  readonly requestSeconds: Histogram<'route' | 'method' | 'status'>;
  readonly requestsInFlight: Gauge;
}

/** Makes the registry of one service. Every series carries the label `service`. */
export function createMetrics(service: string, version: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const registers = [registry];
  registerEventLoopUtilization(registry);
  new Gauge({
    name: 'build_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.version }, 1);
  return {
    registry,
    requestSeconds: new Histogram({
      name: 'http_request_duration_seconds',
      help: 'Time from the first byte of a request to the end of its answer.',
      labelNames: ['route', 'method', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    requestsInFlight: new Gauge({
      name: 'http_requests_in_flight',
      help: 'Requests that have begun and not ended.',
      registers,
    }),
  };
}

/** Renders the series of all services of a process as one Prometheus exposition. */
export async function renderMetrics(all: readonly Metrics[]): Promise<{ type: string; text: string }> {
  const [first] = all;
  if (first !== undefined && all.length === 1) {
    return { type: first.registry.contentType, text: await first.registry.metrics() };
  }
  // Made for the workers of a cluster: joins the families of equal name; the label `service` keeps the series apart.
  const families = await Promise.all(all.map(({ registry }) => registry.getMetricsAsJSON()));
  const joined = AggregatorRegistry.aggregate(families);
  return { type: joined.contentType, text: await joined.metrics() };
}

/** Makes a counter whose series exist from the start, so that a rate over it sees the first event. */
export function createResultCounter(
  registry: Registry,
  name: string,
  help: string,
  results: readonly string[],
): Counter<'result'> {
  const counter = new Counter({ name, help, labelNames: ['result'], registers: [registry] });
  for (const result of results) counter.inc({ result }, 0);
  return counter;
}

function registerEventLoopUtilization(registry: Registry): void {
  let last = performance.eventLoopUtilization();
  new Gauge({
    name: 'nodejs_eventloop_utilization',
    help: 'Share of time the event loop was busy since the last scrape, 0 to 1.',
    registers: [registry],
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, last).utilization);
      last = now;
    },
  });
}
