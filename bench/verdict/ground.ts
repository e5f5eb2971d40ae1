import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DescribeServiceDeploymentsCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServiceDeploymentsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
  type UpdateServiceCommandInput,
} from '@aws-sdk/client-ecs';
import type { Clock } from '../../actions/core/src/clock.ts';
import { systemClock } from '../../actions/core/src/clock.ts';
import { scriptByImage } from '../../local/aws/ecs/runtime/scripted-runtime.ts';
import { createVirtualEcs, type VirtualEcs } from '../../local/aws/ecs/virtual-ecs.ts';
import { taskDefinition } from '../../test/virtual/stage.ts';
import { BEHAVIOURS } from './scenarios.ts';

/** What one tool asked of ECS since it was last forgotten. Times are scaled epoch milliseconds. */
export interface Asked {
  calls: number;
  lastAnswerAt: number;
}

/** The local ECS over HTTP, in time that runs faster, and what the bench itself does there. */
export interface Ground {
  endpoint: string;
  clock: Clock;
  factor: number;
  /** Epoch milliseconds from which all clocks are scaled. */
  anchor: number;
  /** By access key id, which tells the tools apart. */
  asked(key: string): Asked;
  forget(): void;
  /** Leaves the next call of a key without an answer until it is let go. */
  hold(key: string): Held;
  open(service: string, input?: Partial<CreateServiceCommandInput>): Promise<void>;
  /** Registers `family:image` and gives its ARN. */
  register(family: string, image: string): Promise<string>;
  update(service: string, change: Partial<UpdateServiceCommandInput>): Promise<void>;
  deployments(service: string): ReturnType<typeof readDeployments>;
  /** When tasks of the service stopped, oldest first. */
  stops(service: string): Promise<number[]>;
  /** `family:revision STATUS` of what the service is set to. */
  serving(service: string): Promise<string>;
  close(): void;
}

/** A call that waits: `arrived` when it is there, `letGo` answers it. */
export interface Held {
  arrived: Promise<void>;
  letGo(): void;
}

const CLUSTER = 'shop';

/** A clock that runs `factor` times as fast as the wall's, from `anchor` on. */
function scaledClock(factor: number, anchor: number): Clock {
  return {
    now: () => anchor + (Date.now() - anchor) * factor,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
  };
}

export async function openGround(factor: number): Promise<Ground> {
  const anchor = Date.now();
  const clock = scaledClock(factor, anchor);
  const virtual = createVirtualEcs({ clock, script: scriptByImage(BEHAVIOURS) });
  const asked = new Map<string, Asked>();
  const gates = new Map<string, { arrive(): void; open: Promise<void> }>();
  const server = createServer(async (request, response) => {
    const gate = gates.get(keyOf(request));
    gates.delete(keyOf(request));
    gate?.arrive();
    await gate?.open;
    await serve(virtual, request, response);
    note(asked, keyOf(request), clock.now());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'BENCH', secretAccessKey: 'bench' };
  const ecs = new ECSClient({ endpoint, region: 'us-east-1', credentials });
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  return {
    endpoint,
    clock,
    factor,
    anchor,
    asked: (key) => asked.get(key) ?? { calls: 0, lastAnswerAt: 0 },
    forget: () => asked.clear(),
    hold: (key) => {
      const arrived = Promise.withResolvers<void>();
      const open = Promise.withResolvers<void>();
      gates.set(key, { arrive: arrived.resolve, open: open.promise });
      return { arrived: arrived.promise, letGo: open.resolve };
    },
    open: (service, input) => openService(ecs, service, input),
    register: (family, image) => register(ecs, family, image),
    update: async (service, change) => {
      await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, ...change }));
    },
    deployments: (service) => readDeployments(ecs, service),
    stops: (service) => readStops(ecs, service),
    serving: (service) => readServing(ecs, service),
    close: () => {
      ecs.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Hands a request to the ECS as the SDK's own handler would; CloudWatch Logs has nothing to say. */
async function serve(
  { requestHandler }: VirtualEcs,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = request.headers as Record<string, string>;
  if (headers['x-amz-target']?.startsWith('Logs_')) {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end('{"events":[]}');
    return;
  }
  const body = Buffer.concat(chunks).toString();
  const handled = { method: 'POST', path: '/', headers, body } as never;
  const { response: answer } = await requestHandler.handle(handled);
  const parts: Buffer[] = [];
  for await (const part of answer.body) parts.push(part as Buffer);
  response.writeHead(answer.statusCode, answer.headers).end(Buffer.concat(parts));
}

function keyOf({ headers }: IncomingMessage): string {
  return /Credential=(\w+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
}

function note(asked: Map<string, Asked>, key: string, now: number): void {
  const before = asked.get(key) ?? { calls: 0, lastAnswerAt: 0 };
  asked.set(key, { calls: before.calls + 1, lastAnswerAt: now });
}

async function openService(
  ecs: ECSClient,
  service: string,
  input: Partial<CreateServiceCommandInput> = {},
): Promise<void> {
  await register(ecs, service, 'good');
  await ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName: service,
      taskDefinition: service,
      desiredCount: 2,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      ...input,
    }),
  );
}

async function register(ecs: ECSClient, family: string, image: string): Promise<string> {
  const { portMappings, ...rest } = Object(taskDefinition(family, image));
  const answer = await ecs.send(new RegisterTaskDefinitionCommand({ ...rest, portMappings } as never));
  return answer.taskDefinition?.taskDefinitionArn ?? '';
}

/** Newest first. */
async function readDeployments(ecs: ECSClient, service: string) {
  const listed = await ecs.send(new ListServiceDeploymentsCommand({ cluster: CLUSTER, service }));
  const serviceDeploymentArns = (listed.serviceDeployments ?? []).flatMap(
    (one) => one.serviceDeploymentArn ?? [],
  );
  const described = await ecs.send(new DescribeServiceDeploymentsCommand({ serviceDeploymentArns }));
  return (described.serviceDeployments ?? []).sort((a, b) => Number(b.createdAt) - Number(a.createdAt));
}

async function readStops(ecs: ECSClient, serviceName: string): Promise<number[]> {
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster: CLUSTER, serviceName, desiredStatus: 'STOPPED' }),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.send(
    new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns.slice(0, 100) }),
  );
  return tasks
    .filter(({ stopCode }) => stopCode !== 'ServiceSchedulerInitiated')
    .flatMap(({ stoppedAt }) => stoppedAt?.getTime() ?? [])
    .sort((a, b) => a - b);
}

async function readServing(ecs: ECSClient, service: string): Promise<string> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }));
  const name = services?.[0]?.taskDefinition;
  const { taskDefinition: found } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: name }),
  );
  return `${found?.family}:${found?.revision} ${found?.status}`;
}
