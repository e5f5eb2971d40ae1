import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type DeployStage, openDeployStage } from './deploy-stage.ts';

const servers: Server[] = [];

/** Ends the servers of a test. */
export function closeAnswering(): void {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
}

/** An HTTP server that answers every question with this status, as a service of the stage would. */
async function answering(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `web` needs `api`; each has a smoke file, `<name>.yaml`, that asks a server with that status. */
export async function openAskedPair(apiStatus: number, webStatus: number): Promise<DeployStage> {
  const stage = await openDeployStage(({ taskDefinition }) =>
    taskDefinition.containerDefinitions?.some(({ image }) => image === 'api:crash')
      ? { exits: { afterMs: 100, code: 3 } }
      : {},
  );
  await stage.open('api', '1');
  await stage.open('web', '1');
  stage.manifest({ web: { needs: ['api'], smoke: 'web.yaml' }, api: { smoke: 'api.yaml' } });
  for (const [name, status] of [
    ['api', apiStatus],
    ['web', webStatus],
  ] as const) {
    const base = await answering(status);
    const file = { version: 1, checks: [{ name: 'answers', get: base, expect: { status: 200 } }] };
    writeFileSync(join(stage.workspace, `${name}.yaml`), JSON.stringify(file));
  }
  return stage;
}

/** The writes to services, each `service family:revision`, in their order. */
export function updatesOf(stage: DeployStage): string[] {
  return stage.sent('UpdateService').map(({ service, taskDefinition }) => {
    return `${service} ${String(taskDefinition).split('/').at(-1)}`;
  });
}
