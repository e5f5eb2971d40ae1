import { readdir } from 'node:fs/promises';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import type { Logger } from 'pino';
import type { DatabaseAccess } from './database-access.ts';

export interface MigrationTarget {
  /** Connects as a role that may create schemas and roles. */
  admin: DatabaseAccess;
  schema: string;
  /** The service's own role: made if missing, given this password, allowed in its schema only. */
  role: string;
  rolePassword: string;
  /** Folder of `NNN_name.sql` files, applied in the order of their names. */
  folder: string;
  log: Logger;
}

/**
 * Brings one schema to the newest version and gives the names of what was applied; nothing when it is there already.
 *
 * All pending files are one transaction, so a fault leaves the schema as it was. Two runs at once follow each other.
 * Schema, role and rights are made first, and are made right again if they were changed by hand.
 */
export async function migrate(target: MigrationTarget): Promise<string[]> {
  const { admin, schema, folder, log } = target;
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
  if (files.length === 0) throw new Error(`There is no .sql file in ${folder}.`);
  const client = new pg.Client({ ...admin });
  await client.connect();
  try {
    // Two tasks that start together: the second waits and then finds nothing to do. Held until the connection ends, so
    // for the rights too: PostgreSQL refuses one of two grants at the same moment.
    await client.query('select pg_advisory_lock(hashtext($1))', [`berth-schema-${schema}`]);
    await prepare(client, target);
    const applied = await runner({
      databaseUrl: { ...admin },
      dir: folder,
      direction: 'up',
      schema,
      migrationsSchema: schema,
      migrationsTable: 'schema_migrations',
      advisoryLockMode: 'wait',
      checkOrder: true,
      log: (line) => log.debug(line),
    });
    await grant(client, target);
    return applied.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

async function prepare(client: pg.Client, { schema, role, rolePassword }: MigrationTarget): Promise<void> {
  const [schemaName, roleName] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(role)];
  const password = pg.escapeLiteral(rolePassword);
  // Roles belong to the whole server: another schema's migration may make one at the same moment.
  await client.query('select pg_advisory_lock(hashtext($1))', ['berth-roles']);
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  await client.query(`${rowCount ? 'alter' : 'create'} role ${roleName} login password ${password}`);
  await client.query(`create schema if not exists ${schemaName}`);
  await client.query('revoke create on schema public from public');
  await client.query('select pg_advisory_unlock(hashtext($1))', ['berth-roles']);
}

/** Rights of today's tables and of those that later files make. */
async function grant(client: pg.Client, { schema, role }: MigrationTarget): Promise<void> {
  const [schemaName, roleName] = [pg.escapeIdentifier(schema), pg.escapeIdentifier(role)];
  await client.query(`grant usage on schema ${schemaName} to ${roleName}`);
  await client.query(
    `grant select, insert, update, delete on all tables in schema ${schemaName} to ${roleName}`,
  );
  await client.query(`grant usage on all sequences in schema ${schemaName} to ${roleName}`);
}
