import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContainerDefinition, Task } from '@aws-sdk/client-ecs';
import type { Shop } from './shop.ts';

/** A registry that lets nobody in. */
export interface ClosedRegistry {
  /** `127.0.0.1:port` */
  host: string;
  close(): void;
}

export async function openClosedRegistry(): Promise<ClosedRegistry> {
  const server: Server = createServer((_, response) => {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="closed"' }).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  };
}

/** Pushes an image whose program is of no format that Linux can run. */
export async function pushOddImage({ aws }: Shop): Promise<string> {
  const image = `${aws.registry}/web:odd`;
  const folder = await mkdtemp(join(tmpdir(), 'odd-image-'));
  await writeFile(join(folder, 'program'), 'neither ELF nor a script\n', { mode: 0o755 });
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY program /program\nCMD ["/program"]\n');
  for (const line of [`build --quiet --tag ${image} ${folder}`, `push --quiet ${image}`]) {
    const { code, stderr } = await aws.docker(line);
    if (code !== 0) throw new Error(`docker ${line}: ${stderr}`);
  }
  await aws.docker(`rmi --force ${image}`);
  await rm(folder, { recursive: true });
  return image;
}

/** What DescribeTasks tells of why a task is no more. */
export const storyOf = ({ lastStatus, stopCode, stoppedReason, containers }: Task) => ({
  lastStatus,
  stopCode,
  stoppedReason,
  containers: Object.fromEntries(
    (containers ?? []).map(({ name = '', exitCode, reason }) => [name, [exitCode, reason]]),
  ),
});

/** A container that runs one line of JavaScript. */
export const script = (image: string, code: string, more: Partial<ContainerDefinition> = {}) => ({
  name: 'app',
  image,
  command: ['node', '-e', code],
  ...more,
});
