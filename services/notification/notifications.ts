import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { changeAndTell, type EventMaker } from '../lib/outbox.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { addressesOf, type Channel, chooseChannels, sendAt } from './channels.ts';
import { tellingOf } from './manners.ts';
import { type Recipient, type Recipients, RecipientUnknownError } from './recipients.ts';
import type { TemplateData } from './render.ts';
import type { Planned } from './rules.ts';

/** A notification by one channel. */
export interface Notification {
  readonly id: string;
  readonly org: string;
  /** A user's id, or `org:<organisation>`. */
  readonly userId: string;
  readonly channel: Channel;
  readonly template: string;
  readonly data: TemplateData;
  /** Tries so far, the one under way included. */
  readonly attempts: number;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** How a notification ended. */
export type Ending = { readonly status: 'sent' } | { readonly status: 'failed'; readonly reason: string };

export interface NotificationRow {
  id: string;
  org_id: string;
  user_id: string;
  channel: Channel;
  template: string;
  payload: TemplateData;
  attempts: number;
  created_at: Date;
  expires_at: Date;
}

/** How long a try may take, all included, in milliseconds; then it counts as lost and is queued again. */
const claimMs = 60_000;

export const columns: Statement = sql`id, org_id, user_id, channel, template, payload, attempts, created_at, expires_at`;

/** The notifications in PostgreSQL: what is still to be sent is here, whatever the queue holds. */
export interface Notifications {
  /**
   * Notes what is to be sent, a row a channel, in the transaction of the event or job that asks for it. Gives the new
   * ones; none for somebody erased, or what was noted already. Throws `RecipientUnknownError`.
   */
  plan(
    transaction: Transaction,
    planned: readonly Planned[],
    source: { eventId: string; org: string },
  ): Promise<{ id: string; channel: Channel }[]>;
  /** Begins a try; `undefined` when it is settled, or somebody else is at it. */
  claim(id: string): Promise<Notification | undefined>;
  /** Ends it and tells so, in one statement. */
  settle(notification: Notification, ending: Ending): Promise<void>;
  /** Puts it off: it is queued again at that time, epoch milliseconds. */
  postpone(id: string, at: number, reason: string): Promise<void>;
  /** Leaves it to the people who look after the dead-letter queue: nothing queues it again but they. */
  park(id: string, reason: string): Promise<void>;
  /** Gives a claim back that nothing came of. */
  release(id: string): Promise<void>;
  /** Empties all that was told or is still to be told to somebody, and notes that their feed is to go. */
  erase(transaction: Transaction, userId: string): Promise<void>;
}

export function createNotifications(deps: {
  database: Database;
  recipients: Recipients;
  event: EventMaker;
  clock: Clock;
  random: () => number;
}): Notifications {
  const { database, recipients, event, clock, random } = deps;

  /** An organisation is reached by its Slack only, and is asked by nobody whether it likes to. */
  async function readTarget(transaction: Transaction, userId: string, org: string) {
    if (userId.startsWith('org:')) {
      return { org, choose: (): Channel[] => ['slack'], quietHours: undefined };
    }
    const recipient = await recipients.find(userId, transaction);
    if (!recipient) throw new RecipientUnknownError(`No event has told of user ${userId} yet.`);
    const choose = (wanted?: readonly Channel[]) =>
      recipient.isErased ? [] : chooseChannels(recipient, wanted);
    return { org: recipient.org, choose, quietHours: recipient.quietHours };
  }

  async function planOne(
    transaction: Transaction,
    planned: Planned,
    source: { eventId: string; org: string },
  ): Promise<{ id: string; channel: Channel }[]> {
    const { userId, template, data, channel: only } = planned;
    const target = await readTarget(transaction, userId, source.org);
    const now = clock.now();
    const { channels, isUrgent, about, expiresAt } = tellingOf(template, data, now);
    const added: { id: string; channel: Channel }[] = [];
    for (const channel of target.choose(only ? [only] : channels)) {
      const nextAt = isUrgent ? now : sendAt(channel, target.quietHours, now);
      const rows = await transaction.query<{ id: string }>(
        'notification_plan',
        sql`insert into notifications (id, event_id, org_id, user_id, channel, template, payload, about, next_at,
            expires_at, created_at)
          values (${uuidV7(now, random)}, ${source.eventId}, ${target.org}, ${userId}, ${channel}, ${template},
            ${JSON.stringify(data)}::jsonb, ${about ?? null}, ${new Date(nextAt)}, ${new Date(expiresAt)},
            ${new Date(now)})
          on conflict do nothing returning id`,
      );
      added.push(...rows.map(({ id }) => ({ id, channel })));
    }
    return added;
  }

  return {
    async plan(transaction, planned, source) {
      const added: { id: string; channel: Channel }[] = [];
      for (const one of planned) added.push(...(await planOne(transaction, one, source)));
      return added;
    },
    async claim(id) {
      const now = clock.now();
      const until = new Date(now + claimMs);
      const [row] = await database.query<NotificationRow>(
        'notification_claim',
        sql`update notifications set attempts = attempts + 1, claimed_until = ${until}, next_at = ${until}
          where id = ${id} and status in ('pending', 'parked')
            and (claimed_until is null or claimed_until < ${new Date(now)})
          returning ${columns}`,
      );
      return row && toNotification(row);
    },
    async settle({ id, org, userId, channel, template }, ending) {
      const reason = ending.status === 'failed' ? ending.reason : null;
      const change = sql`update notifications set status = ${ending.status}, last_error = ${reason},
          settled_at = now(), claimed_until = null,
          fed_at = case when user_id like 'org:%' then now() end
        where id = ${id} and status in ('pending', 'parked') returning id`;
      const data = { id, userId, channel, template, ...(reason !== null && { reason }) };
      const subject = `notification.${ending.status}.v1`;
      const told = event({ subject, org, actor: 'notification', data });
      await database.query('notification_settle', changeAndTell(change, told, id));
    },
    async postpone(id, at, reason) {
      await database.query(
        'notification_postpone',
        sql`update notifications set status = 'pending', next_at = ${new Date(at)}, last_error = ${reason},
            claimed_until = null where id = ${id} and status in ('pending', 'parked')`,
      );
    },
    async park(id, reason) {
      await database.query(
        'notification_park',
        sql`update notifications set status = 'parked', last_error = ${reason}, claimed_until = null
          where id = ${id} and status in ('pending', 'parked')`,
      );
    },
    async release(id) {
      await database.query(
        'notification_release',
        sql`update notifications set claimed_until = null, next_at = ${new Date(clock.now())} where id = ${id}`,
      );
    },
    async erase(transaction, userId) {
      await transaction.query(
        'notifications_erase',
        sql`update notifications set payload = '{}', last_error = null,
            status = case when status in ('pending', 'parked') then 'failed' else status end,
            settled_at = coalesce(settled_at, now()), fed_at = coalesce(fed_at, now()) where user_id = ${userId}`,
      );
      await transaction.query(
        'feed_erase_later',
        sql`insert into feed_erasures (user_id) values (${userId}) on conflict do nothing`,
      );
    },
  };
}

/** Where a notification goes and in which language, as it is known when it is sent. */
export function targetOf(
  notification: Notification,
  recipient: Recipient | undefined,
): { addresses: readonly string[]; locale: string | undefined } {
  const { channel, org, userId } = notification;
  if (userId.startsWith('org:')) return { addresses: [org], locale: undefined };
  if (!recipient || recipient.isErased) return { addresses: [], locale: undefined };
  return { addresses: addressesOf(recipient, channel), locale: recipient.locale };
}

export function toNotification(row: NotificationRow): Notification {
  const { id, channel, template, payload: data, attempts } = row;
  return {
    ...{ id, channel, template, data, attempts },
    org: row.org_id,
    userId: row.user_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}
