import { writeFileSync } from 'node:fs';
import type { CommandOptions, CommandResult, RunCommand } from '../../src/command.ts';

/** One program that was started. */
export interface Started {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: CommandOptions;
}

/** What `terraform` answers, by its verb; all else it does well and says nothing. Other programs are not there. */
export interface TerraformScript {
  readonly json?: string;
  readonly text?: string;
  readonly failing?: Readonly<Record<string, string>>;
  /** Exit code of `plan`: 2 when it changes something. */
  readonly planCode?: number;
}

/** A machine with a Terraform 1.11.4 that plays a script, and a list of what was started on it. */
export function scriptedTerraform(script: TerraformScript): { command: RunCommand; started: Started[] } {
  const started: Started[] = [];
  const answer = (stdout = '', exitCode = 0): CommandResult => ({ exitCode, stdout, stderr: '' });
  const command: RunCommand = async (program, args, options = {}) => {
    started.push({ program, args, options });
    if (program !== 'terraform') throw new Error(`Unable to locate executable file: ${program}`);
    const [verb = ''] = args;
    const failed = script.failing?.[verb];
    if (failed !== undefined) return { exitCode: 1, stdout: '', stderr: failed };
    if (verb === 'version') return answer('{"terraform_version": "1.11.4"}');
    if (verb === 'plan') {
      const file = args.find((one) => one.startsWith('-out='))?.slice('-out='.length);
      if (file) writeFileSync(file, 'a plan');
      return answer('', script.planCode ?? 2);
    }
    if (verb === 'show') return answer(args.includes('-json') ? script.json : script.text);
    return answer(
      verb === 'apply' ? 'done\nApply complete! Resources: 1 added, 0 changed, 0 destroyed.\n' : '',
    );
  };
  return { command, started };
}
