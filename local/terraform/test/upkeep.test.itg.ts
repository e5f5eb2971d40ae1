import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutCompositeAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import {
  GetBucketLoggingCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type StorageAws, startStorageAws } from '../../aws/storage-aws.ts';
import { it } from './needs-terraform.ts';
import { credentials, openTerraformRoot, type TerraformRoot } from './terraform-root.ts';

const everyType = ['MetricAlarm' as const, 'CompositeAlarm' as const];
const changed = ['-var', 'rule=OK', '-var', 'days=60', '-var', 'prefix=s3/elsewhere/'];
const noChanges = [0, expect.stringContaining('No changes.')];

/** By the clients of AWS itself, what Terraform has made and what others did. */
let clients: ReturnType<typeof clientsAt>;
let aws: StorageAws;
let root: TerraformRoot;

function clientsAt(endpoint: string) {
  const settings = { endpoint, region: 'us-east-1', credentials };
  return {
    alarms: new CloudWatchClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    secrets: new SecretsManagerClient(settings),
  };
}

beforeAll(async () => {
  aws = await startStorageAws({ log: () => undefined });
  root = await openTerraformRoot('upkeep.tf', { endpoint: aws.endpoint });
  clients = clientsAt(aws.endpoint);
  await root.succeed('init');
});

afterAll(async () => {
  await root?.close();
  for (const client of Object.values(clients ?? {})) client.destroy();
  await aws?.stop();
});

/** In order: each begins with what the one before has left. */
describe('access logs, the alarm over alarms and rotation on the local AWS', () => {
  it('are made, none of them in Terraform’s state only', async () => {
    const { stdout } = await root.succeed('apply', '-auto-approve');
    expect(stdout).not.toContain('Warning');
    expect(await root.changes()).toEqual(noChanges);
  });

  it('what is asked of the bucket is written down in the log bucket', async () => {
    const { LoggingEnabled } = await clients.s3.send(new GetBucketLoggingCommand({ Bucket: 'shop-uploads' }));
    expect(LoggingEnabled).toEqual({ TargetBucket: 'shop-logs', TargetPrefix: 's3/shop-uploads/' });
    const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: 'shop-logs' }));
    expect(Contents.length).toBeGreaterThan(0);
    expect(Contents.every(({ Key }) => Key?.startsWith('s3/shop-uploads/'))).toBe(true);
  });

  it('the alarm over alarms goes to ALARM with one of them', async () => {
    expect(await unwell()).toMatchObject({ StateValue: 'OK' });
    await clients.alarms.send(
      new SetAlarmStateCommand({ AlarmName: 'latency', StateValue: 'ALARM', StateReason: 'slow' }),
    );
    expect(await unwell()).toMatchObject({ StateValue: 'ALARM' });
    expect(await root.changes()).toEqual(noChanges);
  });

  it('the rhythm is that of the secret, whose value stays', async () => {
    expect(await masterSecret()).toMatchObject({
      RotationEnabled: true,
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
    const SecretId = (await masterSecret())?.ARN;
    const { SecretString } = await clients.secrets.send(new GetSecretValueCommand({ SecretId }));
    expect(JSON.parse(SecretString ?? '')).toMatchObject({ password: expect.stringMatching(/./) });
  });

  it('what somebody changed behind Terraform’s back is seen and undone', async () => {
    await clients.s3.send(new PutBucketLoggingCommand({ Bucket: 'shop-uploads', BucketLoggingStatus: {} }));
    await clients.alarms.send(new PutCompositeAlarmCommand({ AlarmName: 'unwell', AlarmRule: 'FALSE' }));
    const RotationRules = { AutomaticallyAfterDays: 365 };
    const SecretId = (await masterSecret())?.ARN;
    await clients.secrets.send(new RotateSecretCommand({ SecretId, RotationRules }));
    const [code, stdout] = await root.changes();
    expect(code).toBe(2);
    expect(stdout).toContain('aws_s3_bucket_logging.uploads will be created');
    expect(stdout).toContain('aws_cloudwatch_composite_alarm.unwell will be updated in-place');
    expect(stdout).toContain('aws_secretsmanager_secret_rotation.master will be updated in-place');
    await root.succeed('apply', '-auto-approve');
    expect(await root.changes()).toEqual(noChanges);
  });

  it('change in place', async () => {
    const { stdout } = await root.succeed('apply', '-auto-approve', ...changed);
    expect(stdout).toContain('0 added, 3 changed, 0 destroyed');
    expect(await root.changes(...changed)).toEqual(noChanges);
    expect(await masterSecret()).toMatchObject({ RotationRules: { AutomaticallyAfterDays: 60 } });
  });

  it('are refused in the words of AWS', async () => {
    const { code, stderr } = await root.run('apply', '-auto-approve', ...changed, '-var', 'prefix=nowhere/');
    expect([code, stderr]).toEqual([1, expect.stringContaining('InvalidTargetBucketForLogging')]);
  });

  it('are taken over by their ids', async () => {
    const ids = {
      'aws_s3_bucket_logging.uploads': 'shop-uploads',
      'aws_cloudwatch_composite_alarm.unwell': 'unwell',
      'aws_secretsmanager_secret_rotation.master': (await masterSecret())?.ARN ?? '',
    };
    for (const [address, id] of Object.entries(ids)) {
      await root.succeed('state', 'rm', address);
      await root.succeed('import', address, id);
    }
    expect(await root.changes(...changed)).toEqual(noChanges);
  });

  it('leave nothing after destroy', async () => {
    await root.succeed('destroy', '-auto-approve');
    expect((await root.succeed('state', 'list')).stdout).toBe('');
    const { Buckets } = await clients.s3.send(new ListBucketsCommand());
    const alarms = await clients.alarms.send(new DescribeAlarmsCommand({ AlarmTypes: everyType }));
    const { SecretList } = await clients.secrets.send(new ListSecretsCommand());
    expect([Buckets, alarms.MetricAlarms, alarms.CompositeAlarms, SecretList]).toEqual([[], [], [], []]);
  });
});

async function unwell() {
  const { CompositeAlarms } = await clients.alarms.send(
    new DescribeAlarmsCommand({ AlarmNames: ['unwell'], AlarmTypes: everyType }),
  );
  return CompositeAlarms?.[0];
}

/** Of the database, as RDS keeps it. */
async function masterSecret() {
  const { SecretList } = await clients.secrets.send(new ListSecretsCommand());
  return SecretList?.find(({ Name }) => Name?.startsWith('rds!'));
}
