import { readdirSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTerraform, type TerraformResult } from '../../local/terraform/run-terraform.ts';
import { ensureTerraform } from '../../local/terraform/terraform-program.ts';

export const TERRAFORM = join(import.meta.dirname, '..', '..', 'terraform');
export const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A copy of the project's Terraform code whose states are files in it, for runs against nothing. */
export interface Tree {
  readonly folder: string;
  /** Runs Terraform in a folder of the tree; fails the test with its output on a red exit. */
  run(module: string, ...args: string[]): Promise<TerraformResult>;
  /** The same with whatever exit code. */
  tryRun(module: string, ...args: string[]): Promise<TerraformResult>;
  remove(): Promise<void>;
}

export async function copyTree(): Promise<Tree> {
  await ensureTerraform();
  const folder = await mkdtemp(join(tmpdir(), 'berth-terraform-tree-'));
  await cp(TERRAFORM, folder, { recursive: true });
  for (const stack of await readdir(join(folder, 'stacks'))) {
    const local = 'terraform {\n  backend "local" {}\n}\n';
    await writeFile(join(folder, 'stacks', stack, 'backend_override.tf'), local);
  }
  const tryRun: Tree['tryRun'] = (module, ...args) =>
    runTerraform({
      cwd: join(folder, module),
      args,
      env: process.env,
      dataDir: join(folder, module, '.data'),
    });
  return {
    folder,
    tryRun,
    async run(module, ...args) {
      const result = await tryRun(module, ...args);
      if (result.code !== 0)
        throw new Error(`terraform ${args[0]} in ${module}:\n${result.stderr}${result.stdout}`);
      return result;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Image of a service in the registry of the tests' account. */
export const imageOf = (service: string, project = 'shop'): string =>
  `123456789012.dkr.ecr.us-east-1.amazonaws.com/${project}/${service}@${DIGEST}`;

/** `-var` arguments; what is no string is written as JSON, which HCL reads. */
export const variables = (values: Record<string, unknown>): string[] =>
  Object.entries(values).flatMap(([name, value]) => [
    '-var',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);

/** Folders of `terraform/` that have tests of their own. */
export function testedModules(root = TERRAFORM, below = ''): string[] {
  const entries = readdirSync(join(root, below), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  const here = entries.some(({ name }) => name === 'tests') ? [below] : [];
  const deeper = entries.filter(({ name }) => name !== 'tests' && !name.startsWith('.'));
  return [...here, ...deeper.flatMap(({ name }) => testedModules(root, join(below, name)))].sort();
}

/** One planned resource as `terraform show -json` gives it. */
export interface PlannedResource {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly after: Readonly<Record<string, unknown>> | null;
  };
}

export async function planOf(tree: Tree, module: string, ...args: string[]): Promise<PlannedResource[]> {
  await tree.run(module, 'plan', '-input=false', '-out=plan.bin', ...args);
  const { stdout } = await tree.run(module, 'show', '-json', 'plan.bin');
  const { resource_changes = [] } = JSON.parse(stdout) as { resource_changes?: PlannedResource[] };
  return resource_changes;
}

/** What a plan would change, as `update aws_lb.this`; nothing where code and state agree. */
export async function changesOf(tree: Tree, module: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await tree.run(module, 'plan', '-json', '-input=false', ...args);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as PlanMessage)
    .flatMap(({ type, change }) => (type === 'planned_change' && change ? [change] : []))
    .filter(({ resource }) => !/(^|\.)data\./.test(resource.addr))
    .map(({ action, resource }) => `${action} ${resource.addr}`);
}

/** A line of `terraform plan -json`. */
type PlanMessage = { type: string; change?: { action: string; resource: { addr: string } } };
