import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { parseFileCommands } from '../actions/core/test/doubles/action-drive.ts';
import { writeBundle } from '../scripts/bundle-folder.ts';
import { serveStage } from './killed/stage-over-http.ts';
import type { DeployStage } from './virtual/deploy-stage.ts';
import { closeAnswering, openAskedPair, updatesOf } from './virtual/smoke-stage.ts';
import { closeStages } from './virtual/stage.ts';

const CLOCK_FACTOR = 200;
const folder = mkdtempSync(join(tmpdir(), 'berth-smoke-bundle-'));

beforeAll(() => writeBundle('deploy-service', folder));
afterEach(closeAnswering);
afterAll(() => {
  closeStages();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the bundle as the runner does, with the stage as its AWS: how it ended, what it said and gave. */
async function deploy(stage: DeployStage) {
  const served = await serveStage(stage, CLOCK_FACTOR, () => true);
  const output = join(stage.workspace, 'output');
  writeFileSync(output, '');
  const clock = join(import.meta.dirname, 'killed', 'fast-clock.mjs');
  const child = spawn(process.execPath, ['--import', clock, join(folder, 'index.js')], {
    env: {
      HOME: folder,
      CLOCK_FACTOR: `${CLOCK_FACTOR}`,
      AWS_ENDPOINT_URL: served.endpoint,
      AWS_ACCESS_KEY_ID: '123456789012',
      AWS_SECRET_ACCESS_KEY: 'local',
      GITHUB_OUTPUT: output,
      GITHUB_WORKSPACE: stage.workspace,
      INPUT_ENVIRONMENT: 'prod',
      'INPUT_TASK-DEFINITIONS': JSON.stringify({ web: 'web.json', api: 'api.json' }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  served.close();
  const { deployments = '[]' } = parseFileCommands(readFileSync(output, 'utf8'));
  return { code, said: Buffer.concat(said).toString(), deployments: JSON.parse(deployments) };
}

test('the bundle asks what the next wave needs, by code it loads only then', async () => {
  const stage = await openAskedPair(200, 200);
  const { code, said, deployments } = await deploy(stage);
  expect({ code, said }).toMatchObject({ code: 0 });
  expect(said).toContain('::group::Smoke test api');
  expect(said).not.toContain('::group::Smoke test web');
  expect(deployments).toMatchObject([{ service: 'api' }, { service: 'web' }]);
});

test('the bundle deploys nothing on a wrong answer, and hands over what it has deployed', async () => {
  const stage = await openAskedPair(500, 200);
  const { code, said, deployments } = await deploy(stage);
  expect(code).toBe(1);
  expect(said).toMatch(/::error::Smoke test: 1 of 1 checks did not pass \(api\).* come after it: web\./);
  expect(deployments).toMatchObject([{ service: 'api', changed: true }]);
  expect(updatesOf(stage)).toEqual(['api api:2']);
});
