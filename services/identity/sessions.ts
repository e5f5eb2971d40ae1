import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../lib/clock.ts';
import type { Database, Transaction } from '../lib/database.ts';
import { Problem } from '../lib/problem.ts';
import { sql } from '../lib/sql.ts';
import { uuidV7 } from '../lib/uuid.ts';

/** Refresh tokens: each is good for one use, and one used twice ends everything that came from its login. */
export interface Sessions {
  /** Begins a session; gives its first refresh token. */
  begin(userId: string): Promise<string>;
  /** Takes a token and gives the next one. Throws `TOKEN_WRONG`; a token used before revokes its family. */
  renew(token: string): Promise<{ userId: string; token: string }>;
  /** Ends the session of a token; one that is not known is already ended. */
  end(token: string): Promise<void>;
  /** Ends all sessions of a user. */
  endAll(userId: string): Promise<void>;
}

interface TokenRow {
  id: string;
  family: string;
  user_id: string;
  expires_at: Date;
  used_at: Date | null;
  revoked_at: Date | null;
}

export function createSessions(deps: {
  database: Database;
  lifeSeconds: number;
  clock: Clock;
  random: () => number;
  /** Told of each theft: a token that came twice. */
  onReuse: (userId: string, family: string) => void;
}): Sessions {
  const { database, clock, random, lifeSeconds, onReuse } = deps;

  /** Stored is only the digest: a stolen table opens no session. */
  async function issue(transaction: Transaction, userId: string, family: string): Promise<string> {
    const token = randomBytes(32).toString('base64url');
    const expiresAt = new Date(clock.now() + lifeSeconds * 1000);
    await transaction.query(
      'refresh_issue',
      sql`insert into refresh_tokens (id, family, user_id, hash, expires_at)
        values (${uuidV7(clock.now(), random)}, ${family}, ${userId}, ${digestOf(token)}, ${expiresAt})`,
    );
    return token;
  }

  async function revoke(transaction: Transaction, family: string): Promise<void> {
    const now = new Date(clock.now());
    await transaction.query(
      'refresh_revoke',
      sql`update refresh_tokens set revoked_at = ${now} where family = ${family} and revoked_at is null`,
    );
  }

  async function renew(token: string): Promise<{ userId: string; token: string }> {
    const outcome = await database.transaction(async (transaction) => {
      const [row] = await transaction.query<TokenRow>(
        'refresh_lock',
        sql`select id, family, user_id, expires_at, used_at, revoked_at from refresh_tokens
          where hash = ${digestOf(token)} for update`,
      );
      if (!row || row.revoked_at !== null || row.expires_at.getTime() <= clock.now()) return undefined;
      if (row.used_at !== null) {
        // Committed although the answer is a refusal: that is the point of it.
        await revoke(transaction, row.family);
        return { stolen: row };
      }
      const now = new Date(clock.now());
      await transaction.query(
        'refresh_use',
        sql`update refresh_tokens set used_at = ${now} where id = ${row.id}`,
      );
      return { next: { userId: row.user_id, token: await issue(transaction, row.user_id, row.family) } };
    });
    if (outcome?.stolen) onReuse(outcome.stolen.user_id, outcome.stolen.family);
    if (!outcome?.next) throw wrongToken();
    return outcome.next;
  }

  return {
    begin: (userId) =>
      database.transaction((transaction) => issue(transaction, userId, uuidV7(clock.now(), random))),
    renew,
    async end(token) {
      await database.transaction(async (transaction) => {
        const [row] = await transaction.query<{ family: string }>(
          'refresh_family',
          sql`select family from refresh_tokens where hash = ${digestOf(token)}`,
        );
        if (row) await revoke(transaction, row.family);
      });
    },
    async endAll(userId) {
      const now = new Date(clock.now());
      await database.query(
        'refresh_end_all',
        sql`update refresh_tokens set revoked_at = ${now} where user_id = ${userId} and revoked_at is null`,
      );
    },
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function wrongToken(): Problem {
  return new Problem('TOKEN_WRONG', 'This refresh token is not good; log in again.');
}
