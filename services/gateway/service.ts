import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyRequest } from 'fastify';
import { Gauge } from 'prom-client';
import type { Static } from 'typebox';
import { principalOf, registerAccess } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import { openBus, openServiceKey } from '../lib/backing.ts';
import { identityHeader } from '../lib/identity-header.ts';
import { createKeySet } from '../lib/key-set.ts';
import { registerRateLimits } from '../lib/rate-limit.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { createTokenVerifier } from '../lib/tokens.ts';
import { createAsker } from './asker.ts';
import { registerBffRoutes } from './bff.ts';
import { type GatewayConfig, gateway } from './config.ts';
import { registerEventsRoute } from './events.ts';
import { createHub } from './hub.ts';
import { createPassage } from './passage.ts';
import { type Proxied, type UpstreamName, upstreamNames } from './proxied.ts';
import { isOpenRequest, registerProxy } from './proxy.ts';
import { registerTrackingRelay } from './relay.ts';
import { registerShedding } from './shedding.ts';
import { registerSocketRoute, registerSocketTokens } from './socket.ts';
import { createOpenTopic } from './topic.ts';
import { createUpstream, type Upstream } from './upstream.ts';

export const service = defineService(gateway, setUp);

type Config = Static<typeof GatewayConfig>;

async function setUp(config: Config, context: ServiceContext): Promise<ServiceParts> {
  const { app, clock, log, metrics } = context;
  const bus = await openBus(config, context, gateway.name);
  const redis = createRedis(config.REDIS_URL, log);
  const keys = createKeySet({ url: config.JWKS_URL, clock, log });
  const serviceKey = openServiceKey(config, context);
  const upstreams = openUpstreams(config);
  registerBroken(context, Object.values(upstreams));

  await registerSecurity(app, config);
  await registerShedding(app, config.SHED_ABOVE);
  registerSocketTokens(app);
  const limit = await registerRateLimits(app, redis);
  const limitAddress = limit({
    perMinute: config.ADDRESS_REQUESTS_PER_MINUTE,
    key: ({ ip }) => `address:${ip}`,
  });
  const limitUser = limit({
    perMinute: config.USER_REQUESTS_PER_MINUTE,
    key: (request) => `user:${principalOf(request).id}`,
  });
  const recognise = registerAccess(app, { tokens: createTokenVerifier({ keys, clock }), serviceKey, clock });
  const requireRole: typeof recognise = (...allowed) => {
    const guard = recognise(...allowed);
    return async (request) => {
      await limitAddress(request);
      await guard(request);
      await limitUser(request);
    };
  };
  const admit = ({ roles = [] }: Proxied) => {
    const guard = requireRole(...roles);
    return (request: FastifyRequest) => (isOpenRequest(request) ? limitAddress(request) : guard(request));
  };

  const passage = createPassage({ serviceKey, clock });
  const asker = createAsker({ upstreams, passage });
  const hub = createHub({ bus, registry: metrics.registry });
  const openTopic = createOpenTopic({ asker, timeoutMs: config.BFF_TIMEOUT_MS });
  const timeoutMs = config.BFF_TIMEOUT_MS;
  const { endStreams } = await registerProxy(app, {
    upstreams,
    passage,
    admit,
    timeoutMs: config.UPSTREAM_TIMEOUT_MS,
  });
  registerTrackingRelay(app, { tracking: upstreams.tracking, hub, passage, requireRole });
  registerBffRoutes(app, { asker, requireRole, timeoutMs });
  registerSocketRoute(app, { hub, openTopic, requireRole, clock });
  registerEventsRoute(app, { hub, openTopic, requireRole, clock });
  if (config.GRAPHQL === 'on') {
    const { registerGraphql } = await import('./graphql.ts');
    await registerGraphql(app, { asker, requireRole, timeoutMs });
  }

  return {
    ready: {
      redis: () => assertRedis(redis),
      bus: bus.assertAnswers,
    },
    beginDrain() {
      hub.drain();
      endStreams();
    },
    async close() {
      await bus.close();
      redis.disconnect();
      await Promise.all(Object.values(upstreams).map((upstream) => upstream.close()));
    },
  };
}

/** Secure headers on every answer, the origins that may ask, and no identity that we have not signed ourselves. */
async function registerSecurity(app: App, config: Config): Promise<void> {
  // Nothing here is a page: what a browser may load and frame is nothing.
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    },
  });
  if (config.CORS_ORIGINS !== '') {
    await app.register(cors, {
      origin: config.CORS_ORIGINS.split(',').map((origin) => origin.trim()),
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      maxAge: 600,
    });
  }
  app.addHook('onRequest', async (request) => {
    delete request.headers[identityHeader];
  });
}

function openUpstreams(config: Config): Record<UpstreamName, Upstream> {
  const urls: Record<UpstreamName, string> = {
    identity: config.IDENTITY_URL,
    order: config.ORDER_URL,
    driver: config.DRIVER_URL,
    dispatch: config.DISPATCH_URL,
    notification: config.NOTIFICATION_URL,
    tracking: config.TRACKING_URL,
    customer: config.CUSTOMER_URL,
  };
  const timeoutMs = config.UPSTREAM_TIMEOUT_MS;
  const opened = upstreamNames.map((name) => [name, createUpstream({ name, url: urls[name], timeoutMs })]);
  return Object.fromEntries(opened) as Record<UpstreamName, Upstream>;
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
