import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { registerAccess } from '../lib/access.ts';
import { openServiceKey } from '../lib/backing.ts';
import { identityHeader } from '../lib/identity-header.ts';
import { createKeySet } from '../lib/key-set.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { createTokenVerifier } from '../lib/tokens.ts';
import { type GatewayConfig, gateway } from './config.ts';
import { setUpFront } from './front.ts';
import { registerOwnRoutes } from './live.ts';
import { createPassage } from './passage.ts';
import type { Proxied, UpstreamName } from './proxied.ts';
import { isOpenRequest, registerProxy } from './proxy.ts';
import { registerTrackingRelay } from './relay.ts';
import { openUpstreams } from './upstream.ts';

export const service = defineService(gateway, setUp, setUpFront);

type Config = Static<typeof GatewayConfig>;

async function setUp(config: Config, context: ServiceContext): Promise<ServiceParts> {
  const { app, clock, log } = context;
  // No identity that we have not signed ourselves goes on.
  app.addHook('onRequest', async (request) => {
    delete request.headers[identityHeader];
  });
  const serviceKey = openServiceKey(config, context);
  const tokens = createTokenVerifier({ keys: createKeySet({ url: config.JWKS_URL, clock, log }), clock });
  const requireRole = registerAccess(app, { tokens, serviceKey, clock });
  const admit = ({ roles = [] }: Proxied) => {
    const guard = requireRole(...roles);
    return async (request: FastifyRequest) => {
      if (!isOpenRequest(request)) await guard(request);
    };
  };
  const passage = createPassage({ serviceKey, clock });
  const upstreams = openUpstreams(urlsOf(config), config.UPSTREAM_TIMEOUT_MS);
  const { hub, ready, close } = await registerOwnRoutes(config, context, { upstreams, passage, requireRole });
  const { endStreams } = await registerProxy(app, { upstreams, passage, admit });
  registerTrackingRelay(app, { tracking: upstreams.tracking, hub, passage, requireRole });
  return {
    ready,
    beginDrain() {
      hub.drain();
      endStreams();
    },
    close,
  };
}

function urlsOf(config: Config): Record<UpstreamName, string> {
  return {
    identity: config.IDENTITY_URL,
    order: config.ORDER_URL,
    driver: config.DRIVER_URL,
    dispatch: config.DISPATCH_URL,
    notification: config.NOTIFICATION_URL,
    tracking: config.TRACKING_URL,
    customer: config.CUSTOMER_URL,
  };
}
