import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { bundleService } from '../../bundle.ts';
import { type AwsDouble, startAwsDouble } from '../../test/doubles/aws-double.ts';
import { type ServiceProcess, startServiceProcess } from '../../test/doubles/service-process.ts';
import { badVersions, type Change, goodVersion } from '../bad-versions.ts';
import { type Files, readStandaloneFiles } from '../files.ts';

const services = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let files: Files;
let aws: AwsDouble;
const processes: ServiceProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bad-versions-'));
  await symlink(join(services, '../node_modules'), join(folder, 'node_modules'));
  files = await readStandaloneFiles(services, await readFile(join(services, '../package-lock.json'), 'utf8'));
  aws = await startAwsDouble();
});

afterEach(() => {
  for (const { kill } of processes.splice(0)) kill('SIGKILL');
});

afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true });
});

function find(name: string): Change {
  const change = badVersions.find((candidate) => candidate.name === name);
  if (change === undefined) throw new Error(`There is no bad version that ${name}.`);
  return change;
}

/** Writes the changed sources, bundles them as the Dockerfile does, and runs the result as the task definition does. */
async function run(change: Change): Promise<ServiceProcess> {
  const sources = await mkdtemp(join(folder, 'sources-'));
  for (const [path, text] of Object.entries(change.apply(files))) {
    await mkdir(dirname(join(sources, path)), { recursive: true });
    await writeFile(join(sources, path), text);
  }
  const bundle = join(sources, 'out/main.cjs');
  await bundleService('email-api', sources, bundle);
  const [container] = JSON.parse(files['email-api/task-definition.json'] ?? '').containerDefinitions;
  const environment = Object.fromEntries(
    container.environment.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  const instance = await startServiceProcess(bundle, {
    ...environment,
    PORT: '0',
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  });
  processes.push(instance);
  return instance;
}

async function postWithoutToken(url: string) {
  const data = { email_subject: 's', email_sender: 'a', email_timestream: '1', email_content: 'c' };
  const response = await fetch(`${url}/api/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ data }),
  });
  return [response.status, await response.json()];
}

test('the sources as they are, and the good version, are healthy and keep strangers out', async () => {
  for (const change of [goodVersion, { ...goodVersion, apply: (same: Files) => same }]) {
    const { url } = await run(change);
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect(await postWithoutToken(url)).toMatchObject([401, { code: 'TOKEN_MISSING' }]);
  }
});

test('the version that crashes at start names the setting that is missing', async () => {
  await expect(run(find('crashes at start'))).rejects.toThrow(
    /ended with 1 before it served:[\s\S]*MAIL_FOOTER is missing/,
  );
});

test('the version that fails its health check starts and answers 500', async () => {
  const { url } = await run(find('fails its health check'));
  expect((await fetch(`${url}/health`)).status).toBe(500);
});

test('the version that answers wrongly is healthy and takes mails from strangers', async () => {
  const { url } = await run(find('answers wrongly'));
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await postWithoutToken(url)).toEqual([200, {}]);
  expect(aws.accepted).toEqual([]);
});
