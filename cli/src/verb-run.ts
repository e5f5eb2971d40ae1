import { UserError } from '../../actions/core/src/errors.ts';
import { type ActionDeps, depsOf } from '../../actions/core/src/github/action-run.ts';
import { readInputs } from '../../actions/core/src/github/inputs.ts';
import { renderOutput } from '../../actions/core/src/github/outputs.ts';
import { readFlags } from './flags.ts';
import type { TerminalLog } from './terminal-log.ts';
import { VERBS } from './verbs.ts';

/** What a verb needs from the shell. `deps` replaces parts of what reaches AWS, in tests. */
export interface VerbShell {
  print: (line: string) => void;
  log: TerminalLog;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** The commit that is checked out; empty where there is none. */
  commit: () => Promise<string>;
  deps?: Partial<ActionDeps>;
}

/**
 * Runs the action behind a verb without GitHub: flags are its inputs, lines go to the log, and with `--json` its
 * outputs are printed as one line. Gives the exit code: 0 green, 1 red, 2 for flags that are wrong.
 */
export async function runVerb(verb: string, words: readonly string[], shell: VerbShell): Promise<number> {
  const action = await VERBS[verb]?.load();
  if (!action) throw new Error(`no verb ${verb}`);
  const names = Object.fromEntries(Object.entries(action.inputs).map(([name, spec]) => [name, spec.default]));
  const flags = readFlags(words, names);
  if ('fault' in flags) {
    shell.log.error(`berth ${verb}: ${flags.fault}`);
    return 2;
  }
  const inputs = readInputs(action.inputs, (name) => flags.given[name] ?? '');
  const { outputs, failure } = await action.run(inputs, await depsOfShell(shell));
  shell.log.settle();
  if (flags.json) {
    const texts = action.outputs.map((name) => [name, renderOutput(outputs[name])]);
    shell.print(JSON.stringify(Object.fromEntries(texts)));
  }
  if (failure === undefined) return 0;
  shell.log.error(failure);
  return 1;
}

/** The names of a verb's flags with their defaults, for its help. */
export async function renderVerbHelp(verb: string): Promise<string[]> {
  const action = await VERBS[verb]?.load();
  const flags = Object.entries(action?.inputs ?? {}).map(
    ([name, spec]) => `  --${name}${spec.default === '' ? '' : ` (${spec.default})`}`,
  );
  const where = 'Flags are the inputs of the action, described in its README; defaults in brackets:';
  return [`berth ${verb}: ${VERBS[verb]?.does}`, '', where, ...flags, '  --json   print the outputs as JSON'];
}

async function depsOfShell({ log, env, signal, commit, deps }: VerbShell): Promise<ActionDeps> {
  const real = depsOf(env, signal);
  return {
    ...real,
    log,
    redraw: log.redraw,
    github: { ...real.github, sha: real.github.sha || (await commit()) },
    // Roles are assumed by the token of a job; a shell has a profile that says who it is.
    access: ({ region }) => (region === undefined ? {} : { region }),
    idToken: async () => {
      throw new UserError(
        'CREDENTIALS_NO_ID_TOKEN',
        'A shell has no OIDC token: use a profile (AWS_PROFILE).',
      );
    },
    summary: async () => {},
    ...deps,
  };
}
