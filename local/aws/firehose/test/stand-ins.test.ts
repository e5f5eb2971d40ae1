import {
  CreateDeliveryStreamCommand,
  DeleteDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  UpdateDestinationCommand,
} from '@aws-sdk/client-firehose';
import { beforeEach, expect, test } from '@jest/globals';
import type { PassOn } from '../../gateway/pass-on.ts';
import { byTarget } from '../../test/by-target.ts';
import { inProcessHandler } from '../../wire/in-process.ts';
import { firehoseStandIns } from '../stand-ins.ts';

const place = { accountId: '123456789012', region: 'us-east-1', accessKeyId: '123456789012', now: 0 };
const bucket = { RoleARN: 'arn:aws:iam::123456789012:role/stream', BucketARN: 'arn:aws:s3:::failed' };
const domain = {
  RoleARN: bucket.RoleARN,
  DomainARN: 'arn:aws:es:us-east-1:123456789012:domain/logs',
  IndexName: 'logs',
};
const network = { RoleARN: bucket.RoleARN, SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] };
const name = { DeliveryStreamName: 'logs' };

/** What the back end was sent, by operation, and the bucket it keeps of each stream. */
let sent: Record<string, Record<string, unknown>>;
let buckets: Record<string, unknown>;
let client: FirehoseClient;

const passOn: PassOn = async ({ target = '' }, body) => {
  const operation = target.split('.').at(-1) ?? '';
  sent[operation] = body;
  const stream = String(body.DeliveryStreamName);
  const answers: Record<string, () => unknown> = {
    CreateDeliveryStream: () => {
      buckets[stream] = body.S3DestinationConfiguration ?? body.ExtendedS3DestinationConfiguration;
      return { DeliveryStreamARN: `arn:aws:firehose:us-east-1:123456789012:deliverystream/${stream}` };
    },
    DescribeDeliveryStream: () => {
      const Destinations = [{ DestinationId: 'one', S3DestinationDescription: buckets[stream] }];
      return { DeliveryStreamDescription: { ...name, DeliveryStreamStatus: 'ACTIVE', Destinations } };
    },
    UpdateDestination: () => {
      buckets[stream] = body.S3DestinationUpdate;
      return {};
    },
    DeleteDeliveryStream: () => {
      delete buckets[stream];
      return {};
    },
  };
  if (operation !== 'CreateDeliveryStream' && buckets[stream] === undefined)
    return { status: 400, headers: {}, body: JSON.stringify({ __type: 'ResourceNotFoundException' }) };
  return { status: 200, headers: {}, body: JSON.stringify(answers[operation]?.()) };
};

beforeEach(() => {
  sent = {};
  buckets = {};
  const standIns = firehoseStandIns(passOn);
  client = new FirehoseClient({
    region: 'us-east-1',
    credentials: { accessKeyId: '1', secretAccessKey: '2' },
    requestHandler: inProcessHandler(byTarget(standIns), () => place),
  });
});

async function create(): Promise<void> {
  const destination = { ...domain, VpcConfiguration: network, S3Configuration: bucket };
  await client.send(
    new CreateDeliveryStreamCommand({
      ...name,
      AmazonopensearchserviceDestinationConfiguration: destination,
    }),
  );
}

async function destinations() {
  const { DeliveryStreamDescription } = await client.send(new DescribeDeliveryStreamCommand(name));
  return DeliveryStreamDescription?.Destinations;
}

test('a stream to a domain is one to the bucket for what fails, and is told as it was asked for', async () => {
  await create();
  expect(sent.CreateDeliveryStream).toEqual({ ...name, S3DestinationConfiguration: bucket });
  expect(await destinations()).toEqual([
    {
      DestinationId: 'one',
      AmazonopensearchserviceDestinationDescription: {
        ...domain,
        VpcConfigurationDescription: network,
        S3DestinationDescription: bucket,
      },
    },
  ]);
});

test('a change of its domain keeps the bucket, a change of the bucket the domain', async () => {
  await create();
  const place = { ...name, CurrentDeliveryStreamVersionId: '1', DestinationId: 'one' };
  const update = (AmazonopensearchserviceDestinationUpdate: object) =>
    client.send(new UpdateDestinationCommand({ ...place, AmazonopensearchserviceDestinationUpdate }));
  await update({ IndexName: 'lines' });
  expect(sent.UpdateDestination).toEqual({ ...place, S3DestinationUpdate: bucket });
  await update({ S3Update: { Prefix: 'logs/' } });
  expect(await destinations()).toEqual([
    {
      DestinationId: 'one',
      AmazonopensearchserviceDestinationDescription: {
        ...{ ...domain, IndexName: 'lines' },
        VpcConfigurationDescription: network,
        S3DestinationDescription: { ...bucket, Prefix: 'logs/' },
      },
    },
  ]);
});

test('what is not to a domain, and every refusal, is the back end’s', async () => {
  await client.send(new CreateDeliveryStreamCommand({ ...name, ExtendedS3DestinationConfiguration: bucket }));
  expect(sent.CreateDeliveryStream).toEqual({ ...name, ExtendedS3DestinationConfiguration: bucket });
  await client.send(new DeleteDeliveryStreamCommand(name));
  await expect(destinations()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a stream that was deleted says nothing of its namesake’s domain', async () => {
  await create();
  await client.send(new DeleteDeliveryStreamCommand(name));
  await client.send(new CreateDeliveryStreamCommand({ ...name, S3DestinationConfiguration: bucket }));
  expect(await destinations()).toEqual([{ DestinationId: 'one', S3DestinationDescription: bucket }]);
});
