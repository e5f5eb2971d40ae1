import * as scaling from '@aws-sdk/client-application-auto-scaling';
import * as ecr from '@aws-sdk/client-ecr';
import * as ecs from '@aws-sdk/client-ecs';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as sts from '@aws-sdk/client-sts';
import { describe, expect, test } from '@jest/globals';
import { inProcessHandler } from '../in-process.ts';
import { jsonService } from '../json.ts';
import { type Operation, operationsOf } from '../operations.ts';
import { queryService } from '../query.ts';
import type { AwsService } from '../service.ts';
import { sampleOf } from './schema-sample.ts';

interface Sender {
  send(command: object): Promise<object>;
}

type Seen = { input?: unknown };

const echo = (operations: Map<string, Operation>, seen: Seen) =>
  Object.fromEntries(
    [...operations.values()].map((operation): readonly unknown[] => [
      operation.name,
      (input: unknown) => {
        seen.input = input;
        return operation.output.isStructSchema() ? sampleOf(operation.output) : {};
      },
    ]),
  );

const settings = (service: AwsService) => ({
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
  requestHandler: inProcessHandler(service, ({ accessKeyId, region }) => ({
    accountId: '123456789012',
    accessKeyId,
    region,
    now: 0,
  })),
});

/** Sends one operation with every member filled through the real client, and gives what each side got. */
async function roundTrip(client: Sender, pack: object, operation: Operation) {
  const sent = operation.input.isStructSchema() ? sampleOf(operation.input) : {};
  const command: object = Reflect.construct(Reflect.get(pack, `${operation.name}Command`), [sent]);
  const { $metadata, ...received }: Record<string, unknown> = { ...(await client.send(command)) };
  return { sent, received, answered: operation.output.isStructSchema() ? sampleOf(operation.output) : {} };
}

const ELB = 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/';
const STS = 'https://sts.amazonaws.com/doc/2011-06-15/';
const packs = [
  {
    name: 'ECS',
    pack: ecs,
    serve: (h: object) => jsonService(ecs, h),
    connect: (s: AwsService) => new ecs.ECSClient(settings(s)),
  },
  {
    name: 'ECR',
    pack: ecr,
    serve: (h: object) => jsonService(ecr, h),
    connect: (s: AwsService) => new ecr.ECRClient(settings(s)),
  },
  {
    name: 'Application Auto Scaling',
    pack: scaling,
    serve: (h: object) => jsonService(scaling, h),
    connect: (s: AwsService) => new scaling.ApplicationAutoScalingClient(settings(s)),
  },
  {
    name: 'ELBv2',
    pack: elb,
    serve: (h: object) => queryService(elb, ELB, h),
    connect: (s: AwsService) => new elb.ElasticLoadBalancingV2Client(settings(s)),
  },
  {
    name: 'STS',
    pack: sts,
    serve: (h: object) => queryService(sts, STS, h),
    connect: (s: AwsService) => new sts.STSClient(settings(s)),
  },
];

describe.each(packs)('$name', ({ pack, serve, connect }) => {
  const operations = operationsOf(pack);
  const seen: Seen = {};
  const client = connect(serve(echo(operations, seen)));

  test('every command of the client package has an operation', () => {
    const commands = Object.keys(pack).filter((key) => /^[A-Z].*Command$/.test(key));
    expect([...operations.keys()].map((name) => `${name}Command`).sort()).toEqual(commands.sort());
  });

  test.each([...operations.keys()])('%s keeps every member of input and output', async (name) => {
    const operation = operations.get(name);
    if (!operation) throw new Error(name);
    const { sent, received, answered } = await roundTrip(client, pack, operation);
    expect(seen.input ?? {}).toEqual(sent);
    expect(received).toEqual(answered);
  });
});
