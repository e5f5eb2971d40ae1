import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { repositoryFolder } from '../machine/machine.ts';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { createPlanBackend } from './plan-backend/plan-backend.ts';
import { serveProvider } from './protocol/serve.ts';
import { createAwsProvider } from './provider/aws-provider.ts';
import type { Backend } from './provider/backend.ts';
import type { HomeSettings } from './provider/provider-settings.ts';
import { withSensitive } from './provider/rules/with-sensitive.ts';
import type { ProviderSchema } from './schema/provider-schema.ts';
import { readProviderSchema } from './schema/schema-file.ts';
import { tryFindTerraform } from './terraform-program.ts';
import { hintOf } from './type-hint.ts';

export type TerraformOptions = {
  /** Folder of the root module; `-chdir` in `args` comes on top of it. */
  cwd: string;
  args: readonly string[];
  /** Environment of Terraform; PATH must lead to the binary. Usually `process.env`. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where resources are made; nowhere (`createPlanBackend()`) when absent. */
  backend?: Backend;
  /** Account and Region of a provider block that names none. */
  home?: HomeSettings;
  /** Terraform's own folder for this root (modules, selected workspace); outside the tree when absent. */
  dataDir?: string;
  /** Takes Terraform's output as it comes, beside the result. */
  onOutput?: (text: string, stream: 'stdout' | 'stderr') => void;
  /** Asks Terraform to end as Ctrl-C does: after what it is making now, with its state written. */
  signal?: AbortSignal;
};

export type TerraformResult = { code: number; stdout: string; stderr: string };

const providerSource = 'registry.terraform.io/hashicorp/aws';
export const defaultHome: HomeSettings = { region: 'us-east-1', accountId: '123456789012' };

/** Says whether there is a Terraform to run: on the search path, or installed by `ensureTerraform`. */
export async function hasTerraform(env: TerraformOptions['env']): Promise<boolean> {
  return (await tryFindTerraform(env)) !== undefined;
}

/**
 * Runs the Terraform binary with the offline AWS provider: nothing is downloaded and no lock file is written.
 *
 * Each call serves a provider of its own on a private socket, so that any number may run side by side; calls for
 * one `cwd` share its data folder, as Terraform's own runs do. Never throws for what Terraform reports: look at
 * `code`. Throws when there is no binary.
 */
export async function runTerraform(options: TerraformOptions): Promise<TerraformResult> {
  const binary = await tryFindTerraform(options.env);
  if (binary === undefined)
    throw new Error('terraform is not on PATH: install Terraform 1.11 or newer to run this.');
  const { backend = createPlanBackend(), home = defaultHome } = options;
  const schema = await servedSchema();
  const folder = await makeTemporaryFolder(tmpdir(), 'terraform');
  const served = await serveProvider({
    schema,
    createProvider: () => createAwsProvider({ schema, backend, home }),
    socketPath: join(folder, 'provider.sock'),
    source: providerSource,
    processId: process.pid,
    onBug: (error) => options.onOutput?.(`the offline provider broke: ${traceOf(error)}\n`, 'stderr'),
  });
  try {
    const result = await execute(binary, options, served.reattach);
    const hint = hintOf(result.stderr);
    if (hint === '') return result;
    options.onOutput?.(hint, 'stderr');
    return { ...result, stderr: result.stderr + hint };
  } finally {
    await served.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

let knownSchema: Promise<ProviderSchema> | undefined;

/** The schema that is served, read at the first call. */
function servedSchema(): Promise<ProviderSchema> {
  knownSchema ??= readProviderSchema().then(withSensitive);
  return knownSchema;
}

async function execute(
  binary: string,
  options: TerraformOptions,
  reattach: string,
): Promise<TerraformResult> {
  const { cwd, args, env, onOutput } = options;
  const dataDir = options.dataDir ?? dataFolderOf(cwd, args);
  await mkdir(dataDir, { recursive: true });
  const child = spawn(binary, [...args], {
    cwd,
    env: { ...env, ...terraformSettings, TF_DATA_DIR: dataDir, TF_REATTACH_PROVIDERS: reattach },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      texts[stream] += text;
      onOutput?.(text, stream);
    });
  }
  const interrupt = () => child.kill('SIGINT');
  options.signal?.addEventListener('abort', interrupt, { once: true });
  const code = await new Promise<number>((done, fail) => {
    child.once('error', fail);
    child.once('close', (status) => done(status ?? 1));
  }).finally(() => options.signal?.removeEventListener('abort', interrupt));
  return { code, ...texts };
}

/**
 * No user's configuration, no call home, no question that nobody answers. Terraform ends before its garbage matters:
 * collected seldom, a plan of ten services takes a fifth less time and some 200 MB.
 */
const terraformSettings = {
  GOGC: '400',
  TF_CLI_CONFIG_FILE: '/dev/null',
  CHECKPOINT_DISABLE: '1',
  TF_INPUT: '0',
  TF_IN_AUTOMATION: '1',
};

function dataFolderOf(cwd: string, args: readonly string[]): string {
  const changed = args.find((argument) => argument.startsWith('-chdir='))?.slice('-chdir='.length);
  const root = changed === undefined ? resolve(cwd) : resolve(cwd, changed);
  const key = createHash('sha256').update(root).digest('hex').slice(0, 16);
  return join(repositoryFolder, '.berth', 'terraform', 'data', key);
}

function traceOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
