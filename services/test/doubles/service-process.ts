import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface ServiceProcess {
  /** Where it listens, on the loopback address. */
  url: string;
  pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  /** What it has logged so far, one JSON text a line. */
  log: string[];
}

/**
 * Runs a bundle as an image does, on a free port, and waits until it serves.
 *
 * Rejects with its log when it exits before that.
 */
export async function startServiceProcess(
  bundle: string,
  environment: Record<string, string>,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [bundle], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = outcomeOf(child);
  const log: string[] = [];
  const url = await Promise.race([
    readUrl(child, log),
    exited.then((outcome) => {
      throw new Error(`It ended with ${outcome} before it served:\n${log.join('\n')}`);
    }),
  ]);
  return { url, pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), exited, log };
}

function readUrl(child: ChildProcess, log: string[]): Promise<string> {
  return new Promise((resolve) => {
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(line);
      const port = /"url":"http:\/\/[^:]+:(\d+)","msg":"serving"/.exec(line)?.[1];
      if (port !== undefined) resolve(`http://127.0.0.1:${port}`);
    });
  });
}

async function outcomeOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = await once(child, 'close');
  return code ?? signal;
}
