import type { Static } from 'typebox';
import { openAccessWith, openBus, openDatabase, openServiceKey } from '../lib/backing.ts';
import { createKeySet } from '../lib/key-set.ts';
import { createLocations } from '../lib/locations.ts';
import { createResultCounter } from '../lib/metrics.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { pingResults } from '../lib/ping.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { createTokenVerifier } from '../lib/tokens.ts';
import { createCarriedOrders } from './carried-orders.ts';
import { type TrackingConfig, tracking } from './config.ts';
import { createDriverSockets } from './driver-sockets.ts';
import { ownActor, subscriptions } from './events.ts';
import type { MqttIngest } from './mqtt-ingest.ts';
import { createPartitions } from './partitions.ts';
import { createPingBudget } from './ping-budget.ts';
import { createPingIntake, refusals } from './ping-intake.ts';
import { createPositions } from './positions.ts';
import { registerReportRoutes, registerTimelineRoutes } from './routes.ts';
import { createTimeline, type Growth } from './timeline.ts';
import { createTimelineStreams } from './timeline-streams.ts';

export const service = defineService(tracking, setUp);

async function setUp(config: Static<typeof TrackingConfig>, context: ServiceContext): Promise<ServiceParts> {
  const { app, clock, log, random, metrics, stopped } = context;
  const { registry } = metrics;
  const database = await openDatabase(config, context, tracking.schema);
  const bus = await openBus(config, context, tracking.name);
  const redis = createRedis(config.REDIS_URL, log);
  const keys = createKeySet({ url: config.JWKS_URL, clock, log });
  const tokens = createTokenVerifier({ keys, clock });
  const relay = createOutboxRelay({ database, bus, schema: tracking.schema, clock, log, registry });
  const event = createEventMaker({ clock, random });
  const timeline = createTimeline({ database, event });
  const partitions = createPartitions({ database, clock, log, keptMonths: config.TIMELINE_MONTHS });
  const carried = createCarriedOrders({ load: timeline.carriedBy, clock });
  const onGrowth = ({ orderId, driverId }: Growth) => {
    relay.wake();
    if (driverId !== undefined) carried.recheck(driverId);
    bus.publishLive(`live.order.${orderId}`, JSON.stringify({ type: 'delivery', orderId }));
  };
  const counted = createResultCounter(
    registry,
    'driver_locations_total',
    'Positions reported, by what became of them.',
    [...pingResults, ...refusals],
  );
  const locations = createLocations({
    redis,
    bus,
    event,
    clock,
    eventEveryMs: config.LOCATION_EVENT_EVERY_MS,
    actor: ownActor,
    onPing: (result) => counted.inc({ result }),
  });
  const positions = createPositions({ locations, redis, bus, carried, timeline, clock, log, onGrowth });
  const budget = createPingBudget({ perMinute: config.PINGS_PER_MINUTE, clock });
  const intake = createPingIntake({ positions, budget, counted });
  const { HEARTBEAT_MS: heartbeatMs, SOCKET_IDLE_MS: idleMs } = config;
  const streams = createTimelineStreams({ read: timeline.read, bus, clock, log, heartbeatMs });
  const sockets = createDriverSockets({ intake, clock, log, registry, heartbeatMs, idleMs });
  const mqtt = await openMqtt(config.MQTT_PORT, { tokens, intake, clock, log });
  const serviceKey = openServiceKey(config, context);
  const requireRole = openAccessWith(keys, config, context);
  registerReportRoutes(app, {
    timeline,
    sockets,
    intake,
    partitions,
    database,
    tokens,
    requireRole,
    clock,
    onGrowth,
  });
  registerTimelineRoutes(app, { timeline, streams, locations, serviceKey, requireRole, clock });
  const sendAway = () => {
    sockets.drain();
    streams.drain();
  };
  // Also where nobody drained: an open socket or stream would keep the server from closing.
  app.addHook('preClose', async () => sendAway());
  return {
    ready: {
      postgres: database.assertAnswers,
      redis: () => assertRedis(redis),
      bus: bus.assertAnswers,
    },
    start() {
      relay.start();
      void partitions.keepTurning(stopped);
      void sockets.watch(stopped);
      for (const one of subscriptions({ database, timeline, partitions, positions, onGrowth }))
        bus.subscribe(one);
    },
    beginDrain() {
      sendAway();
      void mqtt?.close();
      void bus.drain();
    },
    async close() {
      await mqtt?.close();
      await relay.stop();
      await bus.close();
      redis.disconnect();
      await database.close();
    },
  };
}

/** Loads the broker only where it is wanted. */
async function openMqtt(
  port: number,
  deps: Omit<Parameters<OpenMqttIngest>[0], 'port'>,
): Promise<MqttIngest | undefined> {
  if (port === 0) return undefined;
  const { openMqttIngest } = await import('./mqtt-ingest.ts');
  return openMqttIngest({ ...deps, port });
}

type OpenMqttIngest = typeof import('./mqtt-ingest.ts').openMqttIngest;
