import { Counter, Gauge, type Registry } from 'prom-client';

/** What a bus counts, by subject and outcome. */
export interface BusMetrics {
  published: Counter<'subject' | 'result'>;
  consumed: Counter<'subject' | 'result'>;
  lag: Gauge<'consumer'>;
}

export function registerBusMetrics(registry: Registry): BusMetrics {
  const registers = [registry];
  return {
    published: new Counter({
      name: 'bus_published_total',
      help: 'Events given to the bus, by outcome.',
      labelNames: ['subject', 'result'],
      registers,
    }),
    consumed: new Counter({
      name: 'bus_consumed_total',
      help: 'Deliveries of events, by outcome.',
      labelNames: ['subject', 'result'],
      registers,
    }),
    lag: new Gauge({
      name: 'bus_lag',
      help: 'Events that wait for a consumer.',
      labelNames: ['consumer'],
      registers,
    }),
  };
}
