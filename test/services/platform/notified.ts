import { randomUUID } from 'node:crypto';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import pg from 'pg';
import { identityHeader, signIdentity } from '../../../services/lib/identity-header.ts';
import { service } from '../../../services/notification/service.ts';
import { type Aws, startAws } from './aws.ts';
import { until } from './caller.ts';
import { type Ground, startGround } from './ground.ts';
import { type Providers, startProviders } from './providers.ts';

/** A notification as its row has it. */
export interface Row {
  id: string;
  user_id: string;
  channel: string;
  template: string;
  status: string;
  attempts: number;
  next_at: Date;
  last_error: string | null;
}

/** The notification service with all it stands on, and others' events and jobs to give it. */
export interface Notified {
  readonly ground: Ground;
  readonly aws: Aws;
  readonly providers: Providers;
  readonly base: string;
  readonly queue: { url: string; deadLetterUrl: string };
  readonly mailQueueUrl: string;
  readonly table: string;
  /** The header of a manager, customer or driver, as the gateway signs it. */
  as(role: 'manager' | 'customer' | 'driver', id?: string, org?: string): Record<string, string>;
  /** Publishes an event as another service does; gives its id. */
  tell(subject: string, data: unknown, changes?: object): Promise<string>;
  /** Publishes what may be no event at all. */
  publish(subject: string, text: string): Promise<void>;
  /** Puts a message into the queue of jobs. */
  job(body: unknown): Promise<void>;
  /** Makes somebody known, with the wishes and contacts given. */
  introduce(wishes?: object, contacts?: object, others?: object): Promise<string>;
  rows(userId: string): Promise<Row[]>;
  query(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Has what is pending sent now instead of at its time. */
  hurry(): Promise<void>;
  setKeys(keys: object): Promise<void>;
  /** Waits until the service reaches all it stands on. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

export const all = { email: true, sms: true, push: true, slack: true };

export async function startNotified(maxReceiveCount = 3): Promise<Notified> {
  const [ground, aws, providers] = await Promise.all([startGround(), startAws(), startProviders()]);
  const [queue, mail] = await Promise.all([
    aws.makeQueue('notification-jobs', maxReceiveCount),
    aws.makeQueue('email', 5),
    ground.migrate('notification'),
    aws.makeTable('feeds'),
  ]);
  const secrets = new SecretsManagerClient({ region: 'us-east-1' });
  const SecretId = 'providers';
  await secrets.send(
    new CreateSecretCommand({ Name: SecretId, SecretString: JSON.stringify(providers.keys) }),
  );
  const { base } = await ground.start(service, {
    NOTIFICATION_QUEUE_URL: queue.url,
    NOTIFICATION_DLQ_URL: queue.deadLetterUrl,
    NOTIFICATION_TABLE: 'feeds',
    SQS_QUEUE_URL: mail.url,
    PROVIDERS_SECRET_ARN: SecretId,
  });
  const nats: NatsConnection = await connect({ servers: ground.nats.url, maxReconnectAttempts: -1 });
  // The bus answers a moment before it has made its streams.
  const hasStreams = async () => {
    const { streams } = await jetstreamManager(nats);
    return (await streams.names().next()).includes('LOCATIONS');
  };
  const ready = () =>
    until(async () => (await fetch(`${base}/ready`)).ok && (await hasStreams().catch(() => false)));
  await ready();
  const pool = new pg.Pool({ connectionString: ground.postgres.url, max: 4 });
  pool.on('error', () => undefined);

  const query = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;

  async function publish(subject: string, text: string): Promise<void> {
    await jetstream(nats).publish(subject, text);
  }

  async function tell(subject: string, data: unknown, changes: object = {}): Promise<string> {
    const event = {
      id: randomUUID(),
      subject,
      at: new Date().toISOString(),
      org: 'public',
      actor: 'test',
      data,
      ...changes,
    };
    await publish(subject, JSON.stringify(event));
    return event.id;
  }

  return {
    ground,
    aws,
    providers,
    base,
    queue,
    mailQueueUrl: mail.url,
    table: 'feeds',
    as(role, id = randomUUID(), org = 'public') {
      const principal = { id, org, role, permissions: [] };
      return { [identityHeader]: signIdentity(principal, ground.serviceKey, Date.now()) };
    },
    tell,
    publish,
    async job(body) {
      const MessageBody = typeof body === 'string' ? body : JSON.stringify(body);
      await aws.sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody }));
    },
    async introduce(channels = all, contacts = {}, others = {}) {
      const id = randomUUID();
      await tell('customer.preferences_changed.v1', { id, channels, contacts, ...others });
      await until(
        async () => (await query('select from notifications.recipients where id = $1', [id])).length === 1,
      );
      return id;
    },
    rows: async (userId) =>
      (await query('select * from notifications.notifications where user_id = $1 order by channel', [
        userId,
      ])) as unknown as Row[],
    query,
    async hurry() {
      await query(`update notifications.notifications set next_at = now() where status = 'pending'
        and claimed_until is null`);
    },
    async setKeys(keys) {
      await secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(keys) }));
    },
    ready,
    async stop() {
      secrets.destroy();
      await nats.close();
      await pool.end();
      await ground.stop();
      await Promise.all([aws.stop(), providers.stop()]);
    },
  };
}
