import { type Static, type TObject, Type } from 'typebox';
import { type RequireRole, registerAccess } from './access.ts';
import { awsClientOptions } from './aws.ts';
import type { Bus } from './bus.ts';
import type { CommonSettings } from './config.ts';
import { ConfigError } from './config-error.ts';
import { createDatabase, type Database } from './database.ts';
import { type DatabaseAccess, readDatabaseSecret, readDatabaseUrl } from './database-access.ts';
import { createKeySet, type KeySet } from './key-set.ts';
import { fixedSecret, type SecretSource, secretsManagerSecret } from './secret.ts';
import type { ServiceContext, ServiceDeps } from './service.ts';
import { createTokenVerifier } from './tokens.ts';

/** What a service stands on, each with the settings that name it. A service spreads those it needs into its schema. */
export const databaseSettings = {
  DATABASE_URL: Type.String({
    default: '',
    description: 'PostgreSQL as `postgres://user:password@host/database`; else DB_SECRET_ARN.',
  }),
  DB_SECRET_ARN: Type.String({
    default: '',
    description: 'Secret with host, port, dbname, username and password; asked again at each new connection.',
  }),
  DATABASE_POOL_SIZE: Type.Integer({
    default: 10,
    minimum: 1,
    maximum: 100,
    description: 'Connections for writes.',
  }),
};

export const redisSettings = {
  REDIS_URL: Type.String({ minLength: 1, description: 'Redis or Valkey, as `redis://` or `rediss://`.' }),
};

export const busSettings = {
  BUS: Type.Union([Type.Literal('nats'), Type.Literal('memory')], {
    default: 'nats',
    description: 'What carries events: NATS JetStream, or this process alone.',
  }),
  NATS_URL: Type.String({
    default: '',
    description: 'Servers of NATS, separated by commas; needed for `BUS=nats`.',
  }),
  NATS_REPLICAS: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 5,
    description: 'Copies of each stream; 3 in AWS.',
  }),
};

export const serviceKeySettings = {
  SERVICE_KEY: Type.String({
    default: '',
    description: 'Key that our services sign identities with; else its secret.',
  }),
  SERVICE_KEY_SECRET_ARN: Type.String({
    default: '',
    description:
      'Secret with that key, one a line, the newest first: older ones are accepted while it is rotated.',
  }),
};

export const accessSettings = {
  JWKS_URL: Type.String({ minLength: 1, description: 'Where identity publishes its public keys.' }),
  ...serviceKeySettings,
};

export const drainSettings = {
  DRAIN_DELAY_MS: Type.Integer({
    default: 8_000,
    minimum: 0,
    description:
      'How long requests are still served after SIGTERM; at least as long as the load balancer takes to forget a target.',
  }),
};

type Settings<Properties extends TObject['properties']> = Static<TObject<Properties>> & CommonSettings;

const secretTiming = { requestTimeoutMs: 5_000, maxAttempts: 3 };

/** A secret given as text, or by the ARN of its place in Secrets Manager. Throws `ConfigError` when it is neither. */
export function openSecret(
  names: { text: string; arn: string },
  given: { text: string; arn: string },
  region: string,
  context: Pick<ServiceDeps, 'aws' | 'clock' | 'log'>,
): SecretSource {
  if (given.text !== '') return fixedSecret(given.text);
  if (given.arn === '') throw new ConfigError([`${names.text} or ${names.arn} is needed; both are missing.`]);
  const options = awsClientOptions(region, secretTiming, context.aws);
  return secretsManagerSecret({ options, id: given.arn, clock: context.clock, log: context.log });
}

/** How the database of the settings is reached. */
export async function readDatabaseAccess(
  config: Settings<typeof databaseSettings>,
  context: Pick<ServiceDeps, 'aws' | 'clock' | 'log'>,
): Promise<DatabaseAccess> {
  if (config.DATABASE_URL !== '') return readDatabaseUrl(config.DATABASE_URL);
  const secret = openSecret(
    { text: 'DATABASE_URL', arn: 'DB_SECRET_ARN' },
    { text: '', arn: config.DB_SECRET_ARN },
    config.AWS_REGION,
    context,
  );
  return readDatabaseSecret(secret, context.clock);
}

/** Opens the service's own schema. Connects on first use, so a database that is away does not stop the start. */
export async function openDatabase(
  config: Settings<typeof databaseSettings>,
  context: ServiceContext,
  schema: string,
): Promise<Database> {
  const database = createDatabase({
    access: await readDatabaseAccess(config, context),
    schema,
    poolSize: config.DATABASE_POOL_SIZE,
    log: context.log,
    registry: context.metrics.registry,
  });
  context.watchLine(database.passLine);
  return database;
}

/** Opens the bus of the settings; loads only the one that is used. */
export async function openBus(
  config: Settings<typeof busSettings>,
  context: ServiceContext,
  name: string,
): Promise<Bus> {
  const { clock, log, metrics, tracer } = context;
  const { registry } = metrics;
  if (config.BUS === 'memory') {
    const { sharedMemoryBus } = await import('./memory-bus.ts');
    return sharedMemoryBus({ clock, log, registry, tracer });
  }
  if (config.NATS_URL === '') throw new ConfigError(['NATS_URL is missing; BUS=nats needs it.']);
  const { createNatsBus } = await import('./nats-bus.ts');
  const { NATS_URL: url, NATS_REPLICAS: replicas } = config;
  return createNatsBus({ url, replicas, name, clock, log, registry, tracer });
}

/** Makes the guard for routes; its tokens are checked with the keys that identity publishes. */
export function openAccess(config: Settings<typeof accessSettings>, context: ServiceContext): RequireRole {
  const { clock, log } = context;
  return openAccessWith(createKeySet({ url: config.JWKS_URL, clock, log }), config, context);
}

/** Makes the guard for routes with keys that are at hand. */
export function openAccessWith(
  keys: KeySet,
  config: Settings<typeof serviceKeySettings>,
  context: ServiceContext,
): RequireRole {
  const { app, clock } = context;
  const serviceKey = openServiceKey(config, context);
  return registerAccess(app, { tokens: createTokenVerifier({ keys, clock }), serviceKey, clock });
}

/** The key that our services sign identities with. */
export function openServiceKey(
  config: Settings<typeof serviceKeySettings>,
  context: ServiceContext,
): SecretSource {
  return openSecret(
    { text: 'SERVICE_KEY', arn: 'SERVICE_KEY_SECRET_ARN' },
    { text: config.SERVICE_KEY, arn: config.SERVICE_KEY_SECRET_ARN },
    config.AWS_REGION,
    context,
  );
}
