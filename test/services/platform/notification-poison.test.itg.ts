import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { systemClock as clock } from '../../../services/lib/clock.ts';
import { createDatabase, type Database } from '../../../services/lib/database.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { createEventMaker } from '../../../services/lib/outbox.ts';
import { createQueuePoller } from '../../../services/lib/queue-poller.ts';
import { sql } from '../../../services/lib/sql.ts';
import { sqsClient } from '../../../services/lib/sqs.ts';
import { createJobFaults } from '../../../services/notification/job-faults.ts';
import { createJobRelay } from '../../../services/notification/job-relay.ts';
import { createNotifications } from '../../../services/notification/notifications.ts';
import type { Provider } from '../../../services/notification/providers/provider.ts';
import { createRecipients } from '../../../services/notification/recipients.ts';
import { createSender } from '../../../services/notification/sender.ts';
import { pollerSettings } from '../../../services/notification/service.ts';
import { type AwsDouble, startAwsDouble } from '../../../services/test/doubles/aws-double.ts';
import { createQueueDouble } from '../../../services/test/doubles/queue-double.ts';
import { until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';

const log = pino({ level: 'silent' });
const random = Math.random;
let ground: Ground;
let aws: AwsDouble;
let database: Database;

beforeAll(async () => {
  [ground, aws] = await Promise.all([startGround(), startAwsDouble()]);
  await ground.migrate('notification');
  const access = readDatabaseUrl(
    `postgres://notifications:password@127.0.0.1:${ground.postgres.port}/postgres`,
  );
  database = createDatabase({ access, schema: 'notifications', log, registry: new Registry() });
});
afterAll(async () => {
  await database.close();
  await ground.stop();
  await aws.close();
});

/** The working part of the service, on a queue that holds these jobs and takes what it queues itself. */
function startWork(jobs: readonly string[]) {
  const { queue, waiting, parked, put } = createQueueDouble(clock);
  for (const job of jobs) put(job);
  const sqs = sqsClient('us-east-1', { requestTimeoutMs: 5_000, maxAttempts: 2 }, aws.access);
  const queueUrl = `${aws.endpoint}/1/notification-jobs`;
  const relay = createJobRelay({ database, sqs, queueUrl, clock, random, log });
  const sent: string[] = [];
  const provider: Provider = {
    name: 'double',
    async send({ text }) {
      sent.push(text);
      return { kind: 'sent' };
    },
  };
  const recipients = createRecipients(database);
  const event = createEventMaker({ clock, random });
  const poller = createQueuePoller({
    queue: {
      ...queue,
      receive(options, signal) {
        // SQS has them: they are in the queue.
        for (const { body } of aws.accepted.splice(0)) put(body);
        return queue.receive(options, signal);
      },
    },
    process: createSender({
      ...{ database, recipients, clock, random, log },
      notifications: createNotifications({ database, recipients, event, clock, random }),
      faults: createJobFaults(database, log),
      findProvider: async () => provider,
      onResult: () => undefined,
      told: relay.wake,
    }),
    settings: { ...pollerSettings, waitSeconds: 1 },
    ...{ clock, random, log },
  });
  relay.start();
  poller.start();
  return {
    sent,
    parked,
    isIdle: () => waiting.size === 0 && aws.accepted.length === 0,
    async stop() {
      await poller.close();
      await relay.stop();
      sqs.destroy();
    },
  };
}

async function introduce(): Promise<string> {
  const id = randomUUID();
  await createRecipients(database).keepPreferences(
    database,
    {
      id,
      channels: { email: true, sms: false, push: false, slack: false },
      contacts: { email: 'ada@example.com' },
    },
    { at: new Date().toISOString(), org: 'public' },
  );
  return id;
}

/** Has a thousand jobs done, one of them no job if so wanted; gives the numbers of those sent, in that order. */
async function doThousand(poison?: number) {
  const userId = await introduce();
  const at = new Date().toISOString();
  const jobs = Array.from({ length: 1_000 }, (_, index) => {
    if (index === poison) return 'not a job';
    const data = { orderId: `number-${index}-` };
    return JSON.stringify({ id: randomUUID(), userId, org: 'public', template: 'order_created', at, data });
  });
  const work = startWork(jobs);
  const wanted = poison === undefined ? jobs.length : jobs.length - 1;
  await until(() => work.sent.length >= wanted && work.isIdle());
  await work.stop();
  const numbers = work.sent.map((text) => Number(/number-(\d+)-/.exec(text)?.[1]));
  const overtaken = Math.max(...numbers.map((number, place) => place - number));
  return { numbers, parked: work.parked, overtaken };
}

test('one job among a thousand that nobody can do is parked; the others are done once, none later than twice its turn', async () => {
  const usual = await doThousand();
  expect(usual.numbers).toHaveLength(1_000);
  const { numbers, parked, overtaken } = await doThousand(500);
  expect(parked).toEqual(['m500']);
  expect(numbers.toSorted((a, b) => a - b)).toEqual([...Array(1_000).keys()].filter((one) => one !== 500));
  const [fault] = await database.read<{ reason: string }>('fault', sql`select reason from job_faults`);
  expect(fault?.reason).toContain('The message is no job');
  // Each goes through the queue twice: as the job of another service, and as the notification it became.
  expect(overtaken).toBeLessThanOrEqual(2 * Math.max(usual.overtaken, 2 * pollerSettings.inFlight));
});
