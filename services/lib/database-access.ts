import type { Clock } from './clock.ts';
import type { SecretSource } from './secret.ts';

/** How a database is reached; the password is asked for at each new connection. */
export interface DatabaseAccess {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: () => string | Promise<string>;
  /**
   * After the server has refused the password so many times (0 for the first): resolves with `true` when one read anew
   * is worth a try. Missing where it never changes.
   */
  readonly renewPassword?: (refusals: number) => Promise<boolean>;
  readonly ssl: boolean;
}

/**
 * Waits before a password is read anew, in milliseconds. A rotation changes it in the database and then in the secret:
 * whoever connects in between finds the old one still there, and must come again.
 */
const renewPausesMs = [0, 500, 2_000];

/** What the secret of a database holds; the names are those RDS and Secrets Manager use. */
interface DatabaseSecret {
  host: string;
  port?: number;
  dbname?: string;
  username: string;
  password: string;
}

/** Reads `postgres://user:password@host:port/database?sslmode=require`. Throws when it is none. */
export function readDatabaseUrl(text: string): DatabaseAccess {
  const url = URL.parse(text);
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
    throw new Error('The database URL must look like postgres://user:password@host:5432/database.');
  }
  const password = decodeURIComponent(url.password);
  return {
    host: url.hostname,
    port: url.port === '' ? 5432 : Number(url.port),
    database: decodeURIComponent(url.pathname.slice(1)) || 'postgres',
    user: decodeURIComponent(url.username) || 'postgres',
    password: () => password,
    ssl: /^(require|verify-ca|verify-full)$/.test(url.searchParams.get('sslmode') ?? ''),
  };
}

/**
 * Reads the secret of a database. Its password is looked up again for each new connection, so that one that was
 * rotated works without a restart, also when it is read too early; host and user are those of the start.
 */
export async function readDatabaseSecret(secret: SecretSource, clock: Clock): Promise<DatabaseAccess> {
  const first = parseSecret(await secret.read());
  return {
    host: first.host,
    port: first.port ?? 5432,
    database: first.dbname ?? 'postgres',
    user: first.username,
    password: async () => parseSecret(await secret.read()).password,
    async renewPassword(refusals) {
      const pauseMs = renewPausesMs[refusals];
      if (pauseMs === undefined) return false;
      await clock.sleep(pauseMs);
      secret.forget();
      return true;
    },
    ssl: true,
  };
}

function parseSecret(text: string): DatabaseSecret {
  const fault = 'The database secret must be JSON with host, username and password.';
  let value: Partial<DatabaseSecret>;
  try {
    value = JSON.parse(text) as Partial<DatabaseSecret>;
  } catch {
    // The parser's message would quote the secret.
    throw new Error(fault);
  }
  if (!value.host || !value.username || !value.password) throw new Error(fault);
  return value as DatabaseSecret;
}
