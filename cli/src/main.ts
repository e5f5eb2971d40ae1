import { runCommand } from '../../actions/core/src/command.ts';
import { renderError, UserError } from '../../actions/core/src/errors.ts';
import { type CommandLine, parseCommandLine } from './arguments.ts';
import { terminalLog } from './terminal-log.ts';
import { renderVerbHelp, runVerb } from './verb-run.ts';
import { VERBS } from './verbs.ts';

const HELP = `berth local [--port N] [--time-scale X] [--backend URL] [--enforce-iam] [--api-buckets] [--read-lag-ms N] [--json]

  Starts a local AWS on this machine: ECS on Docker containers, ECR, ELBv2, STS and
  Application Auto Scaling; everything else by moto.

  --port N        port on 127.0.0.1 (4566; another is chosen when it is taken)
  --time-scale X  shortens draining, back-off and bake times; 0.1 is ten times faster (1)
  --backend URL   serve everything else from this endpoint instead of starting moto
  --enforce-iam   check calls of roles to ECS, ECR, ELBv2 and STS against their policies
  --api-buckets   refuse what is faster than ECS's API rate limits
  --read-lag-ms N let reads of a service see a write only after so long (0)
  --json          print one line of JSON once everything answers

berth VERB [--INPUT VALUE] [--json]

${Object.entries(VERBS)
  .map(([verb, { does }]) => `  ${verb.padEnd(10)}${does}`)
  .join('\n')}

  Runs an action without GitHub, with the credentials of this shell; berth VERB --help lists its flags.`;

/** Ends gently at the first signal and at once at the second; what is left then goes at the next start. */
function endOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      controller.abort();
    });
  }
  // berth.mjs on an older Node starts this one with a channel, which closes when that process is killed.
  process.on('disconnect', () => controller.abort());
  return controller.signal;
}

async function main(): Promise<number> {
  const command = parseCommandLine(process.argv.slice(2));
  if (command.kind === 'help') {
    console.log(HELP);
    return 0;
  }
  if (command.kind === 'refused') {
    console.error(`berth: ${command.message}`);
    return 2;
  }
  if (command.kind === 'verb-help') {
    console.log((await renderVerbHelp(command.verb)).join('\n'));
    return 0;
  }
  const signal = endOnSignals();
  return command.kind === 'local' ? startLocal(command, signal) : startVerb(command, signal);
}

async function startLocal(
  { options }: CommandLine & { kind: 'local' },
  signal: AbortSignal,
): Promise<number> {
  try {
    const { runLocal } = await import('./local.ts');
    await runLocal(options, {
      print: console.log,
      note: (line) => console.error(`berth: ${line}`),
      signal,
    });
    return 0;
  } catch (error) {
    if (signal.aborted) return 0;
    console.error(`berth: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function startVerb(
  { verb, words }: CommandLine & { kind: 'verb' },
  signal: AbortSignal,
): Promise<number> {
  const { stderr, env } = process;
  const log = terminalLog({ write: (text) => stderr.write(text), isTTY: stderr.isTTY === true });
  try {
    return await runVerb(verb, words, { print: console.log, log, env, signal, commit: commitHere });
  } catch (error) {
    log.settle();
    log.error(renderError(error));
    return error instanceof UserError && error.code.startsWith('INPUT_') ? 2 : 1;
  }
}

/** The commit that is checked out here; empty outside of a repository, or without git. */
async function commitHere(): Promise<string> {
  try {
    const { exitCode, stdout } = await runCommand('git', ['rev-parse', 'HEAD']);
    return exitCode === 0 ? stdout.trim() : '';
  } catch {
    return '';
  }
}

process.exit(await main());
