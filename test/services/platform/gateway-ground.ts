import { service as driver } from '../../../services/driver/service.ts';
import { service as gateway } from '../../../services/gateway/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import type { RunningService } from '../../../services/lib/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { type Ground, startGround } from './ground.ts';

/** The services behind a gateway, and gateways before them. */
export interface GatewayGround {
  readonly ground: Ground;
  readonly bases: { readonly identity: string; readonly order: string; readonly driver: string };
  readonly identity: RunningService;
  /** Starts a gateway; services that are not started are away. */
  startGateway(settings?: Record<string, string>): Promise<{ base: string; running: RunningService }>;
}

/** A port on which nobody listens. */
export const nowhere = 'http://127.0.0.1:1';

export async function startGatewayGround(): Promise<GatewayGround> {
  const ground = await startGround();
  await Promise.all([ground.migrate('identity'), ground.migrate('driver'), ground.migrate('order')]);
  const started = await ground.start(identity);
  const [{ base: orders }, { base: drivers }] = await Promise.all([
    ground.start(order),
    ground.start(driver),
  ]);
  const bases = { identity: started.base, order: orders, driver: drivers };
  return {
    ground,
    bases,
    identity: started.running,
    startGateway: (settings = {}) =>
      ground.start(gateway, {
        IDENTITY_URL: bases.identity,
        ORDER_URL: bases.order,
        DRIVER_URL: bases.driver,
        DISPATCH_URL: nowhere,
        NOTIFICATION_URL: nowhere,
        TRACKING_URL: nowhere,
        CUSTOMER_URL: nowhere,
        ...settings,
      }),
  };
}
