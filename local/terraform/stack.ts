import { join } from 'node:path';
import { repositoryFolder } from '../machine/machine.ts';
import type { Backend } from './provider/backend.ts';
import { runTerraform, type TerraformResult } from './run-terraform.ts';
import { type StateLocation, stateBackendArguments } from './state-backend.ts';

export type StackOptions = {
  /** Folder of the root below `terraform/`, `stacks/foundation`. */
  root: string;
  /** Input variables; what is no text is written as JSON, which Terraform reads. */
  variables: Readonly<Record<string, unknown>>;
  /** Where its state is: a file, or a bucket of the local AWS. */
  state: { file: string } | StateLocation;
  /** Environment of Terraform, with where AWS is for the states that it reads by itself. */
  env: Readonly<Record<string, string | undefined>>;
  backend: Backend;
  /** Terraform's own folder for this stack. */
  dataDir: string;
  /** Asks Terraform to end what it is doing. */
  signal?: AbortSignal;
};

/** One stack of the project's own code on a local AWS. All but `tryRun` throw what Terraform says when it fails. */
export type Stack = {
  /** Name of the stack: the last part of its folder. */
  name: string;
  init(): Promise<void>;
  apply(): Promise<void>;
  /** What a plan would change, as `update aws_lb.this`; nothing where code, state and AWS agree. */
  plan(): Promise<string[]>;
  destroy(): Promise<void>;
  /** Value of an output. */
  output<T>(name: string): Promise<T>;
  /** How many resources the state has. */
  count(): Promise<number>;
};

/** Opens a stack: the code stays where it is, and what Terraform writes is in `dataDir` and the state. */
export function openStack(options: StackOptions): Stack {
  const { root, state } = options;
  const settings = Object.entries(options.variables).flatMap(([name, value]) => [
    '-var',
    `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  ]);
  const place = 'file' in state ? [`-state=${state.file}`] : [];
  const tryRun = async (...args: string[]): Promise<TerraformResult> => {
    const { env, backend, dataDir, signal } = options;
    const cwd = join(repositoryFolder, 'terraform', root);
    const result = await runTerraform({
      ...{ cwd, args, env, backend, dataDir },
      ...(signal && { signal }),
    });
    signal?.throwIfAborted();
    return result;
  };
  const run = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await tryRun(...args);
    if (code !== 0) throw new Error(`terraform ${args[0]} in terraform/${root}:\n${stderr}`);
    return stdout;
  };
  // All at once, and kept until they may be others: Terraform takes half a second to tell any of them.
  let outputs: Promise<Record<string, { value: unknown }>> | undefined;
  const readOutputs = async () =>
    JSON.parse(await run('output', '-json', ...place)) as Record<string, { value: unknown }>;
  return {
    name: root.split('/').at(-1) ?? root,
    async init() {
      await run('init', '-no-color', ...('file' in state ? [] : stateBackendArguments(state)));
    },
    async apply() {
      outputs = undefined;
      await run('apply', '-auto-approve', '-no-color', ...place, ...settings);
    },
    async plan() {
      const { code, stdout } = await tryRun('plan', '-json', '-detailed-exitcode', ...place, ...settings);
      const messages = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as PlanMessage);
      if (code === 0) return [];
      if (code === 2) return messages.flatMap(changeOf);
      const errors = messages.flatMap(({ diagnostic }) => diagnostic?.summary ?? []);
      throw new Error(`terraform plan in terraform/${root}:\n${errors.join('\n')}`);
    },
    async destroy() {
      // Without a look at each before: what has gone meanwhile is passed over.
      await run('destroy', '-auto-approve', '-no-color', '-refresh=false', ...place, ...settings);
    },
    async output<T>(name: string) {
      outputs ??= readOutputs();
      const found = (await outputs)[name];
      if (found === undefined) throw new Error(`terraform/${root} has no output "${name}".`);
      return found.value as T;
    },
    async count() {
      const lines = (await run('state', 'list', ...place)).split('\n').filter(Boolean);
      return lines.filter((address) => !/(^|\.)data\./.test(address)).length;
    },
  };
}

/** A line of `terraform plan -json`. */
type PlanMessage = {
  type: string;
  change?: { resource: { addr: string }; action: string };
  outputs?: Readonly<Record<string, { action?: string }>>;
  diagnostic?: { summary: string };
};

/** What a line says would change. Drift that the plan passes over is CI's and no change. */
function changeOf({ type, change, outputs = {} }: PlanMessage): string[] {
  if (type === 'planned_change' && change) return [`${change.action} ${change.resource.addr}`];
  if (type !== 'outputs') return [];
  return Object.entries(outputs).flatMap(([name, { action = 'noop' }]) =>
    action === 'noop' ? [] : [`${action} output.${name}`],
  );
}
