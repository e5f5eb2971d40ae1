import type { Static } from 'typebox';
import { openAccess, openServiceKey } from '../lib/backing.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { type EdgeConfig, edge } from './edge-config.ts';
import { setUpFront } from './front.ts';
import { registerOwnRoutes } from './live.ts';
import { createPassage } from './passage.ts';
import { openUpstreams } from './upstream.ts';

export const service = defineService(edge, setUp, setUpFront);

async function setUp(config: Static<typeof EdgeConfig>, context: ServiceContext): Promise<ServiceParts> {
  const requireRole = openAccess(config, context);
  const passage = createPassage({ serviceKey: openServiceKey(config, context), clock: context.clock });
  const urls = {
    identity: config.IDENTITY_URL,
    order: config.ORDER_URL,
    driver: config.DRIVER_URL,
    dispatch: config.DISPATCH_URL,
    tracking: config.TRACKING_URL,
  };
  const upstreams = openUpstreams(urls, config.BFF_TIMEOUT_MS);
  const { hub, ready, close } = await registerOwnRoutes(config, context, { upstreams, passage, requireRole });
  return { ready, beginDrain: hub.drain, close };
}
