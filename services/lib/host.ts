import { type App, createApp } from './app.ts';
import { ConfigError } from './config.ts';
import { createMetrics, type Metrics, renderMetrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import type { ConfiguredService, RunningService, ServiceDeps, ServiceParts } from './service.ts';
import { createPlainTracer, type Tracer } from './trace.ts';

export interface Host {
  /** Name of the process in logs and metrics: the one service, or `all`. */
  name: string;
  port: number;
  services: readonly ConfiguredService[];
}

/**
 * Runs services in one HTTP application on one port: one in its own image, or all of them in one process.
 *
 * Each is set up in a scope of its own and keeps its own metrics (label `service`). Readiness checks are named
 * `<service>.<check>` when there are several services. Rejects, with everything closed again, when one cannot be set up.
 */
export async function hostServices(host: Host, deps: ServiceDeps): Promise<RunningService> {
  const { services } = host;
  const version = services[0]?.settings.SERVICE_VERSION ?? 'unknown';
  const own = createMetrics(host.name, version);
  const endpoint = services[0]?.settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  const tracer = await openTracer({ service: host.name, version, endpoint }, deps.random);
  const metrics: Metrics[] = [own];
  const parts: { name: string; parts: ServiceParts }[] = [];
  const stopped = new AbortController();
  const isAlone = services.length === 1;

  const health = {
    alive: () => {
      for (const { parts: one } of parts) one.alive?.();
    },
    ready: () =>
      Object.fromEntries(parts.flatMap(({ name, parts: one }) => checksOf(one, isAlone ? '' : `${name}.`))),
  };
  const identity = { service: host.name, version };
  const { app, beginDrain } = createApp({
    identity,
    log: deps.log,
    metrics: own,
    tracer,
    health,
    renderMetrics: () => renderMetrics(metrics),
  });
  const about = services.flatMap((service) => service.about ?? []).join('\n\n');
  await registerOpenApi(app, host.name, about);
  if (services.some(({ sockets }) => sockets)) {
    const { registerSockets } = await import('./sockets.ts');
    await registerSockets(app);
  }
  const owners = new Map<string, string>();
  for (const service of services) {
    app.register(async (scope) => {
      scope.addHook('onRoute', ({ method, url }) => claimRoute(owners, `${method} ${url}`, service.name));
      const ownMetrics = isAlone ? own : createMetrics(service.name, version);
      if (!isAlone) metrics.push(ownMetrics);
      const log = isAlone ? deps.log : deps.log.child({ part: service.name });
      // `register` forgets the types of logger and schemas; the scope is of the same make as `app`.
      const context = {
        ...deps,
        log,
        app: scope as unknown as App,
        metrics: ownMetrics,
        tracer,
        stopped: stopped.signal,
      };
      parts.push({ name: service.name, parts: await service.setUp(context) });
    });
  }
  // Runs once the requests in flight have been answered, and also when a set-up failed.
  app.addHook('onClose', async () => {
    stopped.abort();
    await Promise.all(parts.map(({ parts: one }) => one.close?.()));
    // Last, so that the spans of what was finished are sent. A collector that is away is no reason to fail.
    await tracer.close().catch((error: unknown) => deps.log.warn({ err: error }, 'spans not sent'));
  });

  const url = await app.listen({ port: host.port, host: '0.0.0.0' }).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  for (const { parts: one } of parts) one.start?.();
  return {
    url,
    drainDelayMs: Math.max(0, ...services.map(({ drainDelayMs }) => drainDelayMs)),
    beginDrain() {
      beginDrain();
      for (const { parts: one } of parts) one.beginDrain?.();
    },
    close: () => app.close(),
  };
}

/** Loads OpenTelemetry only where traces are sent somewhere. */
async function openTracer(
  options: { service: string; version: string; endpoint: string },
  random: () => number,
): Promise<Tracer> {
  if (options.endpoint === '') return createPlainTracer(random);
  const { createOtlpTracer } = await import('./otlp-tracer.ts');
  return createOtlpTracer(options);
}

/** Two services with one route cannot share a process. Throws `ConfigError` naming both. */
function claimRoute(owners: Map<string, string>, route: string, service: string): void {
  const owner = owners.get(route);
  if (owner !== undefined && owner !== service)
    throw new ConfigError([`${owner} and ${service} both answer ${route}; run one of them by itself.`]);
  owners.set(route, service);
}

function checksOf(parts: ServiceParts, prefix: string) {
  return Object.entries(parts.ready ?? {}).map(([name, check]) => [`${prefix}${name}`, check] as const);
}
