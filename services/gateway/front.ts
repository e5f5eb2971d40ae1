import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { keysOf } from '../lib/access.ts';
import type { App } from '../lib/app.ts';
import { openServiceKey } from '../lib/backing.ts';
import { identityHeader, tryReadIdentity } from '../lib/identity-header.ts';
import { registerRateLimits } from '../lib/rate-limit.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import type { ServiceContext, ServiceParts } from '../lib/service.ts';
import type { EdgeConfig } from './edge-config.ts';

type Config = Omit<Static<typeof EdgeConfig>, 'PORT'>;

/** Sets up what every request meets first: secure headers, origins, and the limits. */
export async function setUpFront(config: Config, context: ServiceContext): Promise<ServiceParts> {
  const { app, log } = context;
  const redis = createRedis(config.REDIS_URL, log);
  await registerHeaders(app, config);
  const isOurs = createOwnRequests(config, context);
  const limit = await registerRateLimits(app, redis);
  const limitAddress = limit({
    perMinute: config.ADDRESS_REQUESTS_PER_MINUTE,
    key: ({ ip }) => `address:${ip}`,
  });
  const limitUser = limit({
    perMinute: config.USER_REQUESTS_PER_MINUTE,
    key: ({ principal }) => `user:${principal?.id}`,
  });
  // Before anybody is recognised.
  app.addHook('onRequest', async (request) => {
    if (!(await isOurs(request))) await limitAddress(request);
  });
  // After, however a route does that: some ask before they read what is sent, some when they have.
  app.addHook('preHandler', async (request) => {
    if (request.principal !== undefined && !(await isOurs(request))) await limitUser(request);
  });
  return {
    ready: { redis: () => assertRedis(redis) },
    close: async () => redis.disconnect(),
  };
}

/** Secure headers on every answer, and the origins that may ask. */
async function registerHeaders(app: App, config: Config): Promise<void> {
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
}

/** Says whether a request was signed by one of our services: what a client has them ask is counted once, as its own. */
function createOwnRequests(config: Config, context: ServiceContext) {
  const serviceKey = openServiceKey(config, context);
  return async ({ headers }: FastifyRequest): Promise<boolean> => {
    const signed = headers[identityHeader];
    if (typeof signed !== 'string') return false;
    return tryReadIdentity(signed, keysOf(await serviceKey.read()), context.clock.now()) !== undefined;
  };
}
