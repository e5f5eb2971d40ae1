import type { Static } from 'typebox';
import { openAccess, openBus, openDatabase, openServiceKey } from '../lib/backing.ts';
import type { Bus } from '../lib/bus.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { sqsClient } from '../lib/sqs.ts';
import { createAssignments } from './assignments.ts';
import { createBackground } from './background.ts';
import { type DispatchConfig, dispatch } from './config.ts';
import { createDriverPositions } from './driver-positions.ts';
import { subscriptions } from './events.ts';
import { createMatcher } from './matcher.ts';
import { registerDispatchMetrics } from './metrics.ts';
import { createNotices } from './notices.ts';
import { createOffers, type Offer } from './offers.ts';
import { createOrderClient } from './order-client.ts';
import { createOrderQueue } from './order-queue.ts';
import { createOverrides } from './overrides.ts';
import { createQueueView } from './queue-view.ts';
import { createRoster } from './roster.ts';
import { createOsrmEstimator } from './route-estimator.ts';
import { registerDispatchRoutes } from './routes.ts';
import { createSolver } from './strategies/solver.ts';
import { createStrategies, type Strategy } from './strategies/strategies.ts';
import { createTripStore } from './trip-store.ts';
import { createTripWriter } from './trips.ts';

type Config = Static<typeof DispatchConfig>;

const sqsTiming = { requestTimeoutMs: 5_000, maxAttempts: 2 };

export const service = defineService(dispatch, setUp);

async function setUp(config: Config, context: ServiceContext): Promise<ServiceParts> {
  const { app, aws, clock, log, random, metrics, tracer } = context;
  const database = await openDatabase(config, context, dispatch.schema);
  const bus = await openBus(config, context, dispatch.name);
  const redis = createRedis(config.REDIS_URL, log);
  const store = createTripStore(config.UPLOADS_BUCKET, config.AWS_REGION, aws);
  const sqs = sqsClient(config.AWS_REGION, sqsTiming, aws);
  const { registry } = metrics;
  const relay = createOutboxRelay({ database, bus, schema: dispatch.schema, clock, log, registry });

  const positions = createDriverPositions(clock);
  const roster = createRoster(database);
  const queue = createOrderQueue(database, config.LEAD_SECONDS * 1_000);
  const counts = registerDispatchMetrics(registry, () => queue.depth(clock.now()));
  const { onUnassigned } = counts;
  const notices = createNotices({
    database,
    sqs,
    queueUrl: config.NOTIFICATION_QUEUE_URL,
    clock,
    random,
    log,
  });
  const offers = createOffers({
    database,
    event: createEventMaker({ clock, random }),
    notices,
    random,
    offerMs: config.OFFER_SECONDS * 1_000,
    onChange: (offer) => announce(bus, offer),
    onUnassigned,
  });
  const serviceKey = openServiceKey(config, context);
  const orders = createOrderClient({ url: config.ORDER_URL, serviceKey, clock, log });
  const solver = createSolver();
  const roads = config.OSRM_URL === '' ? undefined : createOsrmEstimator({ url: config.OSRM_URL, log });
  const strategies = createStrategies({ grid: positions.grid, solver, roads, log });
  const strategy = strategies.find(({ name }) => name === config.STRATEGY) as Strategy;
  const assignment = config.ASSIGNMENT;
  const matcher = createMatcher({
    ...{ queue, roster, positions, offers, strategy, assignment, clock },
    ...counts,
  });
  const assignments = createAssignments({
    ...{ database, offers, queue, orders, clock, random, tracer, onUnassigned },
    onAssigned: () => background.wake(),
  });
  const writeTrips = createTripWriter({ database, store, clock });

  const background = createBackground(
    {
      ...{ database, queue, matcher, offers, assignments, notices, writeTrips, positions },
      windowMs: strategy.windowMs,
      metricNamespace: config.METRIC_NAMESPACE,
      onTold: relay.wake,
    },
    context,
  );
  const { wake } = background;

  registerDispatchRoutes(app, {
    ...{ queue, offers, matcher, strategies, strategy, assignment, clock, wake },
    view: createQueueView(database),
    overrides: createOverrides({ database, offers, roster, positions, clock }),
    costs: roads ? 'seconds' : 'metres',
    requireRole: openAccess(config, context),
  });
  redis.on('ready', () => void positions.load(redis));
  const stopListening = positions.listen(bus);
  return {
    ready: {
      postgres: database.assertAnswers,
      redis: () => assertRedis(redis),
      bus: bus.assertAnswers,
    },
    start() {
      relay.start();
      background.start();
      for (const one of subscriptions({ database, queue, offers, roster, clock, wake })) bus.subscribe(one);
    },
    beginDrain: () => void bus.drain(),
    async close() {
      await background.stop();
      await relay.stop();
      stopListening();
      await bus.close();
      await solver.close();
      redis.disconnect();
      await store.close();
      sqs.destroy();
      await database.close();
    },
  };
}

/** Tells a driver's app at once; the notification is what counts. */
function announce(bus: Bus, offer: Offer): void {
  bus.publishLive(`live.driver.${offer.driverId}`, JSON.stringify({ type: 'offer', ...offer }));
}
