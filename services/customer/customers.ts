import type { Static } from 'typebox';
import type { Database, Transaction } from '../lib/database.ts';
import { type EventMaker, tell } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { readContacts } from './comm-tokens.ts';
import { type Channel, channels, type PreferencesSchema, type SetPreferencesSchema } from './schemas.ts';

export type Preferences = Static<typeof PreferencesSchema>;
export type ChangePreferences = Static<typeof SetPreferencesSchema>;

/** Who does something, and within which trace. */
export interface Act {
  readonly actor: string;
  readonly trace?: string | undefined;
}

/** The person something belongs to, as their token names them. */
export interface Owner {
  readonly id: string;
  readonly org: string;
}

export interface Customer extends Owner {
  readonly name?: string;
  readonly email?: string;
  readonly createdAt: string;
  readonly preferences: Preferences;
}

/** What an event of identity says of somebody; only the first one holds the e-mail address. */
export interface Profile extends Owner {
  readonly name: string;
  readonly email?: string | undefined;
  /** When it was told, as ISO time. */
  readonly at: string;
}

interface CustomerRow {
  id: string;
  org_id: string;
  name: string | null;
  email: string | null;
  channels: Preferences['channels'];
  locale: string | null;
  quiet_hours: Preferences['quietHours'] | null;
  version: number;
  created_at: Date;
  erased_at: Date | null;
}

const columns: Statement = sql`id, org_id, name, email, channels, locale, quiet_hours, version, created_at, erased_at`;

/** What somebody has who has chosen nothing: no channel is used without a yes. */
export const noPreferences: Preferences = {
  channels: { email: false, sms: false, push: false, slack: false },
  version: 1,
};

/** The people and their preferences in PostgreSQL. What others must know of a change is told in its transaction. */
export interface Customers {
  /** Somebody who is known and not erased. */
  find(id: string): Promise<Customer | undefined>;
  /**
   * Locks the row of the one who asks. A token is enough to be known: the event of the new account may still be on
   * its way. Throws `RESOURCE_UNKNOWN` for somebody erased.
   */
  open(transaction: Transaction, owner: Owner): Promise<Customer>;
  /** Throws `VERSION_STALE` for another version than the stored one. Notes each yes and no in the log of consents. */
  setPreferences(owner: Owner, wanted: ChangePreferences, act: Act): Promise<Preferences>;
  /** Takes over name and address; an older event never overwrites a newer one, and nobody erased comes back. */
  learn(transaction: Transaction, profile: Profile, act: Act): Promise<void>;
  /** Tells how somebody may be reached now. */
  announce(transaction: Transaction, customer: Customer, act: Act): Promise<void>;
}

export function createCustomers(deps: {
  database: Database;
  event: EventMaker;
  told: () => void;
}): Customers {
  const { database, event, told } = deps;

  async function open(transaction: Transaction, { id, org }: Owner): Promise<Customer> {
    await transaction.query(
      'customer_open',
      sql`insert into customers (id, org_id) values (${id}, ${org}) on conflict (id) do nothing`,
    );
    const [row] = await transaction.query<CustomerRow>(
      'customer_lock',
      sql`select ${columns} from customers where id = ${id} and erased_at is null for update`,
    );
    if (!row) throw new Problem('RESOURCE_UNKNOWN', 'There is no such customer.');
    return toCustomer(row);
  }

  async function announce(transaction: Transaction, customer: Customer, act: Act): Promise<void> {
    const { id, org, email, preferences } = customer;
    const { version: _version, ...wishes } = preferences;
    const contacts = { ...(email !== undefined && { email }), ...(await readContacts(transaction, id)) };
    const data = { id, ...wishes, ...(Object.keys(contacts).length > 0 && { contacts }) };
    const fact = event({ subject: 'customer.preferences_changed.v1', org, ...act, data });
    await transaction.query('preferences_tell', tell(fact, id));
  }

  async function noteConsents(
    transaction: Transaction,
    id: string,
    before: Preferences,
    wanted: ChangePreferences,
  ): Promise<void> {
    for (const channel of decidedChannels(before, wanted.channels)) {
      await transaction.query(
        'consent_note',
        sql`insert into consents (customer_id, channel, granted, source)
          values (${id}, ${channel}, ${wanted.channels[channel]}, ${wanted.source})`,
      );
    }
  }

  return {
    open,
    announce,
    async find(id) {
      const [row] = await database.read<CustomerRow>(
        'customer_find',
        sql`select ${columns} from customers where id = ${id} and erased_at is null`,
      );
      return row && toCustomer(row);
    },
    async setPreferences(owner, wanted, act) {
      assertTimeZone(wanted.quietHours?.timeZone);
      const changed = await database.transaction(async (transaction) => {
        const before = await open(transaction, owner);
        const [row] = await transaction.query<CustomerRow>(
          'preferences_set',
          sql`update customers set channels = ${JSON.stringify(wanted.channels)}::jsonb,
            locale = ${wanted.locale ?? null}, version = version + 1,
            quiet_hours = ${wanted.quietHours ? JSON.stringify(wanted.quietHours) : null}::jsonb
            where id = ${owner.id} and version = ${wanted.version} returning ${columns}`,
        );
        if (!row) throw new Problem('VERSION_STALE', 'The preferences have changed; read them again.');
        await noteConsents(transaction, owner.id, before.preferences, wanted);
        const after = toCustomer(row);
        await announce(transaction, after, act);
        return after;
      });
      told();
      return changed.preferences;
    },
    async learn(transaction, { id, org, name, email, at }, act) {
      const [before] = await transaction.query<{ email: string | null }>(
        'customer_known',
        sql`select email from customers where id = ${id} for update`,
      );
      const [row] = await transaction.query<CustomerRow>(
        'customer_learn',
        sql`insert into customers (id, org_id, name, email, named_at)
          values (${id}, ${org}, ${name}, ${email ?? null}, ${at})
          on conflict (id) do update set email = coalesce(excluded.email, customers.email),
            name = case when customers.named_at > excluded.named_at then customers.name else excluded.name end,
            named_at = greatest(customers.named_at, excluded.named_at)
          where customers.erased_at is null returning ${columns}`,
      );
      // Who chose before their address was known here is told again with it.
      const isLate = row !== undefined && row.version > 1 && before?.email !== row.email;
      if (isLate) await announce(transaction, toCustomer(row), act);
    },
  };
}

/** The channels a choice decides: all of them the first time, later those that change. */
export function decidedChannels(before: Preferences, wanted: Preferences['channels']): Channel[] {
  return channels.filter((channel) => before.version === 1 || before.channels[channel] !== wanted[channel]);
}

function assertTimeZone(timeZone: string | undefined): void {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    throw new Problem('BODY_INVALID', 'The time zone is not known; write one such as Europe/Berlin.', {
      field: 'quietHours.timeZone',
      cause,
    });
  }
}

function toCustomer(row: CustomerRow): Customer {
  const { id, name, email, locale, version } = row;
  return {
    id,
    org: row.org_id,
    ...(name !== null && { name }),
    ...(email !== null && { email }),
    createdAt: row.created_at.toISOString(),
    preferences: {
      channels: row.channels,
      ...(locale !== null && { locale }),
      ...(row.quiet_hours && { quietHours: row.quiet_hours }),
      version,
    },
  };
}
