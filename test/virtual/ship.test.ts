import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { ship } from '../../cli/src/ship.ts';
import { type DeployStage, openDeployStage } from './deploy-stage.ts';
import { closeStages } from './stage.ts';

afterAll(closeStages);

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

/** An HTTP server that answers every question with this status, as a service of the stage would. */
async function answering(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end());
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** `web` needs `api`; each has a smoke file that asks a server with that status. */
async function openPair(apiStatus: number, webStatus: number): Promise<DeployStage> {
  const stage = await openDeployStage(({ taskDefinition }) =>
    taskDefinition.containerDefinitions?.some(({ image }) => image === 'api:crash')
      ? { exits: { afterMs: 100, code: 3 } }
      : {},
  );
  await stage.open('api', '1');
  await stage.open('web', '1');
  stage.manifest({ web: { needs: ['api'], smoke: 'web.yaml' }, api: { smoke: 'api.yaml' } });
  mkdirSync(stage.workspace, { recursive: true });
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

function shipAll(stage: DeployStage, inputs: Record<string, string> = {}) {
  const files = JSON.stringify({ web: 'web.json', api: 'api.json' });
  return stage.step(ship, { environment: 'prod', 'task-definitions': files, ...inputs });
}

/** Names of the writes to services, with which service, in their order. */
const updates = (stage: DeployStage) =>
  stage.sent('UpdateService').map(({ service, taskDefinition }) => {
    return `${service} ${String(taskDefinition).split('/').at(-1)}`;
  });

describe('shipping in one process', () => {
  test('proves each wave before it begins the next', async () => {
    const stage = await openPair(200, 200);
    const shipped = await shipAll(stage);
    expect(shipped.failure).toBeUndefined();
    expect(shipped.verdicts).toMatchObject([
      { service: 'api', verdict: 'succeeded' },
      { service: 'web', verdict: 'succeeded' },
    ]);
    expect(shipped.outputs.smoke).toHaveLength(2);
    expect(updates(stage)).toEqual(['api api:2', 'web web:2']);
  });

  test('deploys nothing on a service that answers wrongly, and carries it back', async () => {
    const stage = await openPair(500, 200);
    const shipped = await shipAll(stage);
    expect(shipped.failure).toMatch(/Not deployed, because they come after it: web\./);
    expect(shipped.failure).toContain('All services of this run were carried back.');
    expect(updates(stage)).toEqual(['api api:2', 'api api:1']);
    expect(await stage.running('web')).toBe('web:1');
  });

  test('carries all back, in reverse order, when the last one answers wrongly', async () => {
    const stage = await openPair(200, 500);
    const shipped = await shipAll(stage);
    expect(updates(stage)).toEqual(['api api:2', 'web web:2', 'web web:1', 'api api:1']);
    expect(shipped.outputs.rollback).toMatchObject([
      { service: 'web', green: true },
      { service: 'api', green: true },
    ]);
  });

  test('leaves everything where it is told to', async () => {
    const stage = await openPair(200, 500);
    const shipped = await shipAll(stage, { 'on-red': 'leave' });
    expect(shipped.failure).toBeDefined();
    expect(updates(stage)).toEqual(['api api:2', 'web web:2']);
  });

  test('carries back what cannot be tested, for the smoke file is wrong', async () => {
    const stage = await openPair(200, 200);
    writeFileSync(join(stage.workspace, 'api.yaml'), 'version: 1');
    const shipped = await shipAll(stage);
    expect(shipped.failure).toMatch(/api\.yaml has 1 fault/);
    expect(updates(stage)).toEqual(['api api:2', 'api api:1']);
  });

  test('resumes autoscaling before it returns, red or green', async () => {
    for (const status of [200, 500]) {
      const stage = await openPair(status, 200);
      await stage.scale('api');
      await shipAll(stage, { 'hold-autoscaling': 'all' });
      expect(stage.sent('TagResource').some(({ ResourceARN }) => ResourceARN !== undefined)).toBe(true);
      expect((await stage.scaling('api')).suspended).toEqual([]);
    }
  });

  test('plans all and writes nothing in a dry run', async () => {
    const stage = await openPair(200, 200);
    const shipped = await shipAll(stage, { 'dry-run': 'true' });
    expect(shipped.outputs.plan).toHaveLength(2);
    expect(updates(stage)).toEqual([]);
  });
});
