import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { type LocalAws, startLocalAws } from '../aws/local-aws.ts';
import { createCallerRepository } from '../github/caller-repository.ts';
import { type OidcIssuer, startOidcIssuer } from '../github/oidc-issuer.ts';
import { copyPackForAct } from '../github/pack-copy.ts';
import { ensureBaseImage, ensureBuildImage } from '../machine/base-image.ts';
import { connectDocker } from '../machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../machine/docker-engine.ts';
import { repositoryFolder } from '../machine/machine.ts';
import { MachineError } from '../machine/machine-error.ts';
import { node24 } from '../machine/node-24.ts';
import { seedNpmCache } from '../machine/npm-cache.ts';
import { ensurePythonTools } from '../machine/python-tools.ts';
import { runProgram } from '../machine/run-program.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { ensureTerraform } from '../terraform/terraform-program.ts';
import { callerFiles, callerManifest, type Files } from './caller.ts';
import { type CallerRuns, PACK, REPOSITORY } from './caller-run.ts';
import type { Narrator } from './chapter.ts';
import { administratorClients, type Clients } from './clients.ts';
import { type Ground, type GroundOptions, makeGround } from './ground.ts';

/** Everything the story plays on. */
export interface Rehearsal {
  aws: LocalAws;
  clients: Clients;
  ground: Ground;
  runs: CallerRuns;
  /** All files of the caller's repository at its first commit. */
  files: Files;
  head: string;
  /** Ends everything that was started, in the reverse order. */
  stop(): Promise<void>;
}

export interface RehearsalOptions {
  /** Sources of the services, as a repository of their own would hold them. */
  sources: Files;
  /** Factor on ECS's own waits; 0.1 is ten times faster. */
  timeScale: number;
  narrator: Narrator;
  signal: AbortSignal;
}

/**
 * Prepares the machine, starts the OIDC issuer and the local AWS and makes the ground there, while images to build on
 * and the pack's copy for act are made, and then the caller's repository. Whatever was started is ended again if a later part fails.
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
  { sources, timeScale, narrator, signal }: RehearsalOptions,
  ends: (() => Promise<unknown>)[],
): Promise<Omit<Rehearsal, 'stop'>> {
  const log = (line: string) => narrator.tell(line);
  const folder = await makeTemporaryFolder(tmpdir(), 'demo');
  ends.push(() => rm(folder, { recursive: true, force: true }));
  const { bin } = await ensurePythonTools(['moto', 'act'], { log });
  const hasTerraform = await findTerraform(log);
  const engine = await ensureDockerEngine({ log });
  ends.push(() => engine.release());
  signal.throwIfAborted();
  const issuer = await startOidcIssuer({ now: Date.now });
  ends.push(() => issuer.stop());
  const [{ aws, clients, ground }, images, packDir] = await all([
    startGround({ timeScale, narrator, signal, hasTerraform, folder, engine, issuer }, ends),
    makeImages(engine, folder, sources, log),
    makePackCopy(folder, log, signal),
  ]);
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
    env: await stepEnvironment(aws, engine, ground.certificate, folder),
    secrets: { SMOKE: `EMAIL_TOKEN=${ground.apiToken}` },
    logFolder: join(repositoryFolder, '.berth', 'demo'),
  };
  return { aws, clients, ground, runs, files, head };
}

/** Makes sure of a Terraform; says so where there can be none. */
async function findTerraform(log: (line: string) => void): Promise<boolean> {
  try {
    await ensureTerraform({ log });
    return true;
  } catch (error) {
    if (!(error instanceof MachineError)) throw error;
    log(`Terraform is not on PATH: its recorded plans are carried out instead. ${error.message}`);
    return false;
  }
}

type AwsOptions = GroundOptions & { timeScale: number; engine: DockerEngine; issuer: OidcIssuer };

/** The local AWS with IAM enforced, and what Terraform makes on it. */
async function startGround(options: AwsOptions, ends: (() => Promise<unknown>)[]) {
  const { timeScale, narrator, engine, issuer } = options;
  const aws = await startLocalAws({
    timeScale,
    issuers: { [issuer.issuer]: issuer.jwksUrl },
    enforceIam: true,
  });
  ends.push(
    () => removeImages(engine, aws.registry),
    () => aws.stop(),
  );
  narrator.tell(
    `local AWS at ${aws.endpoint}, account ${aws.accountId}, ${aws.region}, time scale ${aws.timeScale}`,
  );
  const clients = administratorClients(aws.endpoint, aws.accountId, aws.region);
  const ground = await makeGround(aws, clients, options);
  ends.push(async () => ground.close());
  narrator.tell(`load balancer at ${ground.url}`);
  // What a public certificate authority does for a real load balancer.
  setDefaultCACertificates([...getCACertificates('default'), ground.certificate]);
  return { aws, clients, ground };
}

/** Waits for all, also when one fails: whatever they start must be known before it is ended. */
async function all<const T extends readonly Promise<unknown>[]>(
  works: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works);
  return await Promise.all(works);
}

/**
 * The images a Dockerfile of the caller starts from, made from this machine's own Node and npm. The engine has built its
 * first stage by then, the packages, as one that has built the caller's images before: Terraform takes as long.
 */
async function makeImages(engine: DockerEngine, folder: string, sources: Files, log: (line: string) => void) {
  const packageFolder = join(folder, 'packages');
  await mkdir(packageFolder);
  for (const name of ['package.json', 'package-lock.json', 'Dockerfile'])
    await writeFile(join(packageFolder, name), sources[name] ?? '');
  const docker = connectDocker(engine.host);
  const seed = await seedNpmCache({ packageFolder });
  const images = { runtime: await ensureBaseImage(docker), build: await ensureBuildImage(docker, seed) };
  await buildPackages(engine, folder, images.build);
  log(`images to build on: ${images.build}, ${images.runtime}`);
  return images;
}

const dockerConfigOf = (folder: string): string => join(folder, 'docker-config');

async function buildPackages(engine: DockerEngine, folder: string, buildImage: string): Promise<void> {
  const args = [
    'build',
    '--target=packages',
    '--tag=berth/packages',
    `--build-arg=BUILD_IMAGE=${buildImage}`,
    join(folder, 'packages'),
  ];
  // The user's own folder of the client's is left alone.
  const own = { DOCKER_HOST: engine.host, DOCKER_CONFIG: dockerConfigOf(folder), DOCKER_BUILDKIT: '1' };
  const { code, stderr } = await runProgram(engine.dockerCli, args, { env: { ...process.env, ...own } });
  if (code !== 0) throw new Error(`the caller's packages cannot be installed:\n${stderr.slice(-2_000)}`);
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

async function readStarters(): Promise<{ deploy: string; rollback: string }> {
  const read = (name: string): Promise<string> => readFile(join(repositoryFolder, 'workflows', name), 'utf8');
  return { deploy: await read('deploy.yml'), rollback: await read('rollback.yml') };
}

/** What a step on GitHub's runner has by itself, and where the rehearsal's AWS and Docker are. */
async function stepEnvironment(
  aws: LocalAws,
  engine: DockerEngine,
  certificate: string,
  folder: string,
): Promise<Record<string, string>> {
  const certificateFile = join(folder, 'load-balancer.pem');
  await writeFile(certificateFile, certificate);
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    DOCKER_HOST: engine.host,
    DOCKER_CONFIG: dockerConfigOf(folder),
    NODE_EXTRA_CA_CERTS: certificateFile,
  };
}
