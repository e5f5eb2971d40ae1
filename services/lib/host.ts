import type { FastifyInstance } from 'fastify';
import { type App, createApp } from './app.ts';
import { ConfigError } from './config-error.ts';
import { createMetrics, type Metrics, renderMetrics } from './metrics.ts';
import { registerOpenApi } from './openapi.ts';
import type {
  ConfiguredService,
  RunningService,
  ServiceContext,
  ServiceDeps,
  ServiceParts,
} from './service.ts';
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
 * Each is set up in a scope of its own and keeps its own metrics (label `service`); these scopes are in a common one,
 * for what stands before all of them. Readiness checks are named `<service>.<check>` when there are several services.
 * Rejects, with everything closed again, when one cannot be set up.
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
  const { app, beginDrain, watchLine } = createApp({
    identity,
    log: deps.log,
    metrics: own,
    tracer,
    shedAboveMs: services[0]?.settings.SHED_ABOVE_MS,
    health,
    renderMetrics: () => renderMetrics(metrics),
  });
  const about = services.flatMap((service) => service.about ?? []).join('\n\n');
  await registerOpenApi(app, host.name, about);
  if (services.some(({ sockets }) => sockets)) {
    const { registerSockets } = await import('./sockets.ts');
    await registerSockets(app);
  }
  const contextOf = (service: ConfiguredService): Omit<ServiceContext, 'app'> => {
    const ownMetrics = isAlone ? own : createMetrics(service.name, version);
    if (!isAlone) metrics.push(ownMetrics);
    const log = isAlone ? deps.log : deps.log.child({ part: service.name });
    return { ...deps, log, metrics: ownMetrics, tracer, watchLine, stopped: stopped.signal };
  };
  const owners = new Map<string, string>();
  app.register(async (common) => {
    const members = services.map((service) => ({ service, context: contextOf(service) }));
    // First: a scope has the hooks that are there when it is made.
    for (const { service, context } of members) {
      const front = await service.setUpFront?.({ ...context, app: typed(common) });
      if (front !== undefined) parts.push({ name: service.name, parts: front });
    }
    for (const { service, context } of members) {
      common.register(async (scope) => {
        scope.addHook('onRoute', ({ method, url }) => claimRoute(owners, `${method} ${url}`, service.name));
        parts.push({ name: service.name, parts: await service.setUp({ ...context, app: typed(scope) }) });
      });
    }
  });
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

/** `register` forgets the types of logger and schemas; a scope is of the same make as the application. */
function typed(scope: FastifyInstance): App {
  return scope as unknown as App;
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
