import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import type Docker from 'dockerode';
import { dockerName } from './docker-container-options.ts';
import { taskLabel } from './docker-owner.ts';
import type { TaskLaunch } from './task-runtime.ts';

/** Where a task's containers find AWS, its credentials and its metadata, inside the task's own network. */
export const taskGatewayUrl = 'http://127.0.0.1:51679';

/** How the engine's containers reach the gateway: its unix socket on Linux, else its port on the host. */
export type GatewayAddress = { socketPath: string } | { port: number };

/** Container port and protocol, `8000/tcp`, to the port on 127.0.0.1 of this machine. */
export type PublishedPorts = ReadonlyMap<string, number>;

const relay = readFileSync(join(import.meta.dirname, 'docker-pause-relay.mjs'), 'utf8');
const socketInTask = '/run/berth-gateway.sock';

/** What holds a task's network has of the world around it. */
export interface PauseSurroundings {
  image: string;
  gateway: GatewayAddress;
  /** Private names, `host:port`; the task can reach those whose port it does not itself listen on, at any address. */
  names: readonly string[];
  labels: Readonly<Record<string, string>>;
}

/** What Docker's "create container" takes for the container that holds the network of a task. */
export function pauseOptions(
  launch: TaskLaunch,
  { image, gateway, names, labels }: PauseSurroundings,
): Docker.ContainerCreateOptions {
  const ports = publishedPorts(launch.taskDefinition);
  const known = names.filter((name) => !ports.includes(`${portOf(name)}/tcp`));
  const addresses = addressesOf(known);
  const bySocket = 'socketPath' in gateway;
  return {
    // Two dashes: no container of the task can have this name.
    name: dockerName(launch, '-pause'),
    Image: image,
    Entrypoint: ['node'],
    Cmd: ['--input-type=module', '-e', relay],
    Env: [
      `BERTH_GATEWAY=${bySocket ? socketInTask : `host.docker.internal:${gateway.port}`}`,
      `BERTH_NAMES=${JSON.stringify(known.map((name) => ({ name, address: addresses.get(hostOf(name)) })))}`,
    ],
    Labels: { ...labels, [taskLabel]: launch.taskArn },
    ExposedPorts: Object.fromEntries(ports.map((port) => [port, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(ports.map((port) => [port, [{ HostIp: '127.0.0.1', HostPort: '' }]])),
      Mounts: bySocket ? [{ Type: 'bind', Source: gateway.socketPath, Target: socketInTask }] : undefined,
      // The task's own containers share this one's /etc/hosts with its network.
      ExtraHosts: [
        ...[...addresses].map(([host, address]) => `${host}:${address}`),
        ...(bySocket ? [] : ['host.docker.internal:host-gateway']),
      ],
      ReadonlyRootfs: true,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '1m' } },
    },
  };
}

/** Starts it and waits until the relay listens; gives the ports it published. */
export async function startPause(container: Docker.Container): Promise<PublishedPorts> {
  const output = await container.attach({ stream: true, stdout: true, stderr: true });
  const spoken = new Promise<string>((done) => {
    output.once('data', (chunk: Buffer) => done(chunk.subarray(8).toString('utf8')));
    output.once('end', () => done(''));
    output.once('error', () => done(''));
  });
  await container.start();
  const said = await spoken;
  output.resume();
  if (!said.startsWith('ready'))
    throw new Error(`the container that holds the task's network ended: ${said.trim()}`);
  return portsOf(await container.inspect());
}

/** A loopback address for each host, as Amazon ECS Service Connect gives them: 127.255.0.1 and those after it. */
function addressesOf(names: readonly string[]): ReadonlyMap<string, string> {
  const hosts = [...new Set(names.map(hostOf))];
  return new Map(
    hosts.map((host, index) => [host, `127.255.${Math.floor(index / 250)}.${(index % 250) + 1}`]),
  );
}

const hostOf = (name: string): string => name.split(':')[0] ?? '';
const portOf = (name: string): string => name.split(':')[1] ?? '';

function portsOf(inspected: Docker.ContainerInspectInfo): PublishedPorts {
  const all = Object.entries(inspected.NetworkSettings.Ports ?? {});
  return new Map(all.map(([port, bindings]) => [port, Number(bindings?.[0]?.HostPort)]));
}

function publishedPorts(definition: TaskDefinition): string[] {
  const mappings = (definition.containerDefinitions ?? []).flatMap(
    (container) => container.portMappings ?? [],
  );
  return [...new Set(mappings.map((one) => `${one.containerPort ?? one.hostPort}/${one.protocol ?? 'tcp'}`))];
}
