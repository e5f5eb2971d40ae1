import { spawn } from 'node:child_process';
import type { ProgramResult } from '../machine/run-program.ts';

/** Runs a program to its end as another user (only root may); absent means as this process. Never throws. */
export function runAs(
  user: { uid: number; gid: number } | undefined,
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<ProgramResult> {
  return new Promise((done) => {
    const env = { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' };
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...user });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString('utf8');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString('utf8');
    });
    child.on('error', (error) => done({ code: -1, stdout: '', stderr: error.message }));
    child.on('close', (code) => done({ code: code ?? 1, stdout, stderr }));
  });
}
