import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryFolder, thisMachine } from '../../machine/machine.ts';
import { createLocalBackend } from '../local-backend/local-backend.ts';
import { runTerraform, type TerraformResult } from '../run-terraform.ts';
import { ensureTerraform } from '../terraform-program.ts';

/** Of the account on the local AWS that roots are made in. */
export const credentials = { accessKeyId: '123456789012', secretAccessKey: 'local' };

type Words = [command: string, ...args: string[]];

/** A root module that a suite applies to the local AWS. */
export interface TerraformRoot {
  run(...words: Words): Promise<TerraformResult>;
  /** Throws what Terraform complains of where it does not end well. */
  succeed(...words: Words): Promise<TerraformResult>;
  /** Exit code and words of a plan: 0 for no changes, 2 for some. */
  changes(...args: string[]): Promise<[number, string]>;
  close(): Promise<void>;
}

/**
 * Opens a root module of the one file of this folder, with our modules at `../modules`, on the local AWS at `endpoint`;
 * `variables` gives the arguments of those that it has no default for.
 */
export async function openTerraformRoot(
  file: string,
  { endpoint, variables = () => [] }: { endpoint: string; variables?: () => string[] },
): Promise<TerraformRoot> {
  await ensureTerraform();
  const folder = await mkdtemp(join(tmpdir(), 'berth-root-'));
  await cp(join(repositoryFolder, 'terraform/modules'), join(folder, 'modules'), { recursive: true });
  await mkdir(join(folder, 'root'));
  await cp(join(import.meta.dirname, file), join(folder, 'root/main.tf'));
  const backend = createLocalBackend({ endpoint, credentials });

  async function run(...[command, ...args]: Words): Promise<TerraformResult> {
    const takesVariables = ['apply', 'destroy', 'plan', 'import'].includes(command);
    const isPlain = takesVariables || command === 'init';
    return await runTerraform({
      cwd: join(folder, 'root'),
      args: [command, ...(isPlain ? ['-no-color'] : []), ...(takesVariables ? variables() : []), ...args],
      env: thisMachine().env,
      backend,
      dataDir: join(folder, '.terraform'),
    });
  }
  return {
    run,
    async succeed(...words) {
      const result = await run(...words);
      if (result.code !== 0) throw new Error(`terraform ${words[0]}:\n${result.stderr}`);
      return result;
    },
    async changes(...args) {
      const { code, stdout } = await run('plan', '-detailed-exitcode', ...args);
      return [code, stdout];
    },
    async close() {
      backend.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
