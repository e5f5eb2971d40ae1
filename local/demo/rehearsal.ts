import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { type LocalAws, startLocalAws } from '../aws/local-aws.ts';
import { createCallerRepository } from '../github/caller-repository.ts';
import { startOidcIssuer } from '../github/oidc-issuer.ts';
import { copyPackForAct } from '../github/pack-copy.ts';
import { ensureBaseImage, ensureBuildImage } from '../machine/base-image.ts';
import { connectDocker } from '../machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../machine/docker-engine.ts';
import { repositoryFolder } from '../machine/machine.ts';
import { node24 } from '../machine/node-24.ts';
import { seedNpmCache } from '../machine/npm-cache.ts';
import { ensurePythonTools } from '../machine/python-tools.ts';
import { callerFiles, callerManifest, type Files, type SERVICES } from './caller.ts';
import { type CallerRuns, PACK, REPOSITORY, SUBJECTS } from './caller-run.ts';
import { administratorClients, type Clients } from './clients.ts';
import { fillTemplate, publishTemplates } from './first-services.ts';
import { type Ground, makeGround } from './ground.ts';

/** Everything the story plays on. */
export interface Rehearsal {
  aws: LocalAws;
  clients: Clients;
  ground: Ground;
  templates: Record<(typeof SERVICES)[number], RegisterTaskDefinitionCommandInput>;
  runs: CallerRuns;
  /** All files of the caller's repository at its first commit. */
  files: Files;
  head: string;
  /** The e-mail API's token. */
  apiToken: string;
  /** Ends everything that was started, in the reverse order. */
  stop(): Promise<void>;
}

export interface RehearsalOptions {
  /** Sources of the services, as a repository of their own would hold them. */
  sources: Files;
  /** Factor on ECS's own waits; 0.1 is ten times faster. */
  timeScale: number;
  log: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Prepares the machine, starts the local AWS and the OIDC issuer, makes the ground, the pack's copy for act and
 * the caller's repository. Whatever was started is ended again if a later part fails.
 */
export async function startRehearsal(options: RehearsalOptions): Promise<Rehearsal> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    return { ...(await assemble(options, ends)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function assemble(
  { sources, timeScale, log, signal }: RehearsalOptions,
  ends: (() => Promise<unknown>)[],
): Promise<Omit<Rehearsal, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-demo-'));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const { bin } = await ensurePythonTools(['moto', 'act'], { log });
  const engine = await ensureDockerEngine({ log });
  ends.push(() => engine.release());
  signal.throwIfAborted();
  const [images, packDir] = await Promise.all([
    makeImages(engine, folder, sources, log),
    makePackCopy(folder, log, signal),
  ]);
  const issuer = await startOidcIssuer({ now: Date.now });
  ends.push(() => issuer.stop());
  const aws = await startLocalAws({
    timeScale,
    issuers: { [issuer.issuer]: issuer.jwksUrl },
    enforceIam: true,
  });
  ends.push(
    () => removeImages(engine, aws.registry),
    () => aws.stop(),
  );
  log(`local AWS at ${aws.endpoint}, account ${aws.accountId}, ${aws.region}, time scale ${aws.timeScale}`);
  const clients = administratorClients(aws.endpoint, aws.accountId, aws.region);
  const apiToken = randomUUID();
  const ground = await makeGround(clients, aws.accountId, SUBJECTS, apiToken);
  log(`load balancer at ${ground.url}`);
  const templates = readTemplates(sources, ground);
  await publishTemplates(clients, templates);
  const manifest = callerManifest(ground, images, aws.accountId, aws.region, aws);
  const files = callerFiles(sources, await readStarters(), manifest);
  const caller = await createCallerRepository({
    dir: join(folder, 'shop'),
    repository: REPOSITORY.repository,
    author: { name: 'Octo Cat', email: 'octocat@users.noreply.github.com' },
    path: process.env.PATH ?? '',
  });
  const head = await caller.commit('Begin with two services', files);
  const runs = {
    ...{ issuer, caller, packDir, signal, now: Date.now },
    actBin: join(bin, 'act'),
    node24Dir: dirname(node24().path),
    path: [dirname(engine.dockerCli), process.env.PATH].join(delimiter),
    env: stepEnvironment(aws, engine, folder),
    secrets: { SMOKE: `EMAIL_TOKEN=${apiToken}` },
    logFolder: join(repositoryFolder, '.berth', 'demo'),
  };
  return { aws, clients, ground, templates, runs, files, head, apiToken };
}

/** The images a Dockerfile of the caller starts from, made from this machine's own Node and npm. */
async function makeImages(engine: DockerEngine, folder: string, sources: Files, log: (line: string) => void) {
  const packageFolder = join(folder, 'packages');
  await mkdir(packageFolder);
  for (const name of ['package.json', 'package-lock.json'])
    await writeFile(join(packageFolder, name), sources[name] ?? '');
  const docker = connectDocker(engine.host);
  const seed = await seedNpmCache({ packageFolder });
  const images = { runtime: await ensureBaseImage(docker), build: await ensureBuildImage(docker, seed) };
  log(`images to build on: ${images.build}, ${images.runtime}`);
  return images;
}

/** Removes the images that were built for the rehearsal's registry; its address ends with it. */
async function removeImages(engine: DockerEngine, registry: string): Promise<void> {
  const docker = connectDocker(engine.host);
  const built = await docker.listImages({ filters: { reference: [`${registry}/*/*`] } });
  for (const { Id } of built) await docker.getImage(Id).remove({ force: true });
}

/** Builds the actions' bundles afresh and copies the pack as act can read it. */
async function makePackCopy(
  folder: string,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const bundles = join(folder, 'bundles');
  const build = join(repositoryFolder, 'scripts', 'build.ts');
  const program = ['--disable-warning=ExperimentalWarning', build, '--out', bundles];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(process.execPath, program, {
      cwd: repositoryFolder,
      stdio: ['ignore', 'ignore', 'inherit'],
      signal,
    });
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`scripts/build.ts failed (exit ${code})`)),
    );
  });
  const into = join(folder, 'pack');
  await copyPackForAct({
    ...PACK,
    packDir: repositoryFolder,
    into,
    distOf: (action) => join(bundles, action),
  });
  log('the actions are bundled');
  return into;
}

function readTemplates(sources: Files, ground: Ground): Rehearsal['templates'] {
  const fill = (name: (typeof SERVICES)[number]) =>
    fillTemplate(sources[`${name}/task-definition.json`] ?? '', name, ground);
  return { 'email-api': fill('email-api'), 'email-consumer': fill('email-consumer') };
}

async function readStarters(): Promise<{ deploy: string; rollback: string }> {
  const read = (name: string): Promise<string> => readFile(join(repositoryFolder, 'workflows', name), 'utf8');
  return { deploy: await read('deploy.yml'), rollback: await read('rollback.yml') };
}

/** What a step on GitHub's runner has by itself, and where the rehearsal's AWS and Docker are. */
function stepEnvironment(aws: LocalAws, engine: DockerEngine, folder: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: join(folder, 'docker-config'),
  };
}
