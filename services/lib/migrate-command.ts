import { dirname, join } from 'node:path';
import { type Static, Type } from 'typebox';
import { databaseSettings, openSecret, readDatabaseAccess } from './backing.ts';
import { commonSettings, type Environment, readConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { readDatabaseSecret, readDatabaseUrl } from './database-access.ts';
import { migrate } from './migrate.ts';
import type { ServiceDeps, ServiceDescription } from './service.ts';

/** What the one-off task needs beyond the service's own database settings. */
export const MigrationConfig = Type.Object({
  DATABASE_ADMIN_URL: Type.String({
    default: '',
    description: 'The database as a role that may make schemas and roles; else its secret.',
  }),
  DB_ADMIN_SECRET_ARN: Type.String({ default: '', description: 'Secret of that role.' }),
  ...databaseSettings,
  ...commonSettings,
});

/**
 * Runs `main.ts migrate`: brings the service's schema to the newest version and gives what was applied. The pack runs
 * it as a one-off task before a deployment, from the image that is about to be deployed. The role's name and password
 * are those the service itself connects with.
 */
export async function runMigrations(
  description: ServiceDescription,
  environment: Environment,
  deps: Omit<ServiceDeps, 'random'>,
): Promise<string[]> {
  const { name, schema } = description;
  if (schema === undefined)
    throw new ConfigError([`${name} has no database, so there is nothing to migrate.`]);
  const config = readConfig(MigrationConfig, environment);
  const own = await readDatabaseAccess(config, deps);
  const admin = await readAdminAccess(config, deps);
  return migrate({
    admin,
    schema,
    role: own.user,
    rolePassword: await own.password(),
    folder: findFolder(name),
    log: deps.log,
  });
}

async function readAdminAccess(config: Static<typeof MigrationConfig>, deps: Omit<ServiceDeps, 'random'>) {
  if (config.DATABASE_ADMIN_URL !== '') return readDatabaseUrl(config.DATABASE_ADMIN_URL);
  const names = { text: 'DATABASE_ADMIN_URL', arn: 'DB_ADMIN_SECRET_ARN' };
  const given = { text: '', arn: config.DB_ADMIN_SECRET_ARN };
  return readDatabaseSecret(openSecret(names, given, config.AWS_REGION, deps), deps.clock);
}

/** Beside the entry point, in the sources as in an image. */
function findFolder(name: string): string {
  return join(dirname(process.argv[1] ?? '.'), name, 'migrations');
}
