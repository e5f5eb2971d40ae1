import { randomBytes } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { exportJWK, generateKeyPair } from 'jose';
import { startStorageAws } from '../aws/storage-aws.ts';
import { startNats } from './nats.ts';
import { startPostgres } from './postgres.ts';
import { startRedis } from './redis.ts';

/** What the services stand on, as processes of this machine. */
export interface PlatformGround {
  /** The settings of `SERVICE=all` that name it. */
  readonly environment: Readonly<Record<string, string>>;
  /** What runs where, for people. */
  readonly urls: Readonly<Record<string, string>>;
  /** Ends every process and removes its files. */
  stop(): Promise<void>;
}

const region = 'us-east-1';
const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };

/**
 * Starts PostgreSQL, Redis, NATS unless events stay in one process, and the local AWS for SQS, S3, DynamoDB and SSM;
 * makes the queues, bucket, table and parameter that Terraform makes in AWS. No containers are run, so no Docker engine
 * is needed. Throws `MachineError` for what the machine lacks, with everything ended again.
 */
export async function startPlatformGround(options: {
  bus: 'nats' | 'memory';
  log: (line: string) => void;
}): Promise<PlatformGround> {
  const { bus, log } = options;
  const stack = new AsyncDisposableStack();
  const keep = async <Server extends { stop(): Promise<void> }>(starting: Promise<Server>) => {
    const server = await starting;
    stack.defer(() => server.stop());
    return server;
  };
  const outcomes = await Promise.allSettled([
    keep(startPostgres()),
    keep(startRedis({ log })),
    bus === 'nats' ? keep(startNats({ log })) : undefined,
    keep(startStorageAws({ log })),
  ]);
  const [postgres, redis, nats, aws] = outcomes;
  if (
    postgres.status === 'rejected' ||
    redis.status === 'rejected' ||
    nats.status === 'rejected' ||
    aws.status === 'rejected'
  ) {
    await stack.disposeAsync();
    throw outcomes.find((outcome) => outcome.status === 'rejected')?.reason;
  }
  const natsUrl = nats.value?.url ?? '';
  return {
    environment: {
      AWS_REGION: region,
      AWS_ENDPOINT_URL: aws.value.endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      DATABASE_ADMIN_URL: postgres.value.url,
      DATABASE_URL: `postgres://{schema}:local@127.0.0.1:${postgres.value.port}/postgres`,
      REDIS_URL: redis.value.url,
      BUS: bus,
      NATS_URL: natsUrl,
      JWT_KEYS: JSON.stringify({ current: await signingKey() }),
      SERVICE_KEY: randomBytes(32).toString('base64url'),
      ...(await makeResources(aws.value.endpoint)),
    },
    urls: {
      PostgreSQL: postgres.value.url,
      Redis: redis.value.url,
      ...(natsUrl !== '' && { NATS: natsUrl }),
      AWS: aws.value.endpoint,
    },
    stop: () => stack.disposeAsync(),
  };
}

/** Makes what the services find in AWS, under names that begin so; gives the settings that name it. */
export async function makeResources(endpoint: string, prefix = ''): Promise<Record<string, string>> {
  const client = { region, endpoint, credentials };
  const [uploads, feed] = [`${prefix}uploads`, `${prefix}notifications`];
  const mailToken = `/${prefix}platform/email-token`;
  const sqs = new SQSClient(client);
  const jobs = await makeQueue(sqs, `${prefix}notification-jobs`);
  const mails = await makeQueue(sqs, `${prefix}email`);
  await new S3Client({ ...client, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: uploads }));
  await new DynamoDBClient(client).send(
    new CreateTableCommand({
      TableName: feed,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await new SSMClient(client).send(
    new PutParameterCommand({ Name: mailToken, Type: 'SecureString', Value: 'local-token' }),
  );
  return {
    UPLOADS_BUCKET: uploads,
    NOTIFICATION_QUEUE_URL: jobs.url,
    NOTIFICATION_DLQ_URL: jobs.deadLetterUrl,
    NOTIFICATION_TABLE: feed,
    SQS_QUEUE_URL: mails.url,
    SSM_TOKEN_PARAMETER: mailToken,
    // No provider is at hand: mails go to the pipeline's queue, the rest is noted as not sent.
    PROVIDERS: '{}',
  };
}

async function makeQueue(sqs: SQSClient, name: string): Promise<{ url: string; deadLetterUrl: string }> {
  const { QueueUrl: deadLetterUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: `${name}-dlq` }),
  );
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
  );
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes?.QueueArn, maxReceiveCount: 5 });
  const { QueueUrl: url = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }),
  );
  return { url, deadLetterUrl };
}

/** A private key of ES256, as identity's setting wants it. */
export async function signingKey(): Promise<object> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'local' };
}
