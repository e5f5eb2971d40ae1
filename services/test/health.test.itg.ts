import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleService } from '../bundle.ts';
import { type AwsDouble, startAwsDouble } from './doubles/aws-double.ts';
import { startServiceProcess } from './doubles/service-process.ts';

const sources = fileURLToPath(new URL('..', import.meta.url));
const settings = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  SQS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/email',
  S3_BUCKET_NAME: 'mails',
  METRICS_PORT: '0',
};

let folder: string;
let aws: AwsDouble;
let environment: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'health-'));
  await bundleService('email-consumer', sources, join(folder, 'main.cjs'));
  aws = await startAwsDouble();
  environment = { ...settings, AWS_ENDPOINT_URL: aws.endpoint };
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

/** Runs a file to its end and gives what a container runtime sees of it. */
function run(file: string, variables: Record<string, string>, ...words: string[]) {
  return new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, [file, ...words], { env: variables }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), said: stdout + stderr }),
    );
  });
}

const ask = (file: string, variables: Record<string, string>) => run(file, variables, 'health');

/** Runs `check` against a server on this machine that gives each request this status, or no answer at all. */
async function withServer(status: number | undefined, check: (port: string) => Promise<void>): Promise<void> {
  const server = createServer((_request, response) => {
    if (status !== undefined) response.writeHead(status).end('{"status":"ok"}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await check(String((server.address() as AddressInfo).port));
  } finally {
    server.close();
  }
}

describe.each([
  ['in an image', () => join(folder, 'main.cjs'), {}],
  ['from the sources', () => join(sources, 'main.ts'), { SERVICE: 'email-consumer' }],
])('the health command %s', (_where, file, named) => {
  test('exits with 0 while the service answers on its own port variable, and with 1 when it is gone', async () => {
    const service = await startServiceProcess(join(folder, 'main.cjs'), environment);
    const port = new URL(service.url).port;
    expect(await ask(file(), { ...named, METRICS_PORT: port, PORT: '1' })).toEqual({ code: 0, said: '' });
    service.kill('SIGTERM');
    expect(await service.exited).toBe(0);
    expect(await ask(file(), { ...named, METRICS_PORT: port })).toEqual({ code: 1, said: '' });
  });

  test.each([[503], [undefined]])('exits with 1 when the answer is %s', (status) =>
    withServer(status, async (port) => {
      expect(await ask(file(), { ...named, METRICS_PORT: port })).toEqual({ code: 1, said: '' });
    }),
  );

  test('refuses in words what is no port', async () => {
    expect(await ask(file(), { ...named, METRICS_PORT: 'ninety' })).toEqual({
      code: 1,
      said: 'The configuration is not usable:\n  METRICS_PORT must be a whole number of at least 1 up to 65535 (the port to ask for health).\n',
    });
  });
});

test('the health command refuses in words a service that there is not', async () => {
  const { code, said } = await ask(join(sources, 'main.ts'), { SERVICE: 'orders' });
  expect(code).toBe(1);
  expect(said).toMatch(/^The configuration is not usable:\n {2}SERVICE is orders; write gateway, .*\n$/);
});

test('the health command loads nothing of the service: its file is small, and is enough', async () => {
  const alone = await mkdtemp(join(folder, 'alone-'));
  await writeFile(join(alone, 'main.cjs'), await readFile(join(folder, 'main.cjs')));
  expect((await stat(join(alone, 'main.cjs'))).size).toBeLessThan(10_000);
  await withServer(200, async (port) => {
    expect(await ask(join(alone, 'main.cjs'), { METRICS_PORT: port })).toEqual({ code: 0, said: '' });
  });
});

test('a signal that comes while the service is loaded is heard, and the process ends in order', async () => {
  const told = await mkdtemp(join(folder, 'told-'));
  await writeFile(join(told, 'main.cjs'), await readFile(join(folder, 'main.cjs')));
  const service = await readFile(join(folder, 'service.cjs'), 'utf8');
  await writeFile(join(told, 'service.cjs'), `process.kill(process.pid, 'SIGTERM');\n${service}`);
  const { code, said } = await run(join(told, 'main.cjs'), environment);
  expect(said).toMatch(/told to stop[\s\S]*"msg":"stopped"/);
  expect(code).toBe(0);
});
