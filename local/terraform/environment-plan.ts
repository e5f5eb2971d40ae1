import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryFolder, thisMachine } from '../machine/machine.ts';
import { runTerraform } from './run-terraform.ts';
import { ensureTerraform } from './terraform-program.ts';

/** Names under `terraform/stacks`. */
export type StackName = 'foundation' | 'services' | 'single';

/** Stands for an image that is not built: no stack looks into it. */
const digest = `sha256:${'0'.repeat(64)}`;
const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/any@${digest}`;

/**
 * Plans stacks of one environment against nothing and gives each plan as `terraform show -json` prints it.
 *
 * The foundation is made of fakes first, so that the services have something to stand on and its own plan tells
 * what is only known after an apply. Takes half a minute for both. Throws with Terraform's words when it refuses.
 */
export async function planEnvironment(
  environment: string,
  stacks: readonly StackName[],
): Promise<ReadonlyMap<StackName, string>> {
  await ensureTerraform();
  const folder = await mkdtemp(join(tmpdir(), 'berth-environment-plan-'));
  try {
    await cp(join(repositoryFolder, 'terraform'), folder, { recursive: true });
    const plans = new Map<StackName, string>();
    for (const stack of stacks) plans.set(stack, await planStack(folder, environment, stack));
    return plans;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function planStack(folder: string, environment: string, stack: StackName): Promise<string> {
  const cwd = join(folder, 'stacks', stack);
  await writeFile(join(cwd, 'backend_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runTerraform({
      cwd,
      args,
      env: thisMachine().env,
      dataDir: join(cwd, '.data'),
    });
    if (code === 0) return stdout;
    throw new Error(`terraform ${args[0]} of ${stack} in ${environment}:\n${stderr}`);
  };
  const given = variables({ environment, ...(await variablesOf(stack, folder)) });
  await run('init', '-input=false');
  if (stack === 'foundation') await run('apply', '-auto-approve', '-input=false', ...given);
  await run('plan', '-input=false', '-refresh=false', '-out=plan.bin', ...given);
  return await run('show', '-json', 'plan.bin');
}

async function variablesOf(stack: StackName, folder: string): Promise<Record<string, unknown>> {
  if (stack === 'foundation') return {};
  if (stack === 'single') return { image };
  const path = join(folder, 'stacks', 'foundation', 'terraform.tfstate');
  return { foundation_state: { backend: 'local', config: { path } }, images: await imagesOf(path) };
}

/** An image for each repository that the foundation has made. */
async function imagesOf(statePath: string): Promise<Record<string, string>> {
  const { outputs } = JSON.parse(await readFile(statePath, 'utf8')) as {
    outputs: { repository_arns: { value: Record<string, string> } };
  };
  return Object.fromEntries(Object.keys(outputs.repository_arns.value).map((name) => [name, image]));
}

/** What is no string is written as JSON, which HCL reads. */
function variables(values: Record<string, unknown>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    '-var',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
}
