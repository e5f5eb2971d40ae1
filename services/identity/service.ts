import { availableParallelism } from 'node:os';
import { Gauge, type Registry } from 'prom-client';
import type { Static } from 'typebox';
import { openAccessWith, openBus, openDatabase, openSecret } from '../lib/backing.ts';
import { createResultCounter } from '../lib/metrics.ts';
import { createEventMaker } from '../lib/outbox.ts';
import { createOutboxRelay } from '../lib/outbox-relay.ts';
import { registerRateLimits } from '../lib/rate-limit.ts';
import { assertRedis, createRedis } from '../lib/redis.ts';
import type { SecretSource } from '../lib/secret.ts';
import { defineService, type ServiceContext, type ServiceParts } from '../lib/service.ts';
import { uuidV7 } from '../lib/uuid.ts';
import { type IdentityConfig, identity } from './config.ts';
import { erasesPeople } from './events.ts';
import { createPasswords } from './passwords.ts';
import { type IdentityParts, registerAuthRoutes, registerUserRoutes } from './routes.ts';
import { createSessions } from './sessions.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createUsers } from './users.ts';

type Config = Static<typeof IdentityConfig>;

export const service = defineService(identity, setUp);

async function setUp(config: Config, context: ServiceContext): Promise<ServiceParts> {
  const { app, clock, log, random, metrics } = context;
  const { registry } = metrics;
  const database = await openDatabase(config, context, identity.schema);
  const bus = await openBus(config, context, identity.name);
  const redis = createRedis(config.REDIS_URL, log);
  const relay = createOutboxRelay({ database, bus, schema: identity.schema, clock, log, registry });
  const users = createUsers({ database, event: createEventMaker({ clock, random }), told: relay.wake });
  const passwords = createPasswords(availableParallelism());
  const keys = createSigningKeys({
    secret: openJwtKeys(config, context),
    lifeSeconds: config.ACCESS_TOKEN_SECONDS,
    clock,
    random,
  });
  const sessions = createSessions({
    database,
    lifeSeconds: config.REFRESH_TOKEN_SECONDS,
    clock,
    random,
    onReuse: (userId, family) =>
      log.warn({ audit: true, userId, family }, 'a refresh token came twice; session ended'),
  });
  registerKeyAge(registry, keys);
  const logins = createResultCounter(registry, 'auth_logins_total', 'Logins, by outcome.', ['ok', 'refused']);
  const parts = {
    users,
    database,
    told: relay.wake,
    sessions,
    passwords,
    keys,
    requireRole: openAccessWith(keys.set, config, context),
    limit: await registerRateLimits(app, redis),
    loginsPerMinute: config.LOGINS_PER_MINUTE,
    accessSeconds: config.ACCESS_TOKEN_SECONDS,
    clock,
    random,
    onLogin: (result: 'ok' | 'refused') => logins.inc({ result }),
  };
  registerAuthRoutes(app, parts);
  registerUserRoutes(app, parts);
  return {
    ready: {
      postgres: database.assertAnswers,
      redis: () => assertRedis(redis),
      bus: bus.assertAnswers,
      keys: keys.assertReadable,
    },
    start() {
      relay.start();
      bus.subscribe(erasesPeople(database));
      void makeFirstManager(config, context, { users, database, passwords, told: relay.wake });
    },
    beginDrain: () => void bus.drain(),
    async close() {
      await relay.stop();
      await bus.close();
      redis.disconnect();
      await database.close();
    },
  };
}

function openJwtKeys(config: Config, context: ServiceContext): SecretSource {
  return openSecret(
    { text: 'JWT_KEYS', arn: 'JWT_KEYS_SECRET_ARN' },
    { text: config.JWT_KEYS, arn: config.JWT_KEYS_SECRET_ARN },
    config.AWS_REGION,
    context,
  );
}

/** Waits this long, in milliseconds, before the first manager is tried again. */
const againAfterMs = 2_000;

/** What accounts are made with. */
type AccountParts = Pick<IdentityParts, 'users' | 'database' | 'passwords' | 'told'>;

/** An empty platform has nobody who could make a manager: the settings name the first one. */
async function makeFirstManager(config: Config, context: ServiceContext, parts: AccountParts): Promise<void> {
  const { clock, log, stopped } = context;
  while (!stopped.aborted) {
    try {
      await tryMakeFirstManager(config, context, parts);
      return;
    } catch (error) {
      // The database may not answer yet, or another instance was faster, which the next look sees.
      log.warn({ err: error, againAfterMs }, 'first manager not made; it is tried again');
      await clock.sleep(againAfterMs, stopped).catch(() => undefined);
    }
  }
}

async function tryMakeFirstManager(
  config: Config,
  { clock, random, ...context }: ServiceContext,
  { users, database, passwords, told }: AccountParts,
): Promise<void> {
  const { FIRST_MANAGER: text, FIRST_MANAGER_SECRET_ARN: arn } = config;
  if (text === '' && arn === '') return;
  if (await users.hasManager()) return;
  const names = { text: 'FIRST_MANAGER', arn: 'FIRST_MANAGER_SECRET_ARN' };
  const secret = openSecret(names, { text, arn }, config.AWS_REGION, { ...context, clock });
  const [email = '', ...rest] = (await secret.read()).split(':');
  const id = uuidV7(clock.now(), random);
  const passwordHash = await passwords.hash(rest.join(':'));
  const manager = {
    id,
    org: 'public',
    email,
    name: 'First manager',
    passwordHash,
    role: 'manager',
  } as const;
  await database.transaction((transaction) => users.add(transaction, manager, { actor: identity.name }));
  told();
  context.log.info({ audit: true, userId: id }, 'first manager made');
}

function registerKeyAge(registry: Registry, keys: SigningKeys): void {
  new Gauge({
    name: 'jwt_key_age_seconds',
    help: 'Age of the key that signs access tokens.',
    registers: [registry],
    async collect() {
      this.set(await keys.ageSeconds().catch(() => 0));
    },
  });
}
