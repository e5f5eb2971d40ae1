import type { Static } from 'typebox';
import type { Database, Transaction } from '../lib/database.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';
import type { NewTokenSchema, TokenSchema } from './schemas.ts';

export type CommToken = Static<typeof TokenSchema>;
export type NewCommToken = Static<typeof NewTokenSchema>;

interface TokenRow {
  id: string;
  kind: CommToken['kind'];
  value: string;
  created_at: Date;
}

const columns: Statement = sql`id, kind, value, created_at`;

/** Devices and numbers one person may have; each event about them carries all. */
const mostTokens = 20;

/** What push services and telephones are reached by, in PostgreSQL. */
export interface CommTokens {
  /**
   * Keeps a token; one that is there already is seen again. Throws `BODY_INVALID` for what is no telephone number, and
   * `STATE_CONFLICT` above twenty.
   */
  put(transaction: Transaction, owner: string, token: NewCommToken): Promise<CommToken>;
  /** Throws `RESOURCE_UNKNOWN` for a token that is not theirs. */
  remove(transaction: Transaction, owner: string, id: string): Promise<void>;
  list(owner: string): Promise<CommToken[]>;
}

export function createCommTokens(deps: {
  database: Database;
  clock: { now(): number };
  random: () => number;
}): CommTokens {
  const { database, clock, random } = deps;
  return {
    async put(transaction, owner, { kind, value }) {
      assertNumber(kind, value);
      const [row] = await transaction.query<TokenRow>(
        'token_put',
        sql`insert into comm_tokens (id, customer_id, kind, value)
          values (${uuidV7(clock.now(), random)}, ${owner}, ${kind}, ${value})
          on conflict (customer_id, kind, value) do update set seen_at = now() returning ${columns}`,
      );
      const [{ count } = { count: 0 }] = await transaction.query<{ count: number }>(
        'token_count',
        sql`select count(*)::int as count from comm_tokens where customer_id = ${owner}`,
      );
      if (count > mostTokens) {
        throw new Problem('STATE_CONFLICT', `There are ${mostTokens} tokens already; remove one first.`);
      }
      return toToken(row as TokenRow);
    },
    async remove(transaction, owner, id) {
      const gone = await transaction.query(
        'token_remove',
        sql`delete from comm_tokens where id = ${id} and customer_id = ${owner} returning id`,
      );
      if (gone.length === 0) throw new Problem('RESOURCE_UNKNOWN', 'There is no such token.');
    },
    async list(owner) {
      const rows = await database.read<TokenRow>(
        'token_list',
        sql`select ${columns} from comm_tokens where customer_id = ${owner} order by id`,
      );
      return rows.map(toToken);
    },
  };
}

/** How somebody is reached beside e-mail: the number seen last, and every device. */
export async function readContacts(
  transaction: Transaction,
  owner: string,
): Promise<{ phone?: string; pushTokens?: string[] }> {
  const rows = await transaction.query<TokenRow>(
    'contacts_read',
    sql`select ${columns} from comm_tokens where customer_id = ${owner} order by seen_at desc, id desc`,
  );
  const phone = rows.find(({ kind }) => kind === 'sms')?.value;
  const pushTokens = rows.filter(({ kind }) => kind === 'push').map(({ value }) => value);
  return { ...(phone !== undefined && { phone }), ...(pushTokens.length > 0 && { pushTokens }) };
}

/** E.164: a plus and at most 15 digits. */
function assertNumber(kind: CommToken['kind'], value: string): void {
  if (kind === 'sms' && !/^\+[1-9]\d{6,14}$/.test(value)) {
    throw new Problem('BODY_INVALID', 'A telephone number is written as +4915112345678.', { field: 'value' });
  }
}

function toToken({ id, kind, value, created_at }: TokenRow): CommToken {
  return { id, kind, value, createdAt: created_at.toISOString() };
}
