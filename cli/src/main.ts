import { parseCommandLine } from './arguments.ts';
import { runLocal } from './local.ts';

const HELP = `berth local [--port N] [--time-scale X] [--backend URL] [--json]

  Starts a local AWS on this machine: ECS on Docker containers, ECR, ELBv2 and STS; everything else by moto.

  --port N        port on 127.0.0.1 (4566; another is chosen when it is taken)
  --time-scale X  shortens draining, back-off and bake times; 0.1 is ten times faster (1)
  --backend URL   serve everything else from this endpoint instead of starting moto
  --json          print one line of JSON once everything answers`;

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
  const signal = endOnSignals();
  try {
    await runLocal(command.options, {
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

process.exit(await main());
