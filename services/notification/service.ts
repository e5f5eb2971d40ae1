import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Counter } from 'prom-client';
import type { Static } from 'typebox';
import { awsClientOptions } from '../lib/aws.ts';
import { openAccess, openBus, openDatabase, openSecret } from '../lib/backing.ts';
import { unhealthy } from '../lib/health.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { createQueue } from '../lib/queue.ts';
import { createQueuePoller, type PollerSettings } from '../lib/queue-poller.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { sqsClient } from '../lib/sqs.ts';
import { type Channel, channels } from './channels.ts';
import { type NotificationConfig, notification } from './config.ts';
import { createDeadLetters, createDeadLetterWatch } from './dead-letters.ts';
import { subscriptions } from './events.ts';
import { createFeed } from './feed.ts';
import { createFeedWriter } from './feed-writer.ts';
import { createJobFaults } from './job-faults.ts';
import { createJobRelay } from './job-relay.ts';
import { createNotifications } from './notifications.ts';
import { usualPatience } from './providers/guard.ts';
import { createProviders } from './providers/providers.ts';
import { createRecipients } from './recipients.ts';
import { registerNotificationRoutes } from './routes.ts';
import { createSender, type SendResult } from './sender.ts';
import { createUpkeep } from './upkeep.ts';

/** Longer than the long poll, which is 20 s. */
const receiveTiming = { requestTimeoutMs: 25_000, maxAttempts: 3 };
const callTiming = { requestTimeoutMs: 5_000, maxAttempts: 2 };
/** A poll takes at most 25 s three times, and a full house of slow providers empties in about half a minute. */
const longestPollMs = 150_000;

export const pollerSettings: PollerSettings = {
  inFlight: 50,
  receivers: 2,
  waitSeconds: 20,
  visibilitySeconds: 30,
  pauseMs: 0,
  receiveGraceMs: 1_000,
  finishMs: 30_000,
};

export const service = defineService(notification, setUp);

async function setUp(
  config: Static<typeof NotificationConfig>,
  context: ServiceContext,
): Promise<ServiceParts> {
  const { app, clock, log, random, metrics } = context;
  const { registry } = metrics;
  const clients = openClients(config, context);
  const database = await openDatabase(config, context, notification.schema);
  const bus = await openBus(config, context, notification.name);
  const relay = createOutboxRelay({ database, bus, schema: notification.schema, clock, log, registry });
  const event = createEventMaker({ clock, random });
  const recipients = createRecipients(database);
  const notifications = createNotifications({ database, recipients, event, clock, random });
  const faults = createJobFaults(database, log);
  const feed = createFeed({ dynamo: clients.dynamo, table: config.NOTIFICATION_TABLE });
  const deadLetters = createDeadLetters({ sqs: clients.sqs, queueUrl: config.NOTIFICATION_DLQ_URL, faults });
  const queueUrl = config.NOTIFICATION_QUEUE_URL;
  const jobs = createJobRelay({ database, sqs: clients.sqs, queueUrl, clock, random, log });
  const feeds = createFeedWriter({ database, recipients, feed, clock, log });
  const { METRIC_NAMESPACE: metricNamespace } = config;
  const watch = createDeadLetterWatch({ deadLetters, metricNamespace, registry, clock, log });
  const upkeep = createUpkeep({ database, faults, clock, log });
  const told = () => {
    for (const { wake } of [relay, jobs, feeds]) wake();
  };
  const poller = createQueuePoller({
    queue: createQueue(clients.receiving, queueUrl),
    process: createSender({
      ...{ database, notifications, recipients, faults, clock, random, log, told },
      findProvider: openProviders(config, context, clients.sqs),
      onResult: countResults(context),
    }),
    settings: pollerSettings,
    ...{ clock, random, log },
  });
  const requireRole = openAccess(config, context);
  registerNotificationRoutes(app, {
    ...{ database, notifications, recipients, feed, deadLetters, requireRole, clock, random, told },
  });
  return {
    alive() {
      const silentMs = clock.now() - poller.lastPollAt();
      if (silentMs > longestPollMs) throw unhealthy(`The last poll ended ${silentMs} ms ago.`);
    },
    ready: {
      postgres: database.assertAnswers,
      bus: bus.assertAnswers,
      sqs() {
        if (poller.isFailing()) throw new Error('The last receive call failed.');
      },
      dynamodb: feed.assertAnswers,
    },
    start() {
      for (const one of [relay, jobs, feeds, watch, upkeep, poller]) one.start();
      for (const one of subscriptions({ database, notifications, recipients, told })) bus.subscribe(one);
    },
    beginDrain() {
      poller.stop();
      void bus.drain();
    },
    async close() {
      await poller.close();
      await Promise.all([jobs, feeds, watch, upkeep].map((one) => one.stop()));
      await relay.stop();
      await bus.close();
      for (const client of Object.values(clients)) client.destroy();
      await database.close();
    },
  };
}

function openClients({ AWS_REGION }: Static<typeof NotificationConfig>, { aws }: ServiceContext) {
  return {
    sqs: sqsClient(AWS_REGION, callTiming, aws),
    receiving: sqsClient(AWS_REGION, receiveTiming, aws),
    dynamo: new DynamoDBClient(awsClientOptions(AWS_REGION, callTiming, aws)),
  };
}

function openProviders(
  config: Static<typeof NotificationConfig>,
  context: ServiceContext,
  sqs: ReturnType<typeof sqsClient>,
) {
  const names = { text: 'PROVIDERS', arn: 'PROVIDERS_SECRET_ARN' };
  const given = { text: config.PROVIDERS, arn: config.PROVIDERS_SECRET_ARN };
  return createProviders({
    secret: openSecret(names, given, config.AWS_REGION, context),
    sqs,
    mailQueueUrl: config.SQS_QUEUE_URL,
    clock: context.clock,
    random: context.random,
    patience: usualPatience,
  });
}

function countResults({ metrics }: ServiceContext): (channel: Channel, result: SendResult) => void {
  const total = new Counter({
    name: 'notifications_total',
    help: 'Tries to send a notification, by what became of them.',
    labelNames: ['channel', 'result'],
    registers: [metrics.registry],
  });
  for (const channel of channels) total.inc({ channel, result: 'sent' }, 0);
  return (channel, result) => total.inc({ channel, result });
}
