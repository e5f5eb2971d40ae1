import { join } from 'node:path';
import { type CommandResult, definedEnv, type RunCommand } from '../command.ts';
import { UserError } from '../errors.ts';
import type { ActionDeps } from '../github/action-run.ts';
import { type StatePlace, statePlaceOf, type TerraformInputs } from './terraform-inputs.ts';
import { findTerraform } from './terraform-program.ts';

/** Terraform on one root module, with the session of a role in its environment. */
export interface Terraform {
  /** Connects to the state. */
  init(): Promise<void>;
  /** Writes a plan file; true when it changes anything. Another run's lock is waited for, five minutes. */
  plan(file: string, options: { refresh: boolean }): Promise<boolean>;
  /** The plan as JSON, with all values, also those that must not be shown. */
  showJson(file: string): Promise<string>;
  /** The plan as people read it, without the values that must not be shown. */
  showText(file: string): Promise<string>;
  /** Does what the plan says and nothing else. Gives Terraform's last sentence. */
  apply(file: string): Promise<string>;
}

type Deps = Pick<ActionDeps, 'access' | 'env' | 'github' | 'log'> & { readonly command: RunCommand };

/**
 * Opens Terraform for a root module. The role's session lives an hour, so no plan or apply may take longer.
 * What the runner keeps for actions (tokens, inputs) is not in Terraform's environment.
 */
export async function openTerraform(given: TerraformInputs, deps: Deps): Promise<Terraform> {
  const { command, log, github } = deps;
  const env = { ...plainEnv(deps.env), ...(await sessionOf(given, deps)), ...settingsOf(given) };
  const program = await findTerraform(given['terraform-version'], { command, env, temp: github.temp, log });
  const cwd = join(github.workspace, given.root);
  const run = (args: readonly string[], quiet = false): Promise<CommandResult> =>
    command(program, args, { cwd, env, ...(quiet ? {} : { onLine: log.info }) });
  const must = async (args: readonly string[], quiet = false): Promise<CommandResult> => {
    const result = await run(args, quiet);
    if (result.exitCode === 0) return result;
    throw failure(args[0] ?? '', given.root, result);
  };
  return {
    init: async () =>
      void (await must(['init', '-no-color', '-reconfigure', ...backendArguments(statePlaceOf(given))])),
    plan: async (file, { refresh }) => {
      const result = await run(
        [
          'plan',
          '-no-color',
          '-detailed-exitcode',
          '-lock-timeout=5m',
          `-refresh=${refresh}`,
          `-out=${file}`,
        ],
        // A plan is shown as a whole afterwards.
        true,
      );
      if (result.exitCode !== 0 && result.exitCode !== 2) throw failure('plan', given.root, result);
      return result.exitCode === 2;
    },
    showJson: async (file) => (await must(['show', '-json', file], true)).stdout,
    showText: async (file) => (await must(['show', '-no-color', file], true)).stdout.trim(),
    apply: async (file) => {
      const { stdout } = await must(['apply', '-no-color', '-lock-timeout=5m', file]);
      return /Apply complete!.*/.exec(stdout)?.[0] ?? 'Apply complete.';
    },
  };
}

/** Without `encrypt`, by which the backend names S3's own key where it is given none, and not that of the bucket. */
function backendArguments({ bucket, key, region }: StatePlace): string[] {
  const settings = { bucket, key, region, use_lockfile: 'true' };
  return Object.entries(settings).map(([name, value]) => `-backend-config=${name}=${value}`);
}

function settingsOf(given: TerraformInputs): Record<string, string> {
  const variables = Object.entries(given.variables).map(([name, value]) => [`TF_VAR_${name}`, value]);
  return { TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1', ...Object.fromEntries(variables) };
}

/** Code of a pull request runs in Terraform: it gets the plan role, and no way to ask for another. */
function plainEnv(env: Deps['env']): Record<string, string> {
  const kept = Object.entries(definedEnv(env)).filter(
    ([name]) => !/^(ACTIONS_|INPUT_|GITHUB_TOKEN)/.test(name),
  );
  return Object.fromEntries(kept);
}

async function sessionOf(given: TerraformInputs, { access }: Deps): Promise<Record<string, string>> {
  const region: Record<string, string> = given.region === undefined ? {} : { AWS_REGION: given.region };
  const { credentials } = access({ role: given['role-to-assume'], region: given.region });
  if (typeof credentials !== 'function') return region;
  const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
  return {
    ...region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
  };
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [/No value for required variable/, 'Write it into "variables", NAME=value, one a line.'],
  [/Saved plan is stale/, 'The state has changed since the plan was made: plan again.'],
  [/Error acquiring the state lock/, 'Another run holds the state: wait for its end and run this again.'],
  [
    /Failed to get existing workspaces|NoSuchBucket/,
    'Look at "state-bucket" and at what the role may read there.',
  ],
  [
    /AccessDenied|not authorized to perform|StatusCode: 403/,
    "Look at the role's policies in terraform/bootstrap.",
  ],
];

function failure(verb: string, root: string, { stdout, stderr }: CommandResult): UserError {
  const output = `${stdout}\n${stderr}`;
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-40).join('\n');
  const hint = HINTS.find(([form]) => form.test(output))?.[1];
  const title = `terraform ${verb} failed in ${root}:\n${said}`;
  return new UserError('TERRAFORM_FAILED', hint ? `${title}\n${hint}` : title);
}
