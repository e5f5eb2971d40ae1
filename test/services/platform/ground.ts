import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { pino } from 'pino';
import { type Nats, startNats } from '../../../local/stack/nats.ts';
import { type Postgres, startPostgres } from '../../../local/stack/postgres.ts';
import { type Redis, startRedis } from '../../../local/stack/redis.ts';
import { systemClock } from '../../../services/lib/clock.ts';
import { readDatabaseUrl } from '../../../services/lib/database-access.ts';
import { migrate } from '../../../services/lib/migrate.ts';
import type { RunningService, Service, ServiceDeps } from '../../../services/lib/service.ts';

/** The schemas by service: the folder of its migrations and the role it connects as. */
const schemas = {
  identity: 'users',
  order: 'orders',
  driver: 'drivers',
  dispatch: 'dispatch',
  tracking: 'tracking',
  notification: 'notifications',
  customer: 'customers',
} as const;
export type ServiceWithSchema = keyof typeof schemas;

/** What the services stand on in AWS, here as processes of this machine; stopped with what runs on it. */
export interface Ground {
  readonly postgres: Postgres;
  readonly redis: Redis;
  readonly nats: Nats;
  /** The key our services sign identities with. */
  readonly serviceKey: string;
  readonly manager: { readonly email: string; readonly password: string };
  /** Brings a service's schema to the newest version, on this ground's PostgreSQL or another. */
  migrate(name: ServiceWithSchema, url?: string): Promise<void>;
  /** Starts a service on a free port with the usual settings and those given, on that AWS; gives its base URL. */
  start(
    service: Service,
    settings?: Record<string, string>,
    outside?: Partial<Pick<ServiceDeps, 'aws' | 'clock' | 'log'>>,
  ): Promise<{ base: string; running: RunningService }>;
  stop(): Promise<void>;
}

export async function startGround(): Promise<Ground> {
  const [postgres, redis, nats] = await Promise.all([startPostgres(), startRedis(), startNats()]);
  const keys = JSON.stringify({ current: await signingKey('first') });
  const running: RunningService[] = [];
  const serviceKey = 'a key that only our services hold';
  const manager = { email: 'manager@example.com', password: 'a long enough password' };
  let identityBase = 'http://127.0.0.1:1';

  return {
    postgres,
    redis,
    nats,
    serviceKey,
    manager,
    async migrate(name, url = postgres.url) {
      await migrate({
        admin: readDatabaseUrl(url),
        schema: schemas[name],
        role: schemas[name],
        rolePassword: 'password',
        folder: join(import.meta.dirname, '../../../services', name, 'migrations'),
        log: pino({ level: 'silent' }),
      });
    },
    async start(service, settings = {}, outside = {}) {
      const schema = (schemas as Record<string, string>)[service.name];
      const configured = service.configure({
        PORT: '0',
        AWS_REGION: 'us-east-1',
        DRAIN_DELAY_MS: '0',
        DATABASE_URL: `postgres://${schema}:password@127.0.0.1:${postgres.port}/postgres`,
        REDIS_URL: redis.url,
        NATS_URL: nats.url,
        JWKS_URL: `${identityBase}/.well-known/jwks.json`,
        SERVICE_KEY: serviceKey,
        JWT_KEYS: keys,
        UPLOADS_BUCKET: 'uploads',
        FIRST_MANAGER: `${manager.email}:${manager.password}`,
        // The first manager is asked for until they are there, and that is soon only on an idle machine.
        LOGINS_PER_MINUTE: '100000',
        // All of it shares one event loop with the tests, which are busy now and then.
        SHED_ABOVE_MS: '0',
        ...settings,
      });
      const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' });
      const deps = { clock: systemClock, random: Math.random, log, aws: {}, ...outside };
      const started = await configured.start(deps);
      running.push(started);
      const base = `http://127.0.0.1:${new URL(started.url).port}`;
      if (service.name === 'identity') identityBase = base;
      return { base, running: started };
    },
    async stop() {
      await Promise.all(running.map((one) => one.close()));
      await Promise.all([postgres.stop(), redis.stop(), nats.stop()]);
    },
  };
}

/** A private key of ES256 with that id. */
export async function signingKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}
