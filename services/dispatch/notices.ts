import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from 'pino';
import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { createMessageSender } from '../lib/message-sender.ts';
import { sql } from '../lib/sql.ts';
import { sqsLimits } from '../lib/sqs.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { Offer } from './offers.ts';

/** What a driver is told by notification. */
export type NoticeTemplate = 'driver_offer' | 'driver_assigned';

/** Messages for the queue of notifications: noted with what they tell of, sent afterwards, lost never. */
export interface Notices {
  add(transaction: Transaction, template: NoticeTemplate, org: string, offer: Offer): Promise<void>;
  /** Sends up to ten; gives their number. Throws while SQS does not answer; they go out later. */
  send(): Promise<number>;
}

/** How long others keep off messages that an instance is sending. */
const leaseMs = 10_000;

export function createNotices(deps: {
  database: Database;
  sqs: SQSClient;
  queueUrl: string;
  clock: Clock;
  random: () => number;
  log: Logger;
}): Notices {
  const { database, sqs, queueUrl, clock, random, log } = deps;
  const sendMessages = createMessageSender({ sqs, queueUrl, clock, random });
  return {
    async add(transaction, template, org, offer) {
      const now = clock.now();
      // The same at every sending, so that notification tells it once.
      const id = uuidV7(now, random);
      const { id: offerId, orderId, driverId: userId, expiresAt, distanceMeters } = offer;
      const data = { orderId, offerId, distanceMeters, ...(template === 'driver_offer' && { expiresAt }) };
      const body = { id, userId, org, template, data, at: new Date(now).toISOString() };
      await transaction.query(
        'notice_add',
        sql`insert into notices (id, body, next_at) values (${id}, ${JSON.stringify(body)}::jsonb, ${new Date(now)})`,
      );
    },
    async send() {
      const now = clock.now();
      const rows = await database.query<{ id: string; body: unknown }>(
        'notices_claim',
        sql`update notices set next_at = ${new Date(now + leaseMs)} where id in (
          select id from notices where next_at <= ${new Date(now)} order by next_at limit ${sqsLimits.entries}
          for update skip locked) returning id, body`,
      );
      if (rows.length === 0) return 0;
      const bodies = rows.map(({ body }) => JSON.stringify(body));
      const outcomes = await sendMessages(bodies);
      const sent = rows.filter((_row, index) => outcomes[index]?.kind === 'accepted').map(({ id }) => id);
      await database.query('notices_sent', sql`delete from notices where id = any(${sent})`);
      if (sent.length < rows.length)
        log.warn({ outcomes }, 'SQS did not take all notices; they are sent again');
      return rows.length;
    },
  };
}
