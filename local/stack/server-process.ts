import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server program that runs beside this process and never outlives it. */
export interface ServerProcess {
  readonly pid: number;
  /** Ends it in its own orderly way, by force after ten seconds, and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would, and waits until it is gone. Rejects when it is not within half a minute. */
  kill(): Promise<void>;
}

export interface ServerProgram {
  file: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** The signal that asks this program for an orderly end. */
  stopSignal: 'TERM' | 'INT';
  /** Whom it runs as; absent means as this process. */
  user?: { uid: number; gid: number };
  /** Says whether it answers; asked every 50 ms. */
  answers(): Promise<boolean>;
}

const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;
const KILL_AFTER_MS = 10_000;
/** A killed process that is not gone by then waits for a disk or a device that does not answer. */
const GONE_WITHIN_MS = 30_000;

/**
 * Runs a program until standard input ends or it ends by itself: the pipe closes when this process dies, however it
 * dies. File descriptor 3 holds the pipe, because a shell gives its background jobs an empty standard input.
 */
const GUARD = [
  'exec 3<&0',
  'signal=$1; shift',
  '"$@" 3<&- </dev/null & server=$!',
  '(cat <&3 >/dev/null; kill -$signal $server) 2>/dev/null &',
  'wait $server',
].join('\n');

/**
 * Starts a server and waits until it answers. Rejects with what it printed when it ends before that, or does not
 * answer within a minute.
 */
export async function startServer(program: ServerProgram): Promise<ServerProcess> {
  const child = spawn('/bin/sh', ['-c', GUARD, 'guard', program.stopSignal, program.file, ...program.args], {
    cwd: program.cwd,
    env: program.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own: Ctrl-C in a terminal must not end it before those who use it.
    detached: true,
    ...program.user,
  });
  const printed = lastPrinted(child);
  const ended = endOf(child);
  const outcome = await Promise.race([ended, isAnswering(program, () => child.exitCode !== null)]);
  if (outcome === 'answers' && child.pid !== undefined) {
    return { pid: child.pid, stop: () => end(child, ended), kill: () => kill(child, ended) };
  }
  await end(child, ended);
  throw new Error(`${program.file} did not start: ${outcome}.\n${printed()}`.trimEnd());
}

/** Ports that no system gives to clients by itself: one of those could be taken before the server is there. */
const ports = { first: 20_000, end: 32_000 };

/** A loopback port that nothing listens on at this moment; two that ask at once hardly get the same. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(ports.first, ports.end);
    if (await isFree(port)) return port;
  }
}

/** Whether nothing listens on a loopback port at this moment. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (isListening) await new Promise((resolve) => server.close(resolve));
  return isListening;
}

async function isAnswering(program: ServerProgram, isGone: () => boolean): Promise<string> {
  for (let attempt = 0; attempt < READY_WITHIN_MS / ASK_EVERY_MS && !isGone(); attempt += 1) {
    if (await program.answers().catch(() => false)) return 'answers';
    await sleep(ASK_EVERY_MS);
  }
  return `it did not answer within ${READY_WITHIN_MS / 1000} s`;
}

/** The end of what the program prints, kept for an error message; reading it also keeps its pipes from filling. */
function lastPrinted(child: ChildProcess): () => string {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('utf8')).slice(-2_000);
    });
  }
  return () => text;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
  }).then((how) => {
    // Lets the guard's reader of the pipe end too.
    child.stdin?.destroy();
    return how as string;
  });
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.destroy();
  const killer = setTimeout(() => killGroup(child), KILL_AFTER_MS);
  await ended;
  clearTimeout(killer);
}

/** A server's own children may have left its process group, as PostgreSQL's do, and would answer for a moment. */
async function kill(child: ChildProcess, ended: Promise<string>): Promise<void> {
  const family = child.pid === undefined ? [] : descendantsOf(child.pid);
  killGroup(child);
  for (const one of family) killProcess(one.pid);
  await ended;
  // The guard goes first; a server's sockets are closed only when the system has taken it apart.
  const deadlineAt = performance.now() + GONE_WITHIN_MS;
  for (let left = leftOf(family); left.length > 0; left = leftOf(family)) {
    if (performance.now() > deadlineAt)
      throw new Error(`Killed, and not gone after ${GONE_WITHIN_MS / 1000} s: process ${left.join(', ')}.`);
    await sleep(5);
  }
}

/** Which of these very processes are still there; another one may have got the id of one that is gone. */
function leftOf(family: readonly RunningProcess[]): number[] {
  const now = readProcesses();
  return family.flatMap(({ pid, startedAt }) =>
    now.some((one) => one.pid === pid && one.startedAt === startedAt) ? [pid] : [],
  );
}

interface RunningProcess {
  pid: number;
  parent: number;
  /** In clock ticks since the system's start. */
  startedAt: string;
}

/** The running processes that a process has started, theirs included; none where the system has no /proc. */
function descendantsOf(pid: number): RunningProcess[] {
  const children = Map.groupBy(readProcesses(), ({ parent }) => parent);
  const found: RunningProcess[] = [];
  const queue = [pid];
  for (const parent of queue) {
    for (const child of children.get(parent) ?? []) {
      found.push(child);
      queue.push(child.pid);
    }
  }
  return found;
}

function readProcesses(): RunningProcess[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The name in brackets may hold anything; state, parent, … and the number of threads come after the last bracket.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      // Ended (Z) and not collected; while threads of it are still going, so are its sockets.
      const isGone = fields[0] === 'Z' && Number(fields[17]) <= 1;
      return isGone ? [] : [{ pid: Number(name), parent: Number(fields[1]), startedAt: fields[19] ?? '' }];
    } catch {
      return [];
    }
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  killProcess(-child.pid);
}

/** Ends a process, or a group by its negative id; one that is gone already is fine. */
function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
