import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

export type Moto = {
  /** Base URL, e.g. `http://127.0.0.1:34567`. */
  url: string;
  pid: number;
  /** Ends the process and waits until it is gone. */
  stop(): Promise<void>;
};

const READY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 50;
const KILL_AFTER_MS = 3_000;

/** Runs until its standard input ends, so that it does not outlive a killed parent. */
const SERVER = join(import.meta.dirname, 'moto-server.py');

/**
 * Starts moto's server on a free loopback port and waits until it answers.
 *
 * `bin` is the folder of a Python environment's programs, as `ensurePythonTools` gives it. Rejects with what
 * moto printed when it ends before it answers, or does not answer within a minute. AWS-managed policies are
 * loaded, so that roles can have them attached.
 */
export async function startMoto(bin: string): Promise<Moto> {
  const port = await freePort();
  const python = join(bin, 'python');
  const child = spawn(python, [SERVER, '-H', '127.0.0.1', '-p', String(port)], {
    env: { PATH: '/usr/bin:/bin', MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' },
    stdio: ['pipe', 'ignore', 'pipe'],
    // A process group of its own: Ctrl-C in a terminal must not end it before the tasks' last log lines.
    detached: true,
  });
  const printed = lastLines(child);
  const ended = endOf(child);
  const url = `http://127.0.0.1:${port}`;
  const outcome = await Promise.race([ended, answers(url, () => child.exitCode !== null)]);
  if (outcome === 'answers' && child.pid !== undefined)
    return { url, pid: child.pid, stop: () => end(child, ended) };
  await end(child, ended);
  throw new Error(`moto's server in ${bin} did not start: ${outcome}.\n${printed()}`.trimEnd());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A loopback port has no number.');
  return address.port;
}

/** The end of what the child prints to stderr, kept for an error message. */
function lastLines(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-2_000);
  });
  return () => text;
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
  });
}

async function answers(url: string, gone: () => boolean): Promise<string> {
  const attempts = READY_WITHIN_MS / ASK_EVERY_MS;
  for (let attempt = 0; attempt < attempts && !gone(); attempt++) {
    const response = await fetch(`${url}/moto-api/`).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.ok) return 'answers';
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
  return `it did not answer within ${READY_WITHIN_MS / 1000} s`;
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  await ended;
  clearTimeout(killer);
}
