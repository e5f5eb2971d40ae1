import type { Static } from 'typebox';
import { type Database, isDuplicate, type Transaction } from '../lib/database.ts';
import { changeAndTell, type EventMaker } from '../lib/outbox.ts';
import { Problem } from '../lib/problem.ts';
import { type Statement, sql } from '../lib/sql.ts';
import type { UserSchema } from './schemas.ts';

export type User = Static<typeof UserSchema>;
export type UserRole = User['role'];

/** Who did it, for the event. */
export interface Act {
  actor: string;
  trace?: string | undefined;
}

export interface NewUser {
  id: string;
  org: string;
  email: string;
  name: string;
  passwordHash: string;
  role: UserRole;
}

export interface UserChange {
  name?: string | undefined;
  passwordHash?: string | undefined;
  version: number;
}

interface UserRow {
  id: string;
  org: string;
  email: string;
  name: string;
  role: UserRole;
  permissions: string[];
  version: number;
  created_at: Date;
}

const columns: Statement = sql`id, org_id as org, email, name, role, permissions, version, created_at`;

/** The accounts in PostgreSQL. Each change writes its event in the same statement. */
export interface Users {
  /** Throws `ALREADY_EXISTS` for an address that has an account. */
  add(transaction: Transaction, user: NewUser, act: Act): Promise<User>;
  find(id: string): Promise<User | undefined>;
  findLogin(email: string): Promise<{ user: User; passwordHash: string } | undefined>;
  /** Throws `VERSION_STALE` when the version is not the stored one. */
  change(user: User, change: UserChange, act: Act): Promise<User>;
  changeRole(
    user: User,
    role: UserRole,
    permissions: readonly string[],
    version: number,
    act: Act,
  ): Promise<User>;
  hasManager(): Promise<boolean>;
}

export function createUsers(deps: { database: Database; event: EventMaker; told: () => void }): Users {
  const { database, event, told } = deps;

  async function changeOne(
    label: string,
    change: Statement,
    subject: string,
    user: User,
    data: object,
    act: Act,
  ) {
    const statement = changeAndTell(change, event({ subject, org: user.org, ...act, data }), user.id);
    const [row] = await database.query<UserRow>(label, statement);
    if (row === undefined) throw new Problem('VERSION_STALE', 'The account has changed; read it again.');
    told();
    return toUser(row);
  }

  return {
    async add(transaction, user, act) {
      const { id, org, email, name, passwordHash, role } = user;
      const insert = sql`insert into users (id, org_id, email, name, password_hash, role)
        values (${id}, ${org}, ${email}, ${name}, ${passwordHash}, ${role}) returning ${columns}`;
      const data = { id, email, name, role };
      const created = event({ subject: 'user.created.v1', org, ...act, data });
      try {
        const [row] = await transaction.query<UserRow>('user_add', changeAndTell(insert, created, id));
        return toUser(row as UserRow);
      } catch (error) {
        if (!isDuplicate(error, 'users_email')) throw error;
        throw new Problem('ALREADY_EXISTS', 'This address has an account.', { field: 'email' });
      }
    },
    async find(id) {
      const [row] = await database.read<UserRow>(
        'user_find',
        sql`select ${columns} from users where id = ${id} and erased_at is null`,
      );
      return row && toUser(row);
    },
    async findLogin(email) {
      const [row] = await database.read<UserRow & { password_hash: string }>(
        'user_login',
        sql`select ${columns}, password_hash from users where lower(email) = lower(${email}) and erased_at is null`,
      );
      return row && { user: toUser(row), passwordHash: row.password_hash };
    },
    change: (user, { name, passwordHash, version }, act) =>
      changeOne(
        'user_change',
        sql`update users set name = coalesce(${name ?? null}, name),
          password_hash = coalesce(${passwordHash ?? null}, password_hash), version = version + 1
          where id = ${user.id} and version = ${version} returning ${columns}`,
        'user.updated.v1',
        user,
        { id: user.id, name: name ?? user.name, role: user.role },
        act,
      ),
    changeRole: (user, role, permissions, version, act) =>
      changeOne(
        'user_role',
        sql`update users set role = ${role}, permissions = ${permissions}, version = version + 1
          where id = ${user.id} and version = ${version} returning ${columns}`,
        'user.role_changed.v1',
        user,
        { id: user.id, name: user.name, role, permissions },
        act,
      ),
    async hasManager() {
      const rows = await database.query(
        'user_manager',
        sql`select from users where role = 'manager' limit 1`,
      );
      return rows.length > 0;
    },
  };
}

function toUser({ created_at, ...row }: UserRow): User {
  const { id, org, email, name, role, permissions, version } = row;
  return { id, org, email, name, role, permissions, version, createdAt: created_at.toISOString() };
}
