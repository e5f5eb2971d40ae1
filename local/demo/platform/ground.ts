import { randomBytes, randomUUID } from 'node:crypto';
import { CreateClusterCommand } from '@aws-sdk/client-ecs';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { type LocalAws, startLocalAws } from '../../aws/local-aws.ts';
import { ensureDockerEngine } from '../../machine/docker-engine.ts';
import { startNats } from '../../stack/nats.ts';
import { makeResources, signingKey } from '../../stack/platform-ground.ts';
import { startPostgres } from '../../stack/postgres.ts';
import { startRedis } from '../../stack/redis.ts';
import { firstManager } from '../../stack/seed.ts';
import type { Files } from '../caller.ts';
import { administratorClients, type Clients } from '../clients.ts';
import { required } from '../ground.ts';
import { type ImageYard, openImageYard } from './images.ts';

/** What the ten services stand on, as in an account: the local AWS, and beside it database, cache and bus. */
export interface PlatformGround {
  readonly aws: LocalAws;
  readonly clients: Clients;
  readonly cluster: string;
  readonly images: ImageYard;
  /** Values of the environment that differ from AWS's, by name; the same for every service that has the name. */
  readonly values: Readonly<Record<string, string>>;
  /** What only the one-off tasks are told. */
  readonly migration: Readonly<Record<string, string>>;
  readonly firstManager: { readonly email: string; readonly password: string };
  /** The token that callers show to email-api. */
  readonly mailToken: string;
  stop(): Promise<void>;
}

/** The database's, the cache's and the bus's names inside the network. */
const inside = { database: 'database:5432', redis: 'redis:6379', nats: 'nats:4222' } as const;
const databasePassword = 'local';

/** Starts everything; what was started is ended again when a later part fails. */
export async function startGround(options: {
  files: Files;
  prefix: string;
  roles: readonly string[];
  timeScale: number;
  log: (line: string) => void;
}): Promise<PlatformGround> {
  const stack = new AsyncDisposableStack();
  try {
    return await assemble(options, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function assemble(
  { files, prefix, roles, timeScale, log }: Parameters<typeof startGround>[0],
  stack: AsyncDisposableStack,
): Promise<PlatformGround> {
  const keep = <Server extends { stop(): Promise<void> }>(server: Server): Server => {
    stack.defer(() => server.stop());
    return server;
  };
  const engine = await ensureDockerEngine({ log });
  stack.defer(() => engine.release());
  const postgres = keep(await startPostgres());
  const redis = keep(await startRedis({ log }));
  const nats = keep(await startNats({ log }));
  const aws = keep(await startLocalAws({ docker: engine.host, timeScale, log }));
  aws.names.point(inside.database, postgres.port);
  aws.names.point(inside.redis, redis.port);
  aws.names.point(inside.nats, nats.port);
  const clients = administratorClients(aws.endpoint, aws.accountId, aws.region);
  const images = await openImageYard(engine, clients, { registry: aws.registry, prefix, files });
  stack.defer(() => images.close());
  const cluster = 'platform-prod';
  await clients.ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  await makeRoles(clients, roles);
  const mailToken = randomUUID();
  const resources = await makeResources(aws.endpoint);
  await clients.ssm.send(
    new PutParameterCommand({
      Name: resources.SSM_TOKEN_PARAMETER,
      Type: 'SecureString',
      Value: mailToken,
      Overwrite: true,
    }),
  );
  const S3_BUCKET_NAME = 'emails';
  await clients.s3.send(new CreateBucketCommand({ Bucket: S3_BUCKET_NAME }));
  return {
    ...{ aws, clients, cluster, images, firstManager, mailToken },
    values: {
      ...resources,
      ...(await makeSecrets(aws)),
      S3_BUCKET_NAME,
      DATABASE_URL: `postgres://{schema}:${databasePassword}@${inside.database}/postgres`,
      REDIS_URL: `redis://${inside.redis}`,
      NATS_URL: `nats://${inside.nats}`,
      NATS_REPLICAS: '1',
      DRAIN_DELAY_MS: '1000',
      FIRST_MANAGER: `${firstManager.email}:${firstManager.password}`,
    },
    migration: { DATABASE_ADMIN_URL: postgres.url.replace(/@.*?\//, `@${inside.database}/`) },
    stop: () => stack.disposeAsync(),
  };
}

async function makeRoles({ iam }: Clients, names: readonly string[]): Promise<void> {
  const Statement = [
    { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  for (const RoleName of names) await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
}

/** The secrets by the names of the settings that say where they are. */
async function makeSecrets({ endpoint, region, accountId }: LocalAws): Promise<Record<string, string>> {
  const credentials = { accessKeyId: accountId, secretAccessKey: 'rehearsal' };
  const client = new SecretsManagerClient({ endpoint, region, credentials });
  const make = async (Name: string, SecretString: string): Promise<string> => {
    const { ARN } = await client.send(new CreateSecretCommand({ Name, SecretString }));
    return required(ARN, `secret ${Name}`);
  };
  return {
    JWT_KEYS_SECRET_ARN: await make('jwt/keys', JSON.stringify({ current: await signingKey() })),
    SERVICE_KEY_SECRET_ARN: await make('service-key', randomBytes(32).toString('base64url')),
    PROVIDERS_SECRET_ARN: await make('providers', '{}'),
  };
}
