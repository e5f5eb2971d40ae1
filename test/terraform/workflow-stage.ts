import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type LocalAws, startLocalAws } from '../../local/aws/local-aws.ts';
import { type ActRun, runWorkflow } from '../../local/github/act.ts';
import { type GitHubApiStandIn, startGitHubApi } from '../../local/github/api-stand-in.ts';
import { type CallerRepository, createCallerRepository } from '../../local/github/caller-repository.ts';
import { startOidcIssuer } from '../../local/github/oidc-issuer.ts';
import { copyPackForAct } from '../../local/github/pack-copy.ts';
import { ensurePythonTools } from '../../local/machine/python-tools.ts';
import { ensureTerraform } from '../../local/terraform/terraform-program.ts';
import { TERRAFORM, variables } from './tree.ts';

const ROOT = join(TERRAFORM, '..');
export const PACK = { packName: 'OWNER/berth', ref: 'v1' };
export const REPOSITORY = { repository: 'acme/shop', repositoryId: 72, repositoryOwnerId: 41 };
export const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };

/** A local AWS that enforces IAM, with the roles and the bucket that bootstrap makes there, and GitHub around it. */
export interface WorkflowStage {
  readonly aws: LocalAws;
  readonly github: GitHubApiStandIn;
  readonly caller: CallerRepository;
  /** Outputs of bootstrap. */
  readonly bootstrap: {
    roles: Record<string, Record<string, string>>;
    backend: Record<string, { bucket: string }>;
  };
  /** Runs the caller's copy of the starter `terraform.yml` as GitHub would for an event. */
  run(event: string, payload: Record<string, unknown>): Promise<ActRun>;
  stop(): Promise<void>;
}

/**
 * A `terraform` that finds the offline provider: the runner's own would fetch one. Resources are made on the local AWS
 * with the credentials of whoever calls it. What Node has compiled is kept: a workflow calls it a dozen times.
 */
export async function writeTerraformShim(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = join(ROOT, 'local', 'terraform', 'terraform.ts');
  const compiled = join(ROOT, '.berth', 'compile-cache');
  const settings = `PATH='${process.env.PATH}' NODE_COMPILE_CACHE='${compiled}'`;
  const shim = `#!/bin/sh\n${settings} exec '${process.execPath}' --disable-warning=ExperimentalWarning '${program}' --endpoint "$AWS_ENDPOINT_URL" -- "$@"\n`;
  await writeFile(join(bin, 'terraform'), shim);
  await chmod(join(bin, 'terraform'), 0o755);
  return bin;
}

