import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ensureBaseImage, ensureBuildImage } from '../../local/machine/base-image.ts';
import { connectDocker } from '../../local/machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../../local/machine/docker-engine.ts';
import { seedNpmCache } from '../../local/machine/npm-cache.ts';
import { readStandaloneFiles } from '../../services/standalone/files.ts';
import { eventually } from './platform/caller.ts';

const run = promisify(execFile);
const repository = join(import.meta.dirname, '../..');
const tag = randomUUID().slice(0, 8);
const image = (service: string) => `services-test/${service}:${tag}`;
const containers: string[] = [];

let folder: string;
/** The Docker client's own folder, so that nothing is written into the user's. */
let clientFolder: string;
let engine: DockerEngine;
let base: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'services-image-'));
  clientFolder = await mkdtemp(join(tmpdir(), 'services-image-client-'));
  await writeSources();
  engine = await ensureDockerEngine();
  const client = connectDocker(engine.host);
  base = await ensureBaseImage(client);
  const build = await ensureBuildImage(client, await seedNpmCache({ packageFolder: folder }));
  // Both wait for the same packages, and are bundled beside each other.
  const builds = ['email-api', 'email-consumer'].map((service) => {
    const args = [`SERVICE=${service}`, `BASE_IMAGE=${base}`, `BUILD_IMAGE=${build}`];
    const flags = args.flatMap((arg) => ['--build-arg', arg]);
    return docker('build', '--network=none', '--quiet', ...flags, '--tag', image(service), folder);
  });
  await Promise.all(builds);
});

afterAll(async () => {
  if (containers.length > 0) await docker('rm', '--force', ...containers);
  await docker('rmi', '--force', image('email-api'), image('email-consumer'));
  await engine.release();
  for (const made of [folder, clientFolder]) await rm(made, { recursive: true });
});

async function writeSources(): Promise<void> {
  const rootLock = await readFile(join(repository, 'package-lock.json'), 'utf8');
  const files = await readStandaloneFiles(join(repository, 'services'), rootLock);
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function docker(...args: string[]): Promise<string> {
  const env = { ...process.env, DOCKER_HOST: engine.host, DOCKER_CONFIG: clientFolder, DOCKER_BUILDKIT: '1' };
  return (await run(engine.dockerCli, args, { env })).stdout.trim();
}

async function inspect(format: string, name: string): Promise<unknown> {
  return JSON.parse(await docker('inspect', '--format', `{{json ${format}}}`, name));
}

/** Runs a service as its task definition does: its environment, a read-only root, no shell; here without a network. */
async function start(service: string): Promise<string> {
  const text = await readFile(join(repository, `services/${service}/task-definition.json`), 'utf8');
  const [{ environment, healthCheck, stopTimeout }] = JSON.parse(text).containerDefinitions;
  const variables = environment.flatMap(({ name, value }: { name: string; value: string }) => [
    '--env',
    `${name}=${value}`,
  ]);
  const limits = ['--network=none', '--read-only', `--stop-timeout=${stopTimeout}`];
  const quick = service === 'email-api' ? ['--env', 'DRAIN_DELAY_MS=100'] : [];
  const id = await docker('run', '--detach', ...limits, ...variables, ...quick, image(service));
  containers.push(id);
  const { isWell } = await eventually(
    async () => ({
      isWell: await isHealthy(id, healthCheck.command),
      isRunning: await inspect('.State.Running', id),
    }),
    ({ isWell, isRunning }) => isWell || isRunning !== true,
    200_000,
  );
  if (!isWell) throw new Error(await docker('logs', id));
  return id;
}

async function isHealthy(id: string, [, ...command]: string[]): Promise<boolean> {
  return docker('exec', id, ...command).then(
    () => true,
    () => false,
  );
}

describe.each(['email-api', 'email-consumer'])('the image of %s', (service) => {
  test('adds little to its base and runs as user 1000', async () => {
    const baseBytes = Number(await inspect('.Size', base));
    expect(Number(await inspect('.Size', image(service))) - baseBytes).toBeLessThan(6_000_000);
    expect(await inspect('.Config.User', image(service))).toBe('1000:1000');
    expect(await inspect('.Config.Cmd', image(service))).toEqual([
      'node',
      '--max-semi-space-size=4',
      '--v8-pool-size=1',
      '/app/main.cjs',
    ]);
  });

  test('starts on a read-only root, passes its health check, and ends with 0 when told to stop', async () => {
    const id = await start(service);
    await docker('stop', id);
    expect(await inspect('.State.ExitCode', id)).toBe(0);
    expect(await docker('logs', id)).toContain('"msg":"stopped"');
  });
});
