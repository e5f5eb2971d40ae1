import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { type LocalAws, startLocalAws } from '../local/aws/local-aws.ts';
import { type ActRun, runWorkflow } from '../local/github/act.ts';
import { type OidcIssuer, startOidcIssuer } from '../local/github/oidc-issuer.ts';
import { ensureBaseImage } from '../local/machine/base-image.ts';
import { connectDocker } from '../local/machine/docker-client.ts';
import { type DockerEngine, ensureDockerEngine } from '../local/machine/docker-engine.ts';
import { ensurePythonTools } from '../local/machine/python-tools.ts';
import { ensureTerraform } from '../local/terraform/terraform-program.ts';
import { test } from '../local/terraform/test/needs-terraform.ts';
import {
  copyPack,
  credentials,
  execute,
  PACK,
  REPOSITORY,
  writeTerraformShim,
} from './terraform/workflow-stage.ts';

const ROOT = join(import.meta.dirname, '..');

/** The commands of the page, by the number of its step. */
async function readSteps(): Promise<Map<number, string>> {
  const page = await readFile(join(ROOT, 'docs', 'getting-started.md'), 'utf8');
  const sections = [...page.matchAll(/^## (\d+)\. [\s\S]*?(?=^## |$(?![\s\S]))/gm)];
  return new Map(
    sections.map(([text, number]) => {
      const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
      return [Number(number), blocks.join('')];
    }),
  );
}

/**
 * What needs a real account at GitHub or a port below 1024, and what stands for it. Everything else is the program
 * itself: aws, git, openssl, and Terraform with the offline provider on the local AWS.
 *
 * - `gh api`: the ids of the repository; `gh variable set`: noted; `gh workflow run`, `git push`: noted, and the
 *   workflow is run by act once the step is over; `gh run` and the wait before it: nothing, as that run is over by then.
 * - the pace of the checks: with `rehearsal` they come at AWS's shortest intervals, and new tasks all at once.
 * - `curl`: noted; the load balancer's listener has another port here, so the test asks there itself.
 */
const STAND_INS: Record<string, string> = {
  gh: `case "$1 $2" in
"api "*) case "$*" in *.owner.id) echo ${REPOSITORY.repositoryOwnerId};; *) echo ${REPOSITORY.repositoryId};; esac;;
"run "*) ;;
*) printf '%s\\n' "gh $*" >> "$NOTED";;
esac`,
  git: `if [ "$1" = push ]; then printf '%s\\n' 'git push' >> "$NOTED"; else exec /usr/bin/env PATH="$REAL_PATH" git "$@"; fi`,
  sleep: 'exit 0',
  curl: `printf '%s\\n' 'curl' >> "$NOTED"`,
};

let folder: string;
let caller: string;
let aws: LocalAws;
let issuer: OidcIssuer;
let engine: DockerEngine;
let steps: Map<number, string>;
let packDir: string;
let path: string;
let baseImage: string;
let runs = 0;

beforeAll(async () => {
  steps = await readSteps();
  folder = await mkdtemp(join(tmpdir(), 'berth-getting-started-'));
  await ensureTerraform();
  engine = await ensureDockerEngine();
  baseImage = await ensureBaseImage(connectDocker(engine.host));
  issuer = await startOidcIssuer({ now: Date.now });
  aws = await startLocalAws({
    issuers: { [issuer.issuer]: issuer.jwksUrl },
    enforceIam: true,
    timeScale: 0.02,
  });
  const bin = await writeTerraformShim(folder);
  for (const [name, script] of Object.entries(STAND_INS))
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  path = [bin, (await ensurePythonTools(['awscli', 'act', 'moto'])).bin, process.env.PATH].join(delimiter);
  packDir = await copyPack(folder);
  await mkdir(join(folder, 'berth'));
  await cp(join(ROOT, 'terraform'), join(folder, 'berth', 'terraform'), { recursive: true });
  await symlink(join(ROOT, 'workflows'), join(folder, 'berth', 'workflows'));
  caller = join(folder, 'shop');
  await mkdir(caller);
  await execute('git', ['init', '--quiet', '--initial-branch=main'], { cwd: caller, env: process.env });
  await execute('git', ['remote', 'add', 'origin', 'https://github.com/acme/shop.git'], {
    cwd: caller,
    env: process.env,
  });
});
afterAll(async () => {
  await aws?.stop();
  await issuer?.stop();
  await engine?.release();
  await rm(folder, { recursive: true, force: true });
});

/** Runs a step in a shell that knows what earlier steps have exported, and gives what it noted for GitHub. */
async function step(number: number): Promise<string[]> {
  const commands = steps.get(number);
  if (!commands) throw new Error(`docs/getting-started.md has no commands in step ${number}`);
  const noted = join(folder, `noted-${number}`);
  const state = join(folder, 'state.sh');
  await writeFile(noted, '');
  const script = `[ -f '${state}' ] && . '${state}'\nexport NOTED='${noted}'\nset -eu\n${commands}\nexport -p > '${state}'\n`;
  const env = {
    ...process.env,
    PATH: path,
    REAL_PATH: process.env.PATH,
    HOME: folder,
    AWS_ENDPOINT_URL: aws.endpoint,
    TF_VAR_rehearsal: 'true',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    GIT_AUTHOR_NAME: 'Octo Cat',
    GIT_AUTHOR_EMAIL: 'octocat@users.noreply.github.com',
    GIT_COMMITTER_NAME: 'Octo Cat',
    GIT_COMMITTER_EMAIL: 'octocat@users.noreply.github.com',
  };
  await execute('bash', ['-c', script], { cwd: caller, env });
  return (await readFile(noted, 'utf8')).trim().split('\n');
}

/** Runs the caller's deploy workflow as GitHub does after a push or a dispatch. */
async function deploy(event: string, payload: Record<string, unknown>): Promise<ActRun> {
  const sha = (await execute('git', ['rev-parse', 'HEAD'], { cwd: caller, env: process.env })).trim();
  const runId = String(++runs);
  const job = { jobWorkflowRef: `${PACK.packName}/.github/workflows/deploy.yml@refs/tags/v1` };
  const tokens = issuer.register({
    ...REPOSITORY,
    repositoryVisibility: 'private',
    ref: 'refs/heads/main',
    sha,
    workflow: 'Deploy',
    workflowRef: 'acme/shop/.github/workflows/deploy.yml@refs/heads/main',
    runId,
    runNumber: runs,
    runAttempt: 1,
    actor: 'octocat',
    actorId: 583231,
    eventName: event,
    runnerEnvironment: 'github-hosted',
    jobs: { changes: job, build: job, deploy: { ...job, environment: 'prod' } },
  });
  return runWorkflow({
    ...PACK,
    actBin: join((await ensurePythonTools(['act'])).bin, 'act'),
    node24Dir: dirname(process.execPath),
    path: [dirname(engine.dockerCli), process.env.PATH].join(delimiter),
    callerDir: caller,
    packDir,
    workflow: '.github/workflows/deploy.yml',
    event,
    eventPayload: {
      ref: 'refs/heads/main',
      repository: { full_name: 'acme/shop', default_branch: 'main' },
      ...payload,
    },
    secrets: { GITHUB_TOKEN: 'none' },
    env: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_EC2_METADATA_DISABLED: 'true',
      DOCKER_HOST: engine.host,
      DOCKER_CONFIG: join(folder, 'docker-config'),
      GITHUB_RUN_ID: runId,
      ACTIONS_ID_TOKEN_REQUEST_URL: tokens.requestUrl('${{ github.job }}'),
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokens.requestToken,
    },
  });
}

/** What the service answers through its load balancer, whose certificate signs itself. */
async function answer(): Promise<string> {
  const elb = new ElasticLoadBalancingV2Client({ endpoint: aws.endpoint, region: 'us-east-1', credentials });
  const { LoadBalancers: [{ LoadBalancerArn, DNSName } = {}] = [] } = await elb.send(
    new DescribeLoadBalancersCommand({}),
  );
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  elb.destroy();
  const port = Listeners.find(({ Protocol }) => Protocol === 'HTTPS')?.Port;
  return new Promise((resolve, reject) => {
    const url = `https://${DNSName}:${port}/`;
    get(url, { rejectUnauthorized: false }, (response) => text(response).then(resolve, reject)).on(
      'error',
      reject,
    );
  });
}

const expectGreen = (run: ActRun): void =>
  expect({ exitCode: run.exitCode, faults: run.faults, log: run.exitCode === 0 ? '' : run.log }).toEqual({
    exitCode: 0,
    faults: [],
    log: '',
  });

describe('getting started, step by step', () => {
  let before: string;

  test('1 to 3: names, an application, manifest, workflows and Terraform are in the repository', async () => {
    expect([...steps.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await step(1);
    await step(2);
    // Public registries may be out of reach: the image starts from one that this machine has made.
    const dockerfile = join(caller, 'Dockerfile');
    await writeFile(
      dockerfile,
      (await readFile(dockerfile, 'utf8')).replace(/BASE_IMAGE=\S+/, `BASE_IMAGE=${baseImage}`),
    );
    expect(await step(3)).toEqual(['git push']);
    expect(await readFile(join(caller, 'berth.yaml'), 'utf8')).toContain('role/solo-prod-deploy');
  });

  test('4: the roles and the bucket of states are there, and the repository knows them', async () => {
    expect(await step(4)).toEqual([
      'gh variable set STATE_BUCKET --body solo-terraform-123456789012',
      ...['plan', 'apply', 'drift'].map(
        (role) =>
          `gh variable set ${role.toUpperCase()}_ROLE --body arn:aws:iam::123456789012:role/solo-prod-${role}`,
      ),
    ]);
  });

  test('5 and 6: the first image is pushed, and its digest noted', async () => {
    await step(5);
    expect(await step(6)).toEqual(['gh workflow run deploy.yml -f services=app -f only=build']);
    expectGreen(
      await deploy('workflow_dispatch', { inputs: { services: 'app', only: 'build', 'dry-run': 'false' } }),
    );
  });

  test('7: the service is made on it', async () => {
    await step(7);
    before = (await execute('git', ['rev-parse', 'HEAD'], { cwd: caller, env: process.env })).trim();
    // Its first tasks start after Terraform has ended.
    const end = Date.now() + 60_000;
    while (!(await answer()).startsWith('Hello') && Date.now() < end) await sleep(200);
    expect(await answer()).toBe('Hello from version 1\n');
  });

  test('8: a push deploys, green, and the new version answers', async () => {
    expect(await step(8)).toEqual(['git push', 'curl']);
    const after = (await execute('git', ['rev-parse', 'HEAD'], { cwd: caller, env: process.env })).trim();
    const run = await deploy('push', { before, after });
    expectGreen(run);
    expect(run.jobs.flatMap(({ outputs }) => outputs.wait?.verdict ?? [])).toEqual(['succeeded']);
    expect(run.summary).toMatch(/app.*succeeded/s);
    expect(await answer()).toBe('Hello from version 2\n');
  });
});
