import { join } from 'node:path';
import { thisMachine } from '../../machine/machine.ts';
import type { createLocalBackend } from '../local-backend/local-backend.ts';
import { runTerraform, type TerraformResult } from '../run-terraform.ts';

type Words = [command: string, ...args: string[]];

/** A root module that a suite applies to the local AWS. */
export interface TerraformRoot {
  run(...words: Words): Promise<TerraformResult>;
  /** Throws what Terraform complains of where it does not end well. */
  succeed(...words: Words): Promise<TerraformResult>;
  /** Exit code and words of a plan: 0 for no changes, 2 for some. */
  changes(...args: string[]): Promise<[number, string]>;
}

/** The root module in `folder`/root; `variables` gives the arguments of those that it has no default for. */
export function terraformRoot(
  folder: string,
  backend: ReturnType<typeof createLocalBackend>,
  variables: () => string[] = () => [],
): TerraformRoot {
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
  };
}
