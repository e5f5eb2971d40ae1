import { Gauge } from 'prom-client';
import type { Static } from 'typebox';
import { openAccess, openBus, openDatabase } from '../lib/backing.ts';
import type { Database } from '../lib/database.ts';
import { createLocations } from '../lib/locations.ts';
import { createResultCounter } from '../lib/metrics.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { pingResults } from '../lib/ping.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { sql } from '../lib/sql.ts';
import { type DriverConfig, driver } from './config.ts';
import { createDrivers } from './drivers.ts';
import { subscriptions } from './events.ts';
import { registerDriverRoutes } from './routes.ts';

export const service = defineService(driver, setUp);

async function setUp(config: Static<typeof DriverConfig>, context: ServiceContext): Promise<ServiceParts> {
  const { app, clock, log, random, metrics } = context;
  const { registry } = metrics;
  const database = await openDatabase(config, context, driver.schema);
  const bus = await openBus(config, context, driver.name);
  const redis = createRedis(config.REDIS_URL, log);
  const relay = createOutboxRelay({ database, bus, schema: driver.schema, clock, log, registry });
  const event = createEventMaker({ clock, random });
  const drivers = createDrivers({ database, event, clock, random, told: relay.wake });
  const pings = createResultCounter(
    registry,
    'driver_locations_total',
    'Positions reported, by what became of them.',
    pingResults,
  );
  const locations = createLocations({
    redis,
    bus,
    event,
    clock,
    eventEveryMs: config.LOCATION_EVENT_EVERY_MS,
    onPing: (result) => pings.inc({ result }),
  });
  registerAvailable(context, database);
  const requireRole = openAccess(config, context);
  registerDriverRoutes(app, { drivers, locations, database, requireRole, told: relay.wake });
  return {
    ready: {
      postgres: database.assertAnswers,
      redis: () => assertRedis(redis),
      bus: bus.assertAnswers,
    },
    start() {
      relay.start();
      for (const one of subscriptions({ database, drivers, told: relay.wake })) bus.subscribe(one);
    },
    beginDrain: () => void bus.drain(),
    async close() {
      await relay.stop();
      await bus.close();
      redis.disconnect();
      await database.close();
    },
  };
}

function registerAvailable({ metrics }: ServiceContext, database: Database): void {
  new Gauge({
    name: 'drivers_available',
    help: 'Drivers who could take an order.',
    registers: [metrics.registry],
    async collect() {
      const count = sql`select count(*)::int as count from drivers where status = 'available'`;
      const [row] = await database.read<{ count: number }>('drivers_available', count).catch(() => []);
      if (row) this.set(row.count);
    },
  });
}
