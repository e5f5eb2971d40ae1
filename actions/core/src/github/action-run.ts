import { getInput, saveState } from '@actions/core';
import { type AwsAccess, stsClient } from '../aws-clients.ts';
import { type Clock, type Random, systemClock } from '../clock.ts';
import type { RoleSession } from '../credentials.ts';
import { renderError, UserError } from '../errors.ts';
import type { Log } from '../log.ts';
import { githubLog } from './annotation.ts';
import { type GitHubRun, readGitHubRun } from './github-run.ts';
import { type InputSpecs, type InputsOf, readInputs } from './inputs.ts';
import { appendJobSummary } from './job-summary.ts';
import { type Outputs, writeOutputs } from './outputs.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The audience AWS expects in a GitHub token unless the identity provider says otherwise. */
export const AWS_AUDIENCE = 'sts.amazonaws.com';

/**
 * All that an action's `run` may reach besides its inputs. `signal` is raised by SIGINT and SIGTERM.
 * `access` opens AWS: with a role it trades the job's OIDC token for that role's session, renewed 5 minutes
 * before its end; without one it uses the credentials the SDK finds. `summary` adds Markdown to the job's page.
 */
export interface ActionDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly github: GitHubRun;
  /** The environment handed to programs the action starts (git, docker); actions read no settings from it. */
  readonly env: Env;
  access(who: { role?: string | undefined; region?: string | undefined }): AwsAccess;
  idToken(audience: string): Promise<string>;
  summary(markdown: string): Promise<void>;
  /** Draws the present state anew, where a person watches a terminal. */
  readonly redraw?: ((lines: string[]) => void) | undefined;
  /** Keeps a text for the action's `after`; absent where no runner calls that. */
  readonly saveState?: ((name: string, value: string) => void) | undefined;
}

/** What `run` returns. `failure` is the sentence of a red verdict; absent means green. Outputs are filled in both cases. */
export interface ActionResult<Name extends string> {
  readonly outputs: Outputs<Name>;
  readonly failure?: string;
}

/** An action as data: what it declares, and its `run`. */
export interface Action<S extends InputSpecs, Name extends string> {
  readonly inputs: S;
  readonly outputs: readonly Name[];
  run(inputs: InputsOf<S>, deps: ActionDeps): Promise<ActionResult<Name>>;
  /**
   * The action's last act, at the end of the job, also after a failure or a cancel; needs `post` in `action.yml`.
   * `state` gives what `run` has saved, an empty text for what it has not. Gives the sentences of what went wrong.
   */
  after?(state: (name: string) => string, deps: ActionDeps): Promise<string[]>;
}

/** Kept by the first thing a run does: with it the runner starts the same file again, for `after`. */
const RAN_STATE = 'ran';

/**
 * The entry of every action: reads the inputs, runs, writes the outputs, and fails the step on a red verdict or
 * an error, with one annotation. Never rejects. The exit code is set, not forced, so pending output is written.
 */
export async function runAction<S extends InputSpecs, Name extends string>(
  action: Action<S, Name>,
  env: Env = process.env,
): Promise<void> {
  const stop = new AbortController();
  const raise = (): void => stop.abort();
  process.once('SIGINT', raise).once('SIGTERM', raise);
  try {
    if (action.after && env[`STATE_${RAN_STATE}`]) {
      const state = (name: string): string => env[`STATE_${name}`] ?? '';
      const failures = await action.after(state, depsOf(env, stop.signal));
      if (failures.length > 0) failWith(failures.join('\n'));
      return;
    }
    if (action.after && env.GITHUB_STATE) saveState(RAN_STATE, 'true');
    const inputs = readInputs(action.inputs, getInput);
    const result = await action.run(inputs, depsOf(env, stop.signal));
    writeOutputs(action.outputs, result.outputs);
    if (result.failure !== undefined) failWith(result.failure);
  } catch (error) {
    const place = error instanceof UserError ? error.place : undefined;
    failWith(renderError(error), place && { file: place.file, line: place.line });
  } finally {
    process.off('SIGINT', raise).off('SIGTERM', raise);
  }
}

function failWith(message: string, at?: { file: string; line: number }): void {
  githubLog.error(message, at);
  process.exitCode = 1;
}

/** The real dependencies; tests of a whole action use them too, over scripted HTTP. */
export function depsOf(env: Env, signal: AbortSignal): ActionDeps {
  const github = readGitHubRun(env);
  const idToken = async (audience: string): Promise<string> => {
    const { readIdToken } = await import('./oidc-token.ts');
    return readIdToken(audience, env);
  };
  const providers = new Map<string, Promise<() => Promise<RoleSession>>>();
  const providerOf = async (roleArn: string, region: string | undefined) => {
    const { sessionNameOf, webIdentityProvider } = await import('../credentials.ts');
    return webIdentityProvider({
      roleArn,
      sessionName: sessionNameOf(github.runId, github.runAttempt),
      region: region ?? env.AWS_REGION ?? 'us-east-1',
      sts: (one) => stsClient({ region: one, tries: 1 }),
      idToken: () => idToken(AWS_AUDIENCE),
      clock: systemClock,
      random: Math.random,
      mask: githubLog.mask,
    });
  };
  return {
    clock: systemClock,
    random: Math.random,
    log: githubLog,
    signal,
    github,
    env,
    idToken,
    ...(env.GITHUB_STATE ? { saveState } : {}),
    summary: (markdown) => appendJobSummary(markdown, env.GITHUB_STEP_SUMMARY, githubLog),
    access: ({ role, region }) => {
      const place = region === undefined ? {} : { region };
      if (role === undefined) return place;
      const known = providers.get(role) ?? providerOf(role, region);
      providers.set(role, known);
      return { ...place, credentials: async () => (await known)() };
    },
  };
}
