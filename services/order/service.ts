import { Counter, Histogram } from 'prom-client';
import type { Static } from 'typebox';
import { openAccess, openBus, openDatabase } from '../lib/backing.ts';
import type { Bus } from '../lib/bus.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { registerBookingRoutes } from './booking-routes.ts';
import { type OrderConfig, order } from './config.ts';
import { subscriptions } from './events.ts';
import { createFileLinks } from './file-links.ts';
import { createOrderCache } from './order-cache.ts';
import { createOrderFiles } from './order-files.ts';
import type { OrderState } from './order-states.ts';
import { createOrders, type Order } from './orders.ts';
import { createReferences } from './references.ts';
import { registerOrderRoutes } from './routes.ts';

export const service = defineService(order, setUp);

async function setUp(config: Static<typeof OrderConfig>, context: ServiceContext): Promise<ServiceParts> {
  const { app, aws, clock, log, random, metrics } = context;
  const database = await openDatabase(config, context, order.schema);
  const bus = await openBus(config, context, order.name);
  const redis = createRedis(config.REDIS_URL, log);
  const links = createFileLinks(config.UPLOADS_BUCKET, config.AWS_REGION, aws);
  const relay = createOutboxRelay({
    database,
    bus,
    schema: order.schema,
    clock,
    log,
    registry: metrics.registry,
  });
  const count = countOrders(context);
  const orders = createOrders({
    database,
    event: createEventMaker({ clock, random }),
    onChange(changed, from) {
      relay.wake();
      cache.forget(changed.id);
      announce(bus, changed);
      count(changed, from);
    },
  });
  const cache = createOrderCache(redis, orders.find);
  const parts = {
    orders,
    database,
    clock,
    random,
    files: createOrderFiles({ database, links, clock, random }),
    references: createReferences(database),
    requireRole: openAccess(config, context),
    read: cache.read,
    told: relay.wake,
  };
  registerOrderRoutes(app, parts);
  registerBookingRoutes(app, parts);
  return {
    ready: {
      postgres: database.assertAnswers,
      redis: () => assertRedis(redis),
      bus: bus.assertAnswers,
    },
    start() {
      relay.start();
      for (const one of subscriptions({ database, orders })) bus.subscribe(one);
    },
    beginDrain: () => void bus.drain(),
    async close() {
      await relay.stop();
      await bus.close();
      redis.disconnect();
      await links.close();
      await database.close();
    },
  };
}

/** Tells who watches this order, or the whole organisation, at once; the event is what counts. */
function announce(bus: Bus, { id, org, status, version, driverId }: Order): void {
  const text = JSON.stringify({ type: 'order', id, status, version, driverId });
  bus.publishLive(`live.order.${id}`, text);
  bus.publishLive(`live.dashboard.${org}`, text);
}

function countOrders({
  clock,
  metrics,
}: ServiceContext): (changed: Order, from: OrderState | undefined) => void {
  const registers = [metrics.registry];
  const total = new Counter({
    name: 'orders_total',
    help: 'Steps of orders, by the state they led to.',
    labelNames: ['status', 'kind'],
    registers,
  });
  const assign = new Histogram({
    name: 'order_assign_seconds',
    help: 'From placing an order to its driver.',
    buckets: [1, 2, 5, 10, 30, 60, 120, 300, 900],
    registers,
  });
  return ({ status, kind, createdAt }, from) => {
    total.inc({ status, kind });
    if (status === 'assigned' && from === 'created') {
      assign.observe((clock.now() - Date.parse(createdAt)) / 1000);
    }
  };
}
