import { Readable } from 'node:stream';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListServicesCommand,
  ListTagsForResourceCommand,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type HttpRequest, HttpResponse } from '@smithy/core/protocols';

/** One call as an SDK client signed it, byte for byte. */
export interface SignedCall {
  operation: string;
  bytes: Buffer;
}

const ACCOUNT_ID = '123456789012';
const REGION = 'us-east-1';
const TASK_DEFINITION: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  networkMode: 'bridge',
  containerDefinitions: [
    { name: 'web', image: 'web:1', memory: 128, essential: true, portMappings: [{ containerPort: 8000 }] },
  ],
};

/** What makes the service that the measured calls are about, in its order. */
export function setUpCalls(port: number): Promise<SignedCall[]> {
  return sign(port, [
    new CreateClusterCommand({ clusterName: 'shop' }),
    new RegisterTaskDefinitionCommand(TASK_DEFINITION),
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: 'web',
      taskDefinition: 'web',
      desiredCount: 2,
      launchType: 'EC2',
    }),
  ]);
}

/** The measured calls: what a deployment reads and writes, each once. */
export async function measuredCalls(port: number): Promise<SignedCall[]> {
  const resourceArn = `arn:aws:ecs:${REGION}:${ACCOUNT_ID}:service/shop/web`;
  const calls = await sign(port, [
    new DescribeServicesCommand({ cluster: 'shop', services: ['web'] }),
    new ListServicesCommand({ cluster: 'shop' }),
    new DescribeTaskDefinitionCommand({ taskDefinition: 'web:1' }),
    new ListTaskDefinitionsCommand({ familyPrefix: 'web', maxResults: 10 }),
    new DescribeClustersCommand({ clusters: ['shop'] }),
    new ListTagsForResourceCommand({ resourceArn }),
    new RegisterTaskDefinitionCommand(TASK_DEFINITION),
    new UpdateServiceCommand({ cluster: 'shop', service: 'web', desiredCount: 2 }),
  ]);
  return [...calls, ...(await signIdentity(port))];
}

const settings = (port: number, requestHandler: ReturnType<typeof recorder>) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: REGION,
  credentials: { accessKeyId: ACCOUNT_ID, secretAccessKey: 'local' },
  requestHandler,
  maxAttempts: 1,
});

async function sign(port: number, commands: readonly object[]): Promise<SignedCall[]> {
  const requests: HttpRequest[] = [];
  const client = new ECSClient(settings(port, recorder(requests, '{}')));
  for (const command of commands) await client.send(command as never);
  return requests.map((request) => ({
    operation: request.headers['x-amz-target']?.split('.').pop() ?? '',
    bytes: bytesOf(request),
  }));
}

async function signIdentity(port: number): Promise<SignedCall[]> {
  const requests: HttpRequest[] = [];
  const empty = '<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>';
  await new STSClient(settings(port, recorder(requests, empty))).send(new GetCallerIdentityCommand({}));
  return requests.map((request) => ({ operation: 'GetCallerIdentity', bytes: bytesOf(request) }));
}

/** A request handler that sends nothing: it keeps what was signed and answers with an empty success. */
function recorder(requests: HttpRequest[], answer: string) {
  return {
    async handle(request: HttpRequest) {
      requests.push(request);
      return {
        response: new HttpResponse({
          statusCode: 200,
          headers: {},
          body: Readable.from([Buffer.from(answer)]),
        }),
      };
    },
    metadata: { handlerProtocol: 'http/1.1' },
  };
}

function bytesOf({ method, path, headers, body }: HttpRequest): Buffer {
  const text = body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body ?? '');
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(text)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${text}`);
}
