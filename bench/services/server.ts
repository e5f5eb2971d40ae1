import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** A server under measurement: where it listens, and what its process has used of the processor. */
export interface MeasuredServer {
  readonly url: string;
  /** User and system time so far, in milliseconds. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a server and waits for the line in which it says its port: the first group of `listening`. Throws with what
 * it printed when it ends before that.
 */
export async function startServer(
  [file = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  listening: RegExp,
): Promise<MeasuredServer> {
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: string[] = [];
  const port = new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        if (printed.length < 50) printed.push(line);
        const found = listening.exec(line)?.[1];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code}:\n${printed.join('\n')}`)));
  });
  return {
    url: `http://127.0.0.1:${await port}`,
    cpuMs: () => cpuMsOf(child),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Linux counts in hundredths of a second (proc(5), fields 14 and 15 of `stat`). */
const tickMs = 10;

/** User and system time of a process so far, in milliseconds. */
export async function cpuMsOf({ pid }: ChildProcess): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is the program's name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
