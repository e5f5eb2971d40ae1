import type { Database, Transaction } from '../lib/database.ts';
import { sql } from '../lib/sql.ts';
import type { Channel, QuietHours, Reachable } from './channels.ts';

/** Somebody as this service knows them. */
export interface Recipient extends Reachable {
  readonly id: string;
  readonly locale?: string | undefined;
  readonly quietHours?: QuietHours | undefined;
  readonly isErased: boolean;
}

export interface Preferences {
  readonly id: string;
  readonly channels: Readonly<Record<Channel, boolean>>;
  readonly locale?: string | undefined;
  readonly quietHours?: QuietHours | undefined;
  readonly contacts?:
    | {
        readonly email?: string | undefined;
        readonly phone?: string | undefined;
        readonly pushTokens?: readonly string[] | undefined;
      }
    | undefined;
}

/** When something was said, and for which organisation. */
interface Said {
  readonly at: string;
  readonly org: string;
}

interface RecipientRow {
  id: string;
  org_id: string;
  email: string | null;
  channels: Record<Channel, boolean> | null;
  locale: string | null;
  quiet_hours: QuietHours | null;
  contact_email: string | null;
  phone: string | null;
  push_tokens: string[];
  erased_at: Date | null;
}

/** Somebody was written to whom no event has told of yet: events of different streams come in any order. */
export class RecipientUnknownError extends Error {
  override readonly name = 'RecipientUnknownError';
}

/**
 * Whom this service writes to: its own copy of accounts and wishes. An older event changes nothing that a newer one has
 * said, and nobody who was erased comes back.
 */
export interface Recipients {
  find(id: string, within?: Transaction): Promise<Recipient | undefined>;
  keepUser(
    transaction: Transaction,
    user: { id: string; name: string; email?: string | undefined },
    said: Said,
  ): Promise<void>;
  keepPreferences(transaction: Transaction, preferences: Preferences, said: Said): Promise<void>;
  /** Forgets a device that is not there any more. */
  dropPushToken(id: string, token: string): Promise<void>;
  /** Takes every value that names somebody; what they were told goes with `Notifications.erase`. */
  erase(transaction: Transaction, id: string, said: Said): Promise<void>;
}

export function createRecipients(database: Database): Recipients {
  return {
    async find(id, within) {
      const statement = sql`select id, org_id, email, channels, locale, quiet_hours, contact_email, phone,
        push_tokens, erased_at from recipients where id = ${id}`;
      const [row] = within
        ? await within.query<RecipientRow>('recipient_find', statement)
        : await database.read<RecipientRow>('recipient_find', statement);
      return row && toRecipient(row);
    },
    async keepUser(transaction, { id, name, email }, { at, org }) {
      await transaction.query(
        'recipient_user',
        sql`insert into recipients (id, org_id, name, email, user_at)
          values (${id}, ${org}, ${name}, ${email ?? null}, ${at})
          on conflict (id) do update set org_id = excluded.org_id,
            email = coalesce(excluded.email, recipients.email),
            name = case when recipients.user_at > excluded.user_at then recipients.name else excluded.name end,
            user_at = greatest(recipients.user_at, excluded.user_at)
          where recipients.erased_at is null`,
      );
    },
    async keepPreferences(transaction, { id, channels, locale, quietHours, contacts = {} }, { at, org }) {
      const { email, phone, pushTokens = [] } = contacts;
      await transaction.query(
        'recipient_preferences',
        sql`insert into recipients (id, org_id, channels, locale, quiet_hours, contact_email, phone, push_tokens,
            preferences_at)
          values (${id}, ${org}, ${JSON.stringify(channels)}::jsonb, ${locale ?? null},
            ${quietHours ? JSON.stringify(quietHours) : null}::jsonb, ${email ?? null}, ${phone ?? null},
            ${JSON.stringify(pushTokens)}::jsonb, ${at})
          on conflict (id) do update set channels = excluded.channels, locale = excluded.locale,
            quiet_hours = excluded.quiet_hours, contact_email = excluded.contact_email, phone = excluded.phone,
            push_tokens = excluded.push_tokens, preferences_at = excluded.preferences_at
          where recipients.erased_at is null
            and coalesce(recipients.preferences_at < excluded.preferences_at, true)`,
      );
    },
    async dropPushToken(id, token) {
      await database.query(
        'recipient_token_drop',
        sql`update recipients set push_tokens = push_tokens - ${token} where id = ${id}`,
      );
    },
    async erase(transaction, id, { at, org }) {
      await transaction.query(
        'recipient_erase',
        sql`insert into recipients (id, org_id, erased_at) values (${id}, ${org}, ${at})
          on conflict (id) do update set name = null, email = null, channels = null, locale = null,
            quiet_hours = null, contact_email = null, phone = null, push_tokens = '[]', erased_at = excluded.erased_at`,
      );
    },
  };
}

function toRecipient(row: RecipientRow): Recipient {
  return {
    id: row.id,
    org: row.org_id,
    wishes: row.channels ?? undefined,
    email: row.contact_email ?? row.email ?? undefined,
    phone: row.phone ?? undefined,
    pushTokens: row.push_tokens,
    locale: row.locale ?? undefined,
    quietHours: row.quiet_hours ?? undefined,
    isErased: row.erased_at !== null,
  };
}
