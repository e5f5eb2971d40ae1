import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database } from '../lib/database.ts';
import { createMessageSender } from '../lib/message-sender.ts';
import { sql } from '../lib/sql.ts';
import { sqsLimits } from '../lib/sqs.ts';
import { createLoop, type Loop } from './loop.ts';

const batchSize = 100;
const pollMs = 500;
const pauseAfterFaultMs = 2_000;
/** A job that is not settled so long after it was queued counts as lost, and is queued again; a second one does no harm. */
const lostAfter = '15 minutes';

/**
 * Puts the notifications that are due into the queue, each at least once.
 *
 * Rows are marked in the transaction in which SQS takes their jobs, so a crash in between queues them again; several
 * instances take different rows. While SQS does not answer, the rows wait.
 */
export function createJobRelay(deps: {
  database: Database;
  sqs: SQSClient;
  queueUrl: string;
  clock: Clock;
  random: () => number;
  log: Logger;
}): Loop {
  const { database, sqs, queueUrl, clock, random, log } = deps;
  const sendMessages = createMessageSender({ sqs, queueUrl, clock, random });

  async function enqueue(ids: readonly string[]): Promise<void> {
    const bodies = ids.map((notificationId) => JSON.stringify({ notificationId }));
    const outcomes = await sendMessages(bodies);
    const failed = outcomes.find(({ kind }) => kind !== 'accepted');
    if (failed && failed.kind !== 'accepted') throw new Error(`SQS took not every job: ${failed.code}.`);
  }

  async function turn(): Promise<boolean> {
    return database.transaction(async (transaction) => {
      const rows = await transaction.query<{ id: string }>(
        'jobs_due',
        sql`update notifications set next_at = ${new Date(clock.now())}::timestamptz + ${lostAfter}::interval
          where id in (
            select id from notifications where status = 'pending' and next_at <= ${new Date(clock.now())}
            order by next_at limit ${batchSize} for update skip locked
          ) returning id`,
      );
      for (let first = 0; first < rows.length; first += sqsLimits.entries) {
        await enqueue(rows.slice(first, first + sqsLimits.entries).map(({ id }) => id));
      }
      return rows.length === batchSize;
    });
  }

  return createLoop({
    clock,
    turn,
    pauseMs: pollMs,
    faultPauseMs: pauseAfterFaultMs,
    onFault: (error) => log.warn({ err: error }, 'jobs not queued; they wait'),
  });
}
