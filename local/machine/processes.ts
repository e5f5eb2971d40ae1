import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isRunning,
  ownIdentity,
  type ProcessIdentity,
  renderIdentity,
  tryIdentify,
  tryParseIdentity,
} from './process-identity.ts';

/** A program to run, and the folder (`.berth/run`) where it is written down while it runs. */
export interface RecordedProgram {
  file: string;
  args: readonly string[];
  folder: string;
  options?: Omit<SpawnOptions, 'detached'>;
}

/**
 * Starts a program in a process group of its own and writes down, in a file of `folder`, which process it is
 * and whose. If this process is killed, `endOrphans` of a later one ends the program and all it started.
 * Rejects when the program cannot be started.
 */
export async function startRecorded(program: RecordedProgram): Promise<ChildProcess> {
  const { file, args, folder, options = {} } = program;
  await mkdir(folder, { recursive: true });
  const child = spawn(file, args, { ...options, detached: true });
  await new Promise<void>((done, fail) => {
    child.once('spawn', done);
    child.once('error', fail);
  });
  const identity = child.pid === undefined ? undefined : tryIdentify(child.pid);
  if (identity === undefined) return child;
  const record = join(folder, `${identity.pid}-${identity.startedAt}`);
  child.once('exit', () => void rm(record, { force: true }));
  await writeFile(record, `${renderIdentity(identity)}\n${renderIdentity(ownIdentity())}\n`);
  // It may have ended while its record was being written.
  if (child.exitCode !== null || child.signalCode !== null) await rm(record, { force: true });
  return child;
}

/**
 * Ends (SIGKILL) the recorded programs whose starter is dead, with everything in their process groups, and
 * gives their process ids. A program whose pid belongs to another process by now is left alone.
 */
export async function endOrphans(folder: string): Promise<number[]> {
  const ended: number[] = [];
  for (const name of await readdir(folder).catch(() => [])) {
    const record = join(folder, name);
    const [program, owner] = (await readFile(record, 'utf8').catch(() => ''))
      .split('\n')
      .map(tryParseIdentity);
    if (owner && isRunning(owner)) continue;
    if (program && endGroup(program)) ended.push(program.pid);
    await rm(record, { force: true });
  }
  return ended;
}

function endGroup(leader: ProcessIdentity): boolean {
  if (!isRunning(leader)) return false;
  try {
    process.kill(-leader.pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
