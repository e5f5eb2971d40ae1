import { type Static, Type } from 'typebox';
import type { App } from './app.ts';
import { Problem } from './problem.ts';

/** What a service says about itself. */
export interface HealthChecks {
  /** Throws when only a restart helps. Asks no dependency: one that is down must not restart the whole fleet. */
  alive(): void;
  /** Dependencies by name; each throws, or rejects, while its dependency does not answer. */
  ready(): Readonly<Record<string, () => void | Promise<void>>>;
}

const Health = Type.Object({ status: Type.Literal('ok') });
const Readiness = Type.Object({
  status: Type.Union([Type.Literal('ready'), Type.Literal('unready'), Type.Literal('draining')]),
  checks: Type.Record(Type.String(), Type.Union([Type.Literal('ok'), Type.Literal('failing')])),
});
const Version = Type.Object({ service: Type.String(), version: Type.String() });

/**
 * Registers `/health`, `/ready`, `/metrics` and `/version`.
 *
 * `/health` is what the load balancer and the container health check ask. It stays 200 while draining: the target
 * is being deregistered anyway, and a task that failed it would have its last requests cut off.
 */
export function registerHealthRoutes(
  app: App,
  options: {
    identity: { service: string; version: string };
    health: HealthChecks;
    /** The Prometheus exposition of everything in this process. */
    renderMetrics: () => Promise<{ type: string; text: string }>;
  },
  isDraining: () => boolean,
): void {
  const { identity, health } = options;
  app.get('/health', { schema: { hide: true, response: { 200: Health } } }, async () => {
    health.alive();
    return { status: 'ok' } as const;
  });
  app.get(
    '/ready',
    { schema: { hide: true, response: { 200: Readiness, 503: Readiness } } },
    async (_request, reply) => {
      const readiness = await readReadiness(health, isDraining());
      return reply.code(readiness.status === 'ready' ? 200 : 503).send(readiness);
    },
  );
  app.get('/version', { schema: { hide: true, response: { 200: Version } } }, async () => identity);
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    const { type, text } = await options.renderMetrics();
    return reply.type(type).send(text);
  });
}

async function readReadiness(health: HealthChecks, draining: boolean): Promise<Static<typeof Readiness>> {
  const entries = await Promise.all(
    Object.entries(health.ready()).map(async ([name, check]) => {
      const works = await Promise.resolve()
        .then(check)
        .then(
          () => true,
          () => false,
        );
      return [name, works ? 'ok' : 'failing'] as const;
    }),
  );
  const works = entries.every(([, state]) => state === 'ok');
  return {
    status: draining ? 'draining' : works ? 'ready' : 'unready',
    checks: Object.fromEntries(entries),
  };
}

/** The fault `alive` throws. */
export function unhealthy(detail: string): Problem {
  return new Problem('HEALTH_FAILING', detail);
}
