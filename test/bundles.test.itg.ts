import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { idTokenOf, stsSession } from '../actions/core/test/doubles/sts-answers.ts';
import { writeBundle } from '../scripts/bundle-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-bundles-'));
let server: Server;
const asked: string[] = [];

/** GitHub's token service, STS and ECS, as far as a first call goes. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const operation = request.headers['x-amz-target'] ?? request.url ?? '';
  asked.push(String(operation));
  if (request.method === 'GET') response.end(JSON.stringify({ value: idTokenOf({ sub: 'repo:acme/shop' }) }));
  else if (request.headers['x-amz-target'])
    response
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.1' })
      .end('{"__type":"AccessDeniedException","message":"not here"}');
  else
    response.writeHead(200, { 'content-type': 'text/xml' }).end(stsSession('BUNDLE', Date.now() + 3_600_000));
}

beforeAll(async () => {
  for (const name of ['assume-role', 'wait-for-stable']) await writeBundle(name, join(folder, name));
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a bundle as the runner does: Node, inputs and files by environment variables. */
async function run(name: string, inputs: Record<string, string>) {
  const { port } = server.address() as AddressInfo;
  const at = `http://127.0.0.1:${port}`;
  const file = (of: string): string => {
    const path = join(folder, `${name}-${of}`);
    writeFileSync(path, '');
    return path;
  };
  const [environment, output] = [file('env'), file('output')];
  const child = spawn(process.execPath, [join(folder, name, 'index.js')], {
    env: {
      HOME: folder,
      AWS_ENDPOINT_URL: at,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${at}/token?api-version=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'runner',
      GITHUB_ENV: environment,
      GITHUB_OUTPUT: output,
      GITHUB_WORKSPACE: folder,
      ...Object.fromEntries(
        Object.entries(inputs).map(([input, value]) => [`INPUT_${input.toUpperCase()}`, value]),
      ),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  return { code, said: Buffer.concat(said).toString(), environment: readFileSync(environment, 'utf8') };
}

const role = 'arn:aws:iam::123456789012:role/deploy';

test('a bundle trades the token of the job for a session, with the late token client', async () => {
  asked.length = 0;
  const { code, said, environment } = await run('assume-role', {
    'role-to-assume': role,
    region: 'us-east-1',
    'duration-seconds': '3600',
  });
  expect({
    code,
    said: said.includes('Assumed arn:aws:sts::123456789012:assumed-role/deploy/berth'),
  }).toEqual({
    code: 0,
    said: true,
  });
  expect(environment).toContain('ASIABUNDLE');
  expect(asked).toEqual(['/token?api-version=2&audience=sts.amazonaws.com', '/']);
});

test('a bundle follows a deployment with the session of a role, and says what AWS refused', async () => {
  asked.length = 0;
  const arn = 'arn:aws:ecs:us-east-1:123456789012:service-deployment/shop/web/NEUF1ZM0aaaaaaaaaaaa1';
  const { code, said } = await run('wait-for-stable', {
    'role-to-assume': role,
    'service-deployment-arn': arn,
  });
  expect(said).toContain('Allow ecs:DescribeServiceDeployments in the policy of the role this step uses.');
  expect(code).toBe(1);
  expect(asked).toEqual([
    '/token?api-version=2&audience=sts.amazonaws.com',
    '/',
    'AmazonEC2ContainerServiceV20141113.DescribeServiceDeployments',
  ]);
});
