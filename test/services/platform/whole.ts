import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { service as customer } from '../../../services/customer/service.ts';
import { service as dispatch } from '../../../services/dispatch/service.ts';
import { service as driver } from '../../../services/driver/service.ts';
import { service as emailApi } from '../../../services/email-api/service.ts';
import { service as emailConsumer } from '../../../services/email-consumer/service.ts';
import { service as gateway } from '../../../services/gateway/service.ts';
import { service as identity } from '../../../services/identity/service.ts';
import type { Service, ServiceDeps } from '../../../services/lib/service.ts';
import { service as notification } from '../../../services/notification/service.ts';
import { service as order } from '../../../services/order/service.ts';
import { service as tracking } from '../../../services/tracking/service.ts';
import { startAws } from './aws.ts';
import { ask, eventually } from './caller.ts';
import { type Ground, startGround } from './ground.ts';

export type ServiceName =
  | 'identity'
  | 'order'
  | 'driver'
  | 'dispatch'
  | 'notification'
  | 'tracking'
  | 'customer'
  | 'gateway'
  | 'email-api'
  | 'email-consumer';

/** Every service, on the whole stack, each on a port of its own. */
export interface Whole {
  readonly ground: Ground;
  readonly bases: Readonly<Record<ServiceName, string>>;
  /** What the e-mail pipeline asks of its callers. */
  readonly emailToken: string;
  stop(): Promise<void>;
}

const emailToken = 'the token of those who send mail';

/** Starts it and waits until every service is ready; `settings` are given to each. */
export async function startWhole(
  settings: Record<string, string> = {},
  outside: Partial<Pick<ServiceDeps, 'log'>> = {},
): Promise<Whole> {
  const [ground, aws] = await Promise.all([startGround(), startAws()]);
  const [jobs, mails] = await Promise.all([
    aws.makeQueue('notification-jobs', 5),
    aws.makeQueue('email', 5),
    aws.makeTable('feeds'),
    putEmailToken(),
    makeBuckets(),
  ]);
  for (const name of [
    'identity',
    'order',
    'driver',
    'dispatch',
    'tracking',
    'notification',
    'customer',
  ] as const)
    await ground.migrate(name);

  const bases: Record<string, string> = {};
  async function start(service: Service): Promise<void> {
    const urls = Object.entries(bases).map(([name, url]) => [`${name.toUpperCase()}_URL`, url]);
    const given = {
      NOTIFICATION_QUEUE_URL: jobs.url,
      NOTIFICATION_DLQ_URL: jobs.deadLetterUrl,
      NOTIFICATION_TABLE: 'feeds',
      SQS_QUEUE_URL: mails.url,
      SSM_TOKEN_PARAMETER: '/email/token',
      S3_BUCKET_NAME: 'emails',
      METRICS_PORT: '0',
      PROVIDERS: '{}',
      ...Object.fromEntries(urls),
      ...settings,
    };
    const { base } = await ground.start(service, given, outside);
    bases[service.name] = base;
  }
  // In the order in which they ask each other.
  for (const service of [
    identity,
    order,
    driver,
    dispatch,
    notification,
    tracking,
    customer,
    emailApi,
    emailConsumer,
    gateway,
  ])
    await start(service);
  await eventually(
    () => Promise.all(Object.values(bases).map((base) => ask(base, 'GET /ready'))),
    (answers) => answers.every(({ status }) => status === 200),
    // Ten of them at once, in a process that a busy machine lets work now and then.
    200_000,
  );
  return {
    ground,
    bases: bases as Record<ServiceName, string>,
    emailToken,
    async stop() {
      await ground.stop();
      await aws.stop();
    },
  };
}

/** Those of the e-mails, and of what people upload and dispatch writes. */
async function makeBuckets(): Promise<void> {
  const s3 = new S3Client({ region: 'us-east-1' });
  for (const Bucket of ['emails', 'uploads']) await s3.send(new CreateBucketCommand({ Bucket }));
  s3.destroy();
}

async function putEmailToken(): Promise<void> {
  const ssm = new SSMClient({ region: 'us-east-1' });
  await ssm.send(new PutParameterCommand({ Name: '/email/token', Type: 'SecureString', Value: emailToken }));
  ssm.destroy();
}
