import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { repositoryFolder, thisMachine } from '../machine/machine.ts';
import { type RecordedStack, readRecording, writeRecording } from '../terraform/recording/recording.ts';
import { createRecordingBackend } from '../terraform/recording/recording-backend.ts';
import { runTerraform } from '../terraform/run-terraform.ts';
import { STACK_VARIABLES } from './stack-variables.ts';

type StackName = keyof typeof STACK_VARIABLES;
export type RecordedPlans = Readonly<Record<StackName, RecordedStack>>;

const file = join(import.meta.dirname, 'recorded-plans.json.gz');
const roots = { bootstrap: 'bootstrap', foundation: 'stacks/foundation', services: 'stacks/services' };

/** Reads the committed plans of the rehearsal's stacks, for a machine without Terraform. */
export async function readRecordedPlans(): Promise<RecordedPlans> {
  const texts = JSON.parse(gunzipSync(await readFile(file)).toString('utf8')) as Record<StackName, string>;
  return {
    bootstrap: readRecording(texts.bootstrap),
    foundation: readRecording(texts.foundation),
    services: readRecording(texts.services),
  };
}

/** Writes them, compressed. */
export async function writeRecordedPlans(plans: RecordedPlans): Promise<void> {
  const texts = Object.entries(plans).map(([name, stack]) => [name, writeRecording(stack)]);
  await writeFile(file, gzipSync(JSON.stringify(Object.fromEntries(texts)), { level: 9 }));
}

/** Has Terraform plan and apply the stacks against made-up results, and writes down what it asks for. */
export async function recordPlans(): Promise<RecordedPlans> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-record-'));
  try {
    await cp(join(repositoryFolder, 'terraform'), folder, { recursive: true });
    const bootstrap = await record(folder, 'bootstrap', {});
    const foundation = await record(folder, 'foundation', {});
    const path = join(folder, roots.foundation, 'terraform.tfstate');
    const services = await record(folder, 'services', {
      foundation_state: { backend: 'local', config: { path } },
    });
    return { bootstrap, foundation, services };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function record(
  folder: string,
  name: StackName,
  more: Readonly<Record<string, unknown>>,
): Promise<RecordedStack> {
  const cwd = join(folder, roots[name]);
  await writeFile(join(cwd, 'backend_override.tf'), 'terraform {\n  backend "local" {}\n}\n');
  const backend = createRecordingBackend();
  const run = async (...args: string[]): Promise<string> => {
    const { env } = thisMachine();
    const { code, stdout, stderr } = await runTerraform({
      ...{ cwd, args, env, backend },
      dataDir: join(cwd, '.data'),
    });
    if (code !== 0) throw new Error(`terraform ${args[0]} in terraform/${roots[name]}:\n${stderr}`);
    return stdout;
  };
  const variables = join(cwd, 'recorded.auto.tfvars.json');
  await writeFile(variables, JSON.stringify({ ...STACK_VARIABLES[name], ...more }));
  await run('init', '-no-color');
  await run('apply', '-auto-approve', '-no-color');
  const outputs = JSON.parse(await run('output', '-json')) as Record<string, { value: never }>;
  const values = Object.entries(outputs).map(([output, { value }]) => [output, value] as const);
  return { calls: backend.calls, outputs: Object.fromEntries(values) };
}
