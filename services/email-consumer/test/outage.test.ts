import { setTimeout as wait } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createObjectWriter } from '../../lib/object-writer.ts';
import type { Queue } from '../../lib/queue.ts';
import { createQueuePoller } from '../../lib/queue-poller.ts';
import { type AwsDouble, startAwsDouble } from '../../test/doubles/aws-double.ts';
import { createManualClock, type ManualClock } from '../../test/doubles/manual-clock.ts';
import { createQueueDouble, type QueueDouble } from '../../test/doubles/queue-double.ts';
import { createMailProcess, pollerSettings } from '../service.ts';

let aws: AwsDouble;
let clock: ManualClock;

beforeEach(async () => {
  aws = await startAwsDouble();
  clock = createManualClock();
});
afterEach(() => aws.close());

/** A queue of so many mails, the one at `poison` no mail at all. */
function createMails(count: number, poison?: number): QueueDouble {
  const double = createQueueDouble(clock);
  for (let index = 0; index < count; index += 1) {
    const mail = { email_subject: 's', email_sender: `${index}`, email_timestream: '1', email_content: 'c' };
    double.put(index === poison ? 'not a mail' : JSON.stringify(mail));
  }
  return double;
}

function startConsumer(queue: Queue, random: () => number, inFlight = 20) {
  const s3 = new S3Client({
    ...{ region: 'us-east-1', endpoint: aws.endpoint, forcePathStyle: true, maxAttempts: 3 },
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  });
  const objects = createObjectWriter({ s3, bucket: 'mails', clock, random });
  const poller = createQueuePoller({
    queue,
    process: createMailProcess({ s3, bucket: 'mails', objects, clock, random }, new Registry()),
    // A full house, and some before it.
    settings: { ...pollerSettings, inFlight, visibilitySeconds: 30, pauseMs: 0 },
    ...{ clock, random, log: pino({ level: 'silent' }) },
  });
  poller.start();
  return { poller, s3 };
}

/** Lets time pass in steps, with room in each for the answers that are on their way. */
async function pass(ms: number, isOver: () => boolean = () => false): Promise<void> {
  for (const end = clock.now() + ms; clock.now() < end && !isOver(); ) {
    await clock.advance(250);
    await wait(5);
  }
}

test.each([
  ['without jitter', () => 1],
  ['with little jitter', () => 0.2],
])(
  'S3 answers 503 Slow Down for 30 s: nothing is lost and nothing parked, %s',
  async (_how, random) => {
    const { queue, waiting, parked } = createMails(30);
    aws.script.s3Fault = { code: 'SlowDown', status: 503 };
    const { poller, s3 } = startConsumer(queue, random);
    await pass(30_000);
    expect([waiting.size, parked]).toEqual([30, []]);
    // They wait in hand: a delivery each is all it costs.
    expect(Math.max(...[...waiting.values()].map(({ receives }) => receives))).toBe(1);
    delete aws.script.s3Fault;
    await pass(60_000, () => waiting.size === 0);
    expect([waiting.size, parked, aws.objects.size]).toEqual([0, [], 30]);
    const closed = poller.close();
    await pass(60_000, () => clock.sleeping() === 0);
    await closed;
    s3.destroy();
  },
  60_000,
);

test('S3 refuses for good: the mails are parked by the redrive policy, not kept in hand', async () => {
  const { queue, waiting, parked } = createMails(3);
  aws.script.s3Fault = { code: 'AccessDenied', status: 403 };
  const { poller, s3 } = startConsumer(queue, () => 0.05);
  await pass(60_000, () => waiting.size === 0);
  expect(parked.toSorted()).toEqual(['m0', 'm1', 'm2']);
  const closed = poller.close();
  await pass(60_000, () => clock.sleeping() === 0);
  await closed;
  s3.destroy();
}, 60_000);

/** Has a thousand messages consumed; gives what was stored, in order, and by how many mails the latest was overtaken. */
async function consumeThousand(poison?: number) {
  const { queue, waiting, parked } = createMails(1_000, poison);
  aws.objects.clear();
  const { poller, s3 } = startConsumer(queue, () => 0.5, pollerSettings.inFlight);
  await pass(600_000, () => waiting.size === 0);
  const stored = [...aws.objects.values()].map((text) => Number(JSON.parse(text).email_sender));
  const closed = poller.close();
  await pass(60_000, () => clock.sleeping() === 0);
  await closed;
  s3.destroy();
  return { stored, parked, overtaken: Math.max(...stored.map((index, at) => at - index)) };
}

test('one poison message among a thousand is parked; the others are stored, none later than twice its turn', async () => {
  const usual = await consumeThousand();
  expect(usual.stored).toHaveLength(1_000);
  const { stored, parked, overtaken } = await consumeThousand(500);
  expect(parked).toEqual(['m500']);
  expect(stored.toSorted((a, b) => a - b)).toEqual([...Array(1_000).keys()].filter((one) => one !== 500));
  expect(overtaken).toBeLessThanOrEqual(2 * Math.max(usual.overtaken, pollerSettings.inFlight));
}, 60_000);
