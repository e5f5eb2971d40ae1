import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ListServiceDeploymentsCommand,
  RegisterTaskDefinitionCommand,
  type ServiceDeploymentBrief,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { systemClock } from '../actions/core/src/clock.ts';
import { scriptByImage } from '../local/aws/ecs/runtime/scripted-runtime.ts';
import { createVirtualEcs, type VirtualEcs } from '../local/aws/ecs/virtual-ecs.ts';
import { writeBundle } from '../scripts/bundle-folder.ts';
import { taskDefinition } from './virtual/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-cancelled-'));
let server: Server;
let virtual: VirtualEcs;
/** Operations in the order in which they were asked for. */
const asked: string[] = [];
const countOf = (operation: string) => asked.filter((one) => one === operation).length;
/** The first reading only tells what is to be followed. */
const isFollowing = () => countOf('DescribeServiceDeployments') > 1;
/** Fulfilled when ECS is asked to go back; until then nobody who follows gets an answer. */
let goingBack = Promise.withResolvers<void>();

/** The local ECS over HTTP and in real time, with tasks that take half an hour to start. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
  asked.push(operation);
  if (operation === 'StopServiceDeployment') goingBack.resolve();
  else if (isFollowing()) await goingBack.promise;
  const handled = {
    method: 'POST',
    path: '/',
    headers: request.headers,
    body: Buffer.concat(chunks).toString(),
  };
  const { response: given } = await virtual.requestHandler.handle(handled as never);
  const parts: Buffer[] = [];
  for await (const part of given.body) parts.push(part as Buffer);
  response.writeHead(given.statusCode, given.headers).end(Buffer.concat(parts));
}

beforeAll(async () => {
  await writeBundle('wait-for-stable', folder);
  virtual = createVirtualEcs({
    clock: systemClock,
    script: scriptByImage({ ':2': { startsAfterMs: 1_800_000 } }),
  });
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** ARN of a new deployment of a service of that name. */
async function deploy(name: string): Promise<string> {
  const { client } = virtual;
  await client.send(new CreateClusterCommand({ clusterName: 'shop' }));
  await client.send(new RegisterTaskDefinitionCommand(taskDefinition(name, '1') as never));
  await client.send(
    new CreateServiceCommand({
      cluster: 'shop',
      serviceName: name,
      taskDefinition: name,
      desiredCount: 0,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
    }),
  );
  while ((await newestDeployment(name))?.status !== 'SUCCESSFUL') await setTimeout(50);
  await client.send(new RegisterTaskDefinitionCommand(taskDefinition(name, '2') as never));
  await client.send(
    new UpdateServiceCommand({ cluster: 'shop', service: name, taskDefinition: name, desiredCount: 1 }),
  );
  return (await newestDeployment(name))?.serviceDeploymentArn ?? '';
}

async function newestDeployment(service: string): Promise<ServiceDeploymentBrief | undefined> {
  const { serviceDeployments = [] } = await virtual.client.send(
    new ListServiceDeploymentsCommand({ cluster: 'shop', service }),
  );
  return serviceDeployments.sort((a, b) => Number(b.createdAt) - Number(a.createdAt))[0];
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a step that gets %s asks ECS to go back before it does anything else, and ends',
  async (signal) => {
    const arn = await deploy(`web-${signal.toLowerCase()}`);
    asked.length = 0;
    goingBack = Promise.withResolvers();
    const { port } = server.address() as AddressInfo;
    const child = spawn(process.execPath, [join(folder, 'index.js')], {
      env: {
        HOME: folder,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: '123456789012',
        AWS_SECRET_ACCESS_KEY: 'local',
        'INPUT_SERVICE-DEPLOYMENT-ARN': arn,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
    while (!isFollowing()) await setTimeout(50);
    // It waits for an answer, and does not get it.
    const before = asked.length;
    child.kill(signal);
    const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
    expect(asked[before]).toBe('StopServiceDeployment');
    expect(countOf('StopServiceDeployment')).toBe(1);
    expect(Buffer.concat(said).toString()).toContain('because the step was cancelled');
    expect(code).toBe(1);
  },
);
