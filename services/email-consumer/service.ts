import { S3Client } from '@aws-sdk/client-s3';
import { Histogram, type Registry } from 'prom-client';
import { type AwsAccess, awsClientOptions } from '../lib/aws.ts';
import type { Clock } from '../lib/clock.ts';
import { unhealthy } from '../lib/health.ts';
import { PoisonMessageError } from '../lib/message-work.ts';
import { createResultCounter } from '../lib/metrics.ts';
import { createObjectWriter, mayPass, type ObjectWriter } from '../lib/object-writer.ts';
import { outlast } from '../lib/outlast.ts';
import { createQueue, type QueueMessage } from '../lib/queue.ts';
import { createQueuePoller, type PollerSettings, type QueuePoller } from '../lib/queue-poller.ts';
import { defineService } from '../lib/service.ts';
import { sqsClient } from '../lib/sqs.ts';
import { emailConsumer } from './config.ts';
import { parseMail } from './mail.ts';
import { storeMail } from './mail-store.ts';

/** Longer than the long poll, which is 20 s. */
const sqsTiming = { requestTimeoutMs: 25_000, maxAttempts: 3 };
const s3Timing = { requestTimeoutMs: 10_000, maxAttempts: 3 };
/**
 * A mail that S3 does not take now stays in hand for so long, and then counts as delivered once more: the redrive
 * policy, which parks after five deliveries, is for mails at fault and not for an outage of minutes.
 */
const patienceMs = 60_000;
/** A poll takes at most 25 s three times, and a full house empties when patience ends: silence for longer is a hang. */
const longestPollMs = 120_000;

export const pollerSettings: Omit<PollerSettings, 'pauseMs' | 'visibilitySeconds'> = {
  inFlight: 100,
  receivers: 3,
  waitSeconds: 20,
  receiveGraceMs: 5_000,
  finishMs: 30_000,
};

export const service = defineService(emailConsumer, async (config, context) => {
  const { aws, clock, log, metrics, random } = context;
  const { sqs, s3 } = createClients(config.AWS_REGION, aws);
  const bucket = config.S3_BUCKET_NAME;
  const pauseMs = config.SQS_POLL_INTERVAL * 1_000;
  const poller = createQueuePoller({
    queue: createQueue(sqs, config.SQS_QUEUE_URL),
    process: createMailProcess(
      { s3, bucket, objects: createObjectWriter({ s3, bucket, clock, random }), clock, random },
      metrics.registry,
    ),
    settings: { ...pollerSettings, visibilitySeconds: config.SQS_VISIBILITY_TIMEOUT, pauseMs },
    clock,
    random,
    log,
  });
  return {
    ...createHealthChecks(poller, clock, longestPollMs + pauseMs),
    start: poller.start,
    beginDrain: poller.stop,
    async close() {
      await poller.close();
      sqs.destroy();
      s3.destroy();
    },
  };
});

function createClients(region: string, access: AwsAccess) {
  return {
    sqs: sqsClient(region, sqsTiming, access),
    s3: new S3Client(awsClientOptions(region, s3Timing, access)),
  };
}

function createHealthChecks(poller: QueuePoller, clock: Clock, longestSilenceMs: number) {
  return {
    alive() {
      const silentMs = clock.now() - poller.lastPollAt();
      if (silentMs > longestSilenceMs) throw unhealthy(`The last poll ended ${silentMs} ms ago.`);
    },
    ready: {
      sqs() {
        if (poller.isFailing()) throw new Error('The last receive call failed.');
      },
    },
  };
}

/** What is done with one message: read it, store it, count it. */
export function createMailProcess(
  deps: { s3: S3Client; bucket: string; objects: ObjectWriter; clock: Clock; random: () => number },
  registry: Registry,
): (message: QueueMessage, signal: AbortSignal) => Promise<void> {
  const results = ['stored', 'duplicate', 'poison', 'failed'];
  const stored = createResultCounter(
    registry,
    'emails_stored_total',
    'Deliveries of mails, by outcome.',
    results,
  );
  const endToEnd = new Histogram({
    name: 'email_end_to_end_seconds',
    help: 'From the acceptance by SQS to the object in S3.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900],
    registers: [registry],
  });
  return async (message, signal) => {
    try {
      const { email_sender } = parseMail(message.body);
      const result = await outlast(() => storeMail(deps, message, email_sender, signal), {
        ...{ patienceMs, mayPass, signal },
        ...{ clock: deps.clock, random: deps.random },
      });
      stored.inc({ result });
      if (result === 'stored') endToEnd.observe((deps.clock.now() - message.sentAt) / 1000);
    } catch (error) {
      stored.inc({ result: error instanceof PoisonMessageError ? 'poison' : 'failed' });
      throw error;
    }
  };
}
