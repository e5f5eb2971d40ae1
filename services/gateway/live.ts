import { Gauge } from 'prom-client';
import type { Static } from 'typebox';
import type { RequireRole } from '../lib/access.ts';
import { openBus } from '../lib/backing.ts';
import type { ServiceContext } from '../lib/service.ts';
import { type AskedName, createAsker } from './asker.ts';
import { registerBffRoutes } from './bff.ts';
import { gateway } from './config.ts';
import type { EdgeConfig } from './edge-config.ts';
import { registerEventsRoute } from './events.ts';
import { createHub } from './hub.ts';
import type { Passage } from './passage.ts';
import { registerSocketRoute, registerSocketTokens } from './socket.ts';
import { createOpenTopic } from './topic.ts';
import type { Upstream, UpstreamsOf } from './upstream.ts';

/** Registers the gateway's own routes: live events over WebSocket and as a stream, screens at once, GraphQL. */
export async function registerOwnRoutes(
  config: Omit<Static<typeof EdgeConfig>, 'PORT'>,
  context: ServiceContext,
  parts: { upstreams: UpstreamsOf<AskedName>; passage: Passage; requireRole: RequireRole },
) {
  const { app, clock, metrics } = context;
  const { requireRole } = parts;
  const timeoutMs = config.BFF_TIMEOUT_MS;
  const bus = await openBus(config, context, gateway.name);
  const asker = createAsker(parts);
  const hub = createHub({ bus, registry: metrics.registry });
  const openTopic = createOpenTopic({ asker, timeoutMs });
  registerBroken(context, Object.values<Upstream>(parts.upstreams));
  registerSocketTokens(app);
  registerBffRoutes(app, { asker, requireRole, timeoutMs });
  registerSocketRoute(app, { hub, openTopic, requireRole, clock });
  registerEventsRoute(app, { hub, openTopic, requireRole, clock });
  if (config.GRAPHQL === 'on') {
    const { registerGraphql } = await import('./graphql.ts');
    await registerGraphql(app, { asker, requireRole, timeoutMs });
  }
  return {
    hub,
    ready: { bus: bus.assertAnswers },
    async close() {
      await bus.close();
      await Promise.all(Object.values<Upstream>(parts.upstreams).map((upstream) => upstream.close()));
    },
  };
}

function registerBroken({ metrics }: ServiceContext, upstreams: readonly Upstream[]): void {
  new Gauge({
    name: 'upstream_broken',
    help: '1 while requests to a service are refused at once because it has not been answering.',
    labelNames: ['upstream'],
    registers: [metrics.registry],
    collect() {
      for (const { name, isBroken } of upstreams) this.set({ upstream: name }, isBroken() ? 1 : 0);
    },
  });
}
