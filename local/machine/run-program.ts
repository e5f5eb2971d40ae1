import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** How a program ended. `code` is -1 when it could not be started at all. */
export interface ProgramResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface ProgramOptions {
  env?: Readonly<Record<string, string | undefined>>;
  cwd?: string;
  /** Hears each line that the program writes to stderr, as it comes. */
  onErrorLine?: (line: string) => void;
}

/** Runs a program to its end without a shell. Never throws: a program that is missing has code -1. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((done) => {
    const child = spawn(file, args, {
      env: options.env as NodeJS.ProcessEnv | undefined,
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    if (options.onErrorLine) createInterface({ input: child.stderr }).on('line', options.onErrorLine);
    child.on('error', (error) => done({ code: -1, stdout: '', stderr: error.message }));
    child.on('close', (code) => done({ code: code ?? 1, stdout: text(out), stderr: text(err) }));
  });
}

/** The last `count` lines that say something, for an error's end. */
export function lastLines(output: string, count = 3): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-count).join(' | ');
}

/** Gives the path of a program on the search path, or `undefined`. */
export async function tryFindProgram(name: string, env: ProgramOptions['env']): Promise<string | undefined> {
  for (const folder of (env?.PATH ?? '').split(':').filter(Boolean)) {
    const path = `${folder}/${name}`;
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return undefined;
}

function text(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8');
}
