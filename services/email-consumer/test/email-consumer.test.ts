import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { RunningService } from '../../lib/service.ts';
import { type AwsDouble, startAwsDouble } from '../../test/doubles/aws-double.ts';
import { createManualClock, type ManualClock } from '../../test/doubles/manual-clock.ts';
import { service } from '../service.ts';

let aws: AwsDouble;
let clock: ManualClock;
let running: RunningService;
let base: string;

beforeEach(async () => {
  // Knows no ReceiveMessage: each poll fails, as it does while SQS is down.
  aws = await startAwsDouble();
  clock = createManualClock();
  const environment = {
    METRICS_PORT: '0',
    AWS_REGION: 'us-east-1',
    SQS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/email',
    S3_BUCKET_NAME: 'mails',
  };
  const deps = { clock, random: () => 1, log: pino({ level: 'silent' }), aws: aws.access };
  running = await service.configure(environment).start(deps);
  base = `http://127.0.0.1:${new URL(running.url).port}`;
  while (aws.calls.length < 2 || clock.sleeping() < 2) await clock.advance(0);
});

afterEach(async () => {
  const closed = running.close();
  await clock.advance(60_000);
  await closed;
  await aws.close();
});

test('is healthy but not ready while SQS does not answer', async () => {
  expect((await fetch(`${base}/health`)).status).toBe(200);
  const ready = await fetch(`${base}/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'unready', checks: { sqs: 'failing' } },
  ]);
});

test('asks the queue by its URL at the endpoint of the environment', () => {
  expect(aws.calls[0]).toMatchObject({
    operation: 'ReceiveMessage',
    input: {
      QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/email',
      WaitTimeSeconds: 20,
      MaxNumberOfMessages: 10,
    },
  });
});

test('says that it needs a restart when its polls no longer end', async () => {
  // Time goes on, but no poll ends: nobody wakes the sleepers.
  const { now } = clock;
  clock.now = () => now() + 121_000;
  const health = await fetch(`${base}/health`);
  clock.now = now;
  expect([health.status, await health.json()]).toMatchObject([
    503,
    { code: 'HEALTH_FAILING', detail: 'The last poll ended 121000 ms ago.' },
  ]);
});