export async function startWorkflowStage(files: Record<string, string>): Promise<WorkflowStage> {
  const stack = new AsyncDisposableStack();
  try {
    return { ...(await assemble(files, stack)), stop: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function assemble(
  files: Record<string, string>,
  stack: AsyncDisposableStack,
): Promise<Omit<WorkflowStage, 'stop'>> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-terraform-workflow-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await ensureTerraform();
  const { bin: tools } = await ensurePythonTools(['act', 'moto']);
  const issuer = await startOidcIssuer({ now: Date.now });
  stack.defer(() => issuer.stop());
  const github = await startGitHubApi(REPOSITORY.repository);
  stack.defer(() => github.stop());
  const aws = await startLocalAws({ issuers: { [issuer.issuer]: issuer.jwksUrl }, enforceIam: true });
  stack.defer(() => aws.stop());
  const bin = await writeTerraformShim(folder);
  const bootstrap = await applyBootstrap(folder, bin, aws.endpoint);
  const packDir = await copyPack(folder);
  const path = [bin, process.env.PATH].join(delimiter);
  const caller = await createCallerRepository({
    dir: join(folder, 'caller'),
    repository: REPOSITORY.repository,
    author: { name: 'Octo Cat', email: 'octocat@users.noreply.github.com' },
    path,
  });
  const starter = await readFile(join(ROOT, 'workflows', 'terraform.yml'), 'utf8');
  await caller.commit('Begin', { ...files, '.github/workflows/terraform.yml': starter });
  const workflow = '.github/workflows/terraform.yml';
  const packJob = { jobWorkflowRef: `${PACK.packName}/${workflow}@refs/tags/v1` };
  let runs = 0;
  return {
    aws,
    github,
    caller,
    bootstrap,
    async run(event, payload) {
      const runId = String(++runs);
      const sha = await caller.git('rev-parse', 'HEAD');
      const tokens = issuer.register({
        ...REPOSITORY,
        repositoryVisibility: 'private',
        ref: event === 'pull_request' ? 'refs/pull/7/merge' : 'refs/heads/main',
        sha,
        workflow: 'Terraform',
        workflowRef: `${REPOSITORY.repository}/${workflow}@refs/heads/main`,
        runId,
        runNumber: runs,
        runAttempt: 1,
        actor: 'octocat',
        actorId: 583231,
        eventName: event,
        runnerEnvironment: 'github-hosted',
        jobs: { plan: packJob, prepare: packJob, apply: { ...packJob, environment: 'prod' }, drift: packJob },
      });
      return runWorkflow({
        ...PACK,
        actBin: join(tools, 'act'),
        node24Dir: dirname(process.execPath),
        path,
        callerDir: caller.dir,
        packDir,
        workflow,
        event,
        eventPayload: payload,
        secrets: { GITHUB_TOKEN: github.token },
        vars: {
          STATE_BUCKET: bootstrap.backend.prod?.bucket ?? '',
          PLAN_ROLE: bootstrap.roles.prod?.plan ?? '',
          APPLY_ROLE: bootstrap.roles.prod?.apply ?? '',
          DRIFT_ROLE: bootstrap.roles.prod?.drift ?? '',
        },
        env: {
          AWS_ENDPOINT_URL: aws.endpoint,
          AWS_EC2_METADATA_DISABLED: 'true',
          GITHUB_API_URL: github.url,
          GITHUB_RUN_ID: runId,
          ACTIONS_ID_TOKEN_REQUEST_URL: tokens.requestUrl('${{ github.job }}'),
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: tokens.requestToken,
        },
      });
    },
  };
}

type BootstrapOutputs = {
  [Name in keyof WorkflowStage['bootstrap']]: { value: WorkflowStage['bootstrap'][Name] };
};

async function applyBootstrap(
  folder: string,
  bin: string,
  endpoint: string,
): Promise<WorkflowStage['bootstrap']> {
  const cwd = join(folder, 'terraform', 'bootstrap');
  await cp(TERRAFORM, join(folder, 'terraform'), { recursive: true });
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const terraform = (...args: string[]) => execute(join(bin, 'terraform'), args, { cwd, env });
  await terraform('init', '-input=false');
  const { repositoryId, repositoryOwnerId } = REPOSITORY;
  const given = {
    project: 'shop',
    github: {
      owner: 'acme',
      owner_id: String(repositoryOwnerId),
      repository: 'shop',
      repository_id: String(repositoryId),
      pack: PACK.packName,
    },
    environments: { prod: { services: { 'email-api': {} } } },
  };
  await terraform('apply', '-auto-approve', '-input=false', ...variables(given));
  const { roles, backend } = JSON.parse(await terraform('output', '-json')) as BootstrapOutputs;
  return { roles: roles.value, backend: backend.value };
}

/** The pack with its bundles as act reads it. */
export async function copyPack(folder: string): Promise<string> {
  const bundles = join(folder, 'bundles');
  const build = [
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'scripts', 'build.ts'),
    '--out',
    bundles,
  ];
  await execute(process.execPath, build, { cwd: ROOT, env: process.env });
  const into = join(folder, 'pack');
  await copyPackForAct({ ...PACK, packDir: ROOT, into, distOf: (action) => join(bundles, action) });
  return into;
}

/** Runs a program and gives what it printed; throws with all of it on a red exit. */
export function execute(
  program: string,
  args: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const texts = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        texts[stream] += text;
      });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(texts.stdout)
        : reject(
            new Error(`${program} ${args.join(' ')} ended with ${code}:\n${texts.stdout}\n${texts.stderr}`),
          ),
    );
  });
}
