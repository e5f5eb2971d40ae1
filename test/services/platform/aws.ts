import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateTableCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { backendAt } from '../../../local/aws/autoscaling/live/back-end.ts';
import { openGateway } from '../../../local/aws/gateway/gateway.ts';
import { startMoto } from '../../../local/aws/gateway/moto.ts';
import { sqsStandIns } from '../../../local/aws/sqs/stand-ins.ts';
import type { AwsService } from '../../../local/aws/wire/service.ts';
import { ensurePythonTools } from '../../../local/machine/python-tools.ts';

/** SQS and DynamoDB as the local AWS offers them, without its Docker engine. */
export interface Aws {
  readonly sqs: SQSClient;
  readonly dynamo: DynamoDBClient;
  /** Makes a queue and the one it parks in; gives their URLs. */
  makeQueue(name: string, maxReceiveCount: number): Promise<{ url: string; deadLetterUrl: string }>;
  /** Makes a table of feeds, as Terraform does. */
  makeTable(name: string): Promise<void>;
  /** All of a table as text, to search in. */
  dump(table: string): Promise<string>;
  /** Has a service of AWS answered by nobody, until told that it is back. */
  takeAway(service: 'sqs' | 'dynamodb'): { giveBack(): void };
  stop(): Promise<void>;
}

const account = '123456789012';
const key = { accessKeyId: account, secretAccessKey: 'secret' };

/** Starts it, and has this process's SDK clients go there: the environment is that of this test file alone. */
export async function startAws(): Promise<Aws> {
  const { bin } = await ensurePythonTools(['moto']);
  const moto = await startMoto(bin);
  const gateway = await openGateway({ port: 0 });
  const away = new Set<string>();
  const onBug = (what: string, error: unknown) => {
    throw new Error(`${what} broke.`, { cause: error });
  };
  gateway.serve({
    services: Object.fromEntries(ownServices.map((name) => [name, refuse])) as Record<OwnName, AwsService>,
    registry: async (_request, response) => void response.writeHead(501).end(),
    taskEndpoints: async () => ({ status: 404, body: '{}' }),
    backend: moto.url,
    standIns: sqsStandIns({ ask: backendAt(moto.url, fetch), now: Date.now, sleep: (ms) => wait(ms), onBug }),
    contextOf: (scope) => ({
      accountId: account,
      region: scope?.region ?? 'us-east-1',
      accessKeyId: account,
      now: Date.now(),
    }),
    aroundBackend: async (call, run) => {
      if (away.has(call.service ?? '')) return { status: 503, headers: {}, body: '' };
      await run(false);
      return undefined;
    },
    onBug,
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: gateway.endpoint,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
  });
  // Past the gateway: what a test looks at is there also while the services do not reach it.
  const access = { region: 'us-east-1', endpoint: moto.url, credentials: key };
  const sqs = new SQSClient({ ...access, useQueueUrlAsEndpoint: false });
  const dynamo = new DynamoDBClient(access);
  return {
    sqs,
    dynamo,
    async makeQueue(name, maxReceiveCount) {
      const { QueueUrl: deadLetterUrl = '' } = await sqs.send(
        new CreateQueueCommand({ QueueName: `${name}-dlq` }),
      );
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ['QueueArn'] }),
      );
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: Attributes.QueueArn, maxReceiveCount });
      const { QueueUrl: url = '' } = await sqs.send(
        new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }),
      );
      return { url, deadLetterUrl };
    },
    async makeTable(TableName) {
      await dynamo.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
        }),
      );
      await dynamo.send(
        new UpdateTimeToLiveCommand({
          TableName,
          TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
        }),
      );
    },
    dump: async (TableName) => JSON.stringify((await dynamo.send(new ScanCommand({ TableName }))).Items),
    takeAway(service) {
      away.add(service);
      return { giveBack: () => void away.delete(service) };
    },
    async stop() {
      sqs.destroy();
      dynamo.destroy();
      await gateway.stop();
      await moto.stop();
    },
  };
}

const ownServices = ['application-autoscaling', 'ecr', 'ecs', 'elasticloadbalancing', 'sts', 'iam'] as const;
type OwnName = (typeof ownServices)[number];
const refuse: AwsService = async () => ({ status: 501, headers: {}, body: '' });
